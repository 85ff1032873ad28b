"""Serving: two sockets, stopping in good order, ports that are taken."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from knowledge.errors import ZhengdaError
from qa_service.http.serving import bind

PROGRAM = """
import sys
from pathlib import Path
from qa_service.composition import build
from qa_service.http.serving import serve
from qa_service.settings import Settings

application = build(Settings(data=Path(sys.argv[1])))
serve(application, sys.argv[2:], 0, lambda addresses: print(*addresses, flush=True))
application.close()
print("closed", flush=True)
"""

IPV6 = (
    socket.has_ipv6 and Path("/proc/net/if_inet6").exists() and Path("/proc/net/if_inet6").read_text() != ""
)


def start(folder: Path, *hosts: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), *hosts],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_on_every_address_and_closes_when_told_to_stop(tmp_path: Path, end: signal.Signals) -> None:
    hosts = ("127.0.0.1", "::1") if IPV6 else ("127.0.0.1",)
    with start(tmp_path, *hosts) as process:
        assert process.stdout is not None
        addresses = process.stdout.readline().split()
        assert len(addresses) == len(hosts)
        assert len({address.rpartition(":")[2] for address in addresses}) == 1, "the same port everywhere"
        for address in addresses:
            with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answered:
                assert json.load(answered)["status"] == "ready"
                assert "server" not in answered.headers
        process.send_signal(end)
        assert process.stdout.read() == "closed\n"
        assert process.wait(20) == 0
    assert list((tmp_path / "index" / "live").glob("*/owner.lock")) == [], "the working copy is given back"


def test_an_address_family_that_is_missing_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    sockets = bind(("127.0.0.1", "2001:db8::1"), 0)
    try:
        assert [bound.family for bound in sockets] == [socket.AF_INET]
    finally:
        for bound in sockets:
            bound.close()
    assert "2001:db8::1" in caplog.text


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ZhengdaError, match=f"127.0.0.1 端口 {port}.*--port"):
            bind(("127.0.0.1",), port)


def test_no_address_at_all_is_told() -> None:
    with pytest.raises(ZhengdaError, match="host"):
        bind(("2001:db8::1",), 0)


def test_answers_are_not_held_back_for_an_acknowledgement() -> None:
    (bound,) = bind(("127.0.0.1",), 0)
    with bound:
        assert bound.proto == socket.IPPROTO_TCP, "without it asyncio leaves TCP_NODELAY off: 40 ms an answer"
