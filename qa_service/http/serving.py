"""Serving over HTTP: the sockets, the server, and stopping in good order."""

import errno
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack

import uvicorn

from knowledge.errors import ZhengdaError
from qa_service.composition import Application
from qa_service.http.app import create_app
from qa_service.http.limits import RateLimits

log = logging.getLogger(__name__)

GRACE_SECONDS = 10
_SWITCH_SECONDS = 0.001
"""A thread that comes back from the database waits so long, and not Python's 5 ms, for one that computes."""
_TAKEN = (errno.EADDRINUSE, errno.EACCES)
Ready = Callable[[list[str]], None]


def serve(application: Application, hosts: Iterable[str], port: int, ready: Ready) -> None:
    """Serve until interrupted or terminated; requests under way are finished first.

    `ready` is called once with the addresses, when connections are accepted. Port 0 takes a free one, the same on
    every host. Raises ZhengdaError when no address can be listened on.
    """
    with ExitStack() as opened:
        sockets = bind(hosts, port)
        for each in sockets:
            opened.callback(each.close)
        serve_on(application, sockets, lambda: ready([address(each) for each in sockets]))


def serve_on(
    application: Application,
    sockets: Sequence[socket.socket],
    ready: Callable[[], None],
    limits: RateLimits | None = None,
    worker: str = "",
) -> None:
    """Serve on sockets that are bound, which several processes may share, until interrupted or terminated.

    `limits` are those that they share too, and `worker` is this one's number.
    """
    config = uvicorn.Config(
        create_app(application, limits, worker),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # create_app does it, so that tests see it too
        timeout_graceful_shutdown=GRACE_SECONDS,
    )

    def started() -> None:
        # What is loaded by now stays: looking through it for garbage would hold up every request for a tenth of a
        # second each time.
        gc.collect()
        gc.freeze()
        ready()

    sys.setswitchinterval(_SWITCH_SECONDS)
    _run(_Server(config, started), list(sockets))


def bind(hosts: Iterable[str], port: int) -> list[socket.socket]:
    """Listening sockets, one a host; a host of an address family that this machine lacks is left out with a warning.

    Raises ZhengdaError when the port is taken or no host is left.
    """
    bound: list[socket.socket] = []
    try:
        for host in hosts:
            made = _bind_one(host, port)
            if made is not None:
                bound.append(made)
                port = made.getsockname()[1]
        if not bound:
            raise ZhengdaError("没有可用的监听地址，请检查设置 host")
    except ZhengdaError:
        for made in bound:
            made.close()
        raise
    return bound


def _bind_one(host: str, port: int) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = None
    try:
        # Named outright, as asyncio sends small packets at once (TCP_NODELAY) only where it sees that this is TCP;
        # else each answer waits 40 ms for the acknowledgement of its first half.
        made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError as error:
        if made is not None:
            made.close()
        if family == socket.AF_INET6 and error.errno not in _TAKEN:
            log.warning("not listening on %s: %s", host, error)
            return None
        raise ZhengdaError(
            f"无法监听 {host} 端口 {port}（{error.strerror}），请换一个端口：--port 端口，或设置 port"
        ) from error
    return made


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._tell()


def _run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Run until told to stop, be it before it listens for that itself or when it raises the signal again, stopped."""
    if threading.current_thread() is not threading.main_thread():
        server.run(sockets=sockets)
        return
    before = signal.signal(signal.SIGTERM, server.handle_exit)
    try:
        server.run(sockets=sockets)
    except KeyboardInterrupt:
        log.info("stopped")
    finally:
        signal.signal(signal.SIGTERM, before)


def address(bound: socket.socket) -> str:
    """Where a socket listens, as a browser takes it."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if bound.family == socket.AF_INET6 else f"http://{host}:{port}"
