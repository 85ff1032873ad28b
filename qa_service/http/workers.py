"""Several server processes on the same sockets and the same data folder.

The parent binds and watches; each worker is a process of its own with its own copy of the index, as any two servers on
one folder are. Rate limits are counted together, in a file that all of them map. A worker that dies is replaced; when
the parent goes, however it goes, its workers stop.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType
from typing import IO

from knowledge.errors import ZhengdaError
from qa_service.composition import build
from qa_service.http.limits import RateLimits
from qa_service.http.serving import GRACE_SECONDS, Ready, address, bind, serve_on
from qa_service.http.shared_buckets import SharedBuckets
from qa_service.settings import read_settings

log = logging.getLogger(__name__)

START_SECONDS = 120.0
_LOOK_SECONDS = 0.5


def serve_with(count: int, data: Path, hosts: Iterable[str], port: int, ready: Ready) -> None:
    """Serve with so many processes until interrupted or terminated; `ready` is called when all of them accept.

    Raises ZhengdaError when no address can be listened on, or when a worker does not start.
    """
    stop = threading.Event()

    def asked_to_stop(_: int, __: FrameType | None) -> None:
        stop.set()

    with ExitStack() as opened:
        sockets = [opened.enter_context(each) for each in bind(hosts, port)]
        for each in sockets:
            each.listen(2048)
        buckets = SharedBuckets.sized(opened.enter_context(TemporaryFile()))
        for end in (signal.SIGTERM, signal.SIGINT):
            opened.callback(signal.signal, end, signal.signal(end, asked_to_stop))
        workers: list[_Worker] = []
        opened.callback(_stop_all, workers)
        workers.extend(_Worker(number, data, buckets, sockets) for number in range(1, count + 1))
        if all(worker.started(stop) for worker in workers):
            ready([address(each) for each in sockets])
        while not stop.wait(_LOOK_SECONDS):
            for place, worker in enumerate(workers):
                if worker.ended:
                    log.error("a worker ended with exit code %s; another is started", worker.exit_code)
                    worker.stop()
                    workers[place] = _Worker(place + 1, data, buckets, sockets)


class _Worker:
    """One process; the pipe to it tells it that we live, the one from it tells us that it accepts."""

    def __init__(self, number: int, data: Path, buckets: IO[bytes], sockets: Sequence[socket.socket]) -> None:
        self._ready, tell = os.pipe()
        alive, self._alive = os.pipe()
        passed = (alive, tell, buckets.fileno(), *(each.fileno() for each in sockets))
        command = [sys.executable, "-m", __name__, str(data), str(number), *map(str, passed)]
        # In a session of its own, so that Ctrl+C comes to the parent alone, which then stops all in good order.
        self._process = subprocess.Popen(command, pass_fds=passed, start_new_session=True)
        os.close(alive)
        os.close(tell)

    def started(self, stop: threading.Event) -> bool:
        """Wait until it accepts; False when we are to stop before. Raises ZhengdaError when it does not start."""
        deadline = time.monotonic() + START_SECONDS
        while not stop.is_set() and time.monotonic() < deadline:
            if select.select([self._ready], [], [], _LOOK_SECONDS)[0]:
                if os.read(self._ready, 1):
                    return True
                break
        if stop.is_set():
            return False
        raise ZhengdaError("服务进程没有启动，原因见上文；请排除后重新启动")

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        return self._process.returncode

    def terminate(self) -> None:
        """Tell it to finish what is under way and end."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def stop(self) -> None:
        """Wait until it has ended, for as long as requests may take, and give back what it was watched by."""
        try:
            self._process.wait(GRACE_SECONDS * 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._alive)
        os.close(self._ready)


def _stop_all(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.stop()


def _work(data: Path, number: str, alive: int, tell: int, buckets: int, shared: Sequence[int]) -> None:
    """The worker's side. Being told to stop waits until it serves: half started, it would leave its files behind."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    application = build(read_settings(data))
    threading.Thread(target=_end_with_parent, args=(alive,), name="parent-watch", daemon=True).start()
    try:
        limits = RateLimits(buckets=SharedBuckets(os.fdopen(buckets, "r+b", buffering=0)))
        sockets = [socket.socket(fileno=each) for each in shared]
        serve_on(application, sockets, lambda: _serving(tell, told), limits, number)
    finally:
        application.close()


def _serving(tell: int, told: threading.Event) -> None:
    with suppress(BrokenPipeError):
        os.write(tell, b"1")
    if told.is_set():
        signal.raise_signal(signal.SIGTERM)


def _end_with_parent(alive: int) -> None:
    """Nothing is ever written there: it can be read when the other end is closed."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    alive, tell, buckets, *shared = map(int, sys.argv[3:])
    _work(Path(sys.argv[1]), sys.argv[2], alive, tell, buckets, shared)
