"""Several server processes on one port and one data folder."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from qa_service.http.workers import serve_with

serve_with(2, Path(sys.argv[1]), ["127.0.0.1"], 0, lambda addresses: print(*addresses, flush=True))
print("closed", flush=True)
"""


def start(folder: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "ZHENGDA_ENCODER": "none"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )


def workers_of(folder: Path) -> set[int]:
    """The processes that hold a working copy of the index."""
    return {int(copy.name.partition("-")[0]) for copy in (folder / "index" / "live").glob("*/")}


def ready(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answered:
        return bool(json.load(answered)["status"] == "ready")


def until(happened: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_both_serve_one_that_dies_is_replaced_and_all_stop_when_told_to(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert ready(address)
        first = workers_of(tmp_path)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        until(lambda: len(workers_of(tmp_path) - first) == 1)
        until(lambda: ready(address))
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "closed\n"
        assert process.wait(20) == 0
    assert workers_of(tmp_path) == set()


def test_told_to_stop_while_they_start_they_leave_nothing(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        until(lambda: workers_of(tmp_path))
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.read() == "closed\n"
        assert process.wait(20) == 0
    assert workers_of(tmp_path) == set()


def test_workers_stop_when_the_parent_is_killed(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.kill()
        until(lambda: not list((tmp_path / "index" / "live").glob("*/owner.lock")))
