"""Several server processes on one port and one data folder."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from qa_service.http.workers import serve_with

serve_with(2, Path(sys.argv[1]), ["127.0.0.1"], 0, lambda addresses: print(*addresses, flush=True))
print("closed", flush=True)
"""


def start(folder: Path, **settings: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "ZHENGDA_ENCODER": "none", **settings}
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


def receipt(address: str) -> int:
    """The status of looking up a receipt that nobody holds, each time over a new connection."""
    try:
        with urllib.request.urlopen(f"{address}/api/v1/tickets/ABCDEFGHJK", timeout=10) as answered:
            return int(answered.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def looked_up(address: str) -> dict[str, int]:
    """How many such requests one of the workers has served, under its number."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answered:
        text = answered.read().decode()
    served = re.findall(r'http_request_seconds_count\{.*receipt.*worker="(\d)"\} (\d+)', text)
    (worker,) = set(re.findall(r'zhengda_index_entries\{worker="(\d)"\}', text))
    assert "zhengda_tickets_overdue 0.0" in text, "what the record says is nobody's own"
    return {worker: sum(int(count) for _, count in served)}


def test_they_count_a_visitors_requests_together_and_tell_apart_what_each_served(tmp_path: Path) -> None:
    with start(tmp_path, ZHENGDA_WEBSITE_PER_MINUTE="6") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        counted: dict[str, int] = {}
        with ThreadPoolExecutor(6) as visitors:  # at once, so that one process cannot take them all
            codes = list(visitors.map(receipt, [address] * 60))

            def both_told() -> bool:
                for each in visitors.map(looked_up, [address] * 6):
                    counted.update(each)
                return len(counted) == 2

            until(both_told)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert set(codes) == {404, 429}
    assert 6 <= codes.count(404) <= 8, "one more comes every ten seconds"
    assert sum(counted.values()) == 60
    assert set(counted) == {"1", "2"}


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
