"""A real server process over a data folder: how fast it starts, what it weighs, how fast it answers and follows."""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.bench_base import Base, entry_on_the_air
from eval.bench_knowledge import regions_for, samples
from eval.bench_measuring import Timing, resident_mb, timed, timing
from indexer.encoders import Encoder
from indexer.live import LiveIndex
from indexer.scope import Scope
from indexer.segment import Segmenter
from knowledge.entry import Channel, EntryStatus, FaqEntry
from knowledge.store import Store
from knowledge.working_days import china_date
from qa_service.accounts import make_key
from qa_service.composition import StoreSource
from qa_service.settings import Settings

_PATIENCE = 120.0
_LISTENING = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class ServerFigures:
    """A server over a prepared base; the times of publications are from the beginning of the writing transaction.

    `*_here` until this process finds the entry (or no longer finds it), `*_there` until the server does.
    """

    start_seconds: float
    memory_mb: float
    publish_here: Timing
    publish_there: Timing
    withdraw_here: Timing
    withdraw_there: Timing


@dataclass(frozen=True)
class Throughput:
    """Questions answered a second, and how long each took."""

    a_second: float
    took: Timing


class Server:
    """One running `zhengda serve`, and one connection to it that is kept open."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, key: str) -> None:
        self.process = process
        self._port, self._key = port, key
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def another(self) -> "Server":
        """A further connection to the same server."""
        return Server(self.process, self._port, self._key)

    def get(self, path: str, **query: str) -> Any:
        """The JSON of a GET. Raises RuntimeError for anything but 200."""
        return self._call("GET", f"{path}?{urllib.parse.urlencode(query)}", None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON of a POST. Raises RuntimeError for anything but 200."""
        return self._call("POST", path, json.dumps(body).encode())

    def finds(self, entry: FaqEntry) -> bool:
        """Whether a search for the entry's question brings the entry."""
        found = self.get("/api/v1/search", q=entry.text.question, limit="3")
        return any(hit["entry"]["external_id"] == entry.external_id for hit in found["hits"])

    def close(self) -> None:
        """Drop the connection."""
        self._connection.close()

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {content.decode()}")
        return json.loads(content)


@contextmanager
def serving(settings: Settings, workers: int = 1) -> Iterator[tuple[Server, float]]:
    """A server over the data folder on a free port, and the seconds it took until it was ready; stopped afterwards."""
    store = Store.open(settings.store_url)
    key, _ = make_key(store, "bench", Channel.API, False, 1_000_000, "system", datetime.now(UTC))
    store.close()
    command = [str(Path(sys.executable).with_name("zhengda")), "--data", str(settings.data)]
    with tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*command, "serve", "--host", "127.0.0.1", "--port", "0", "--workers", str(workers)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=_environment(),
        )
        try:
            server = Server(process, _port(process, errors), key)
            server.get("/readyz")
            seconds = time.perf_counter() - started
            try:
                yield server, seconds
            finally:
                server.close()
        finally:
            process.terminate()
            process.wait()
            if process.stdout:
                process.stdout.close()


def measure_server(base: Base, encoder: Encoder, rounds: int) -> ServerFigures:
    """Start a server, publish and withdraw `rounds` entries, and weigh the server when it has done all it does."""
    with serving(base.settings) as (server, start_seconds):
        server.get("/api/v1/suggest", q="医保")  # waits until the list for typing ahead is in memory
        for code in regions_for(base.count)[:50]:
            server.get("/api/v1/search", q="住院报销比例是多少", region=code)
        published, withdrawn = _publications(base, encoder, server, rounds)
        return ServerFigures(
            start_seconds,
            resident_mb(server.process.pid),
            *(timing([each[place] for each in published]) for place in (0, 1)),
            *(timing([each[place] for each in withdrawn]) for place in (0, 1)),
        )


def measure_ask(server: Server, questions: list[str]) -> Timing:
    """One client asks one question after the other over one connection; every question is recorded."""
    elapsed = []
    for number, question in enumerate(questions):
        started = time.perf_counter()
        server.post("/api/v1/ask", {"question": question})
        if number >= len(questions) // 10:  # the first tenth warms up
            elapsed.append(time.perf_counter() - started)
    return timing(elapsed)


def throughput(server: Server, questions: list[str], clients: int, seconds: float) -> Throughput:
    """So many clients at once, each its next question as soon as the last is answered: each question at most once, for
    at most so long. Raises what a client's request raises.
    """
    waiting, deadline = iter(questions), time.perf_counter() + seconds
    turn = threading.Lock()

    def client(_: int) -> list[float]:
        connection, elapsed = server.another(), list[float]()
        try:
            while time.perf_counter() < deadline:
                with turn:
                    question = next(waiting, None)
                if question is None:
                    break
                started = time.perf_counter()
                connection.post("/api/v1/ask", {"question": question})
                elapsed.append(time.perf_counter() - started)
        finally:
            connection.close()
        return elapsed

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        elapsed = [each for of_one in pool.map(client, range(clients)) for each in of_one]
    return Throughput(len(elapsed) / (time.perf_counter() - started), timing(elapsed))


def measure_encoding(encoder: Encoder, questions: list[str]) -> Timing:
    """The default encoder alone, a question at a time."""
    encoder.encode_questions(questions[:3])
    return timed(lambda text: encoder.encode_questions([text]), questions)


Both = tuple[float, float]


def _publications(base: Base, encoder: Encoder, server: Server, rounds: int) -> tuple[list[Both], list[Both]]:
    """Seconds until this process and the server see each publication, and each withdrawal."""
    store = Store.open(base.settings.store_url)
    index = LiveIndex(base.settings.index_folder, StoreSource(store), Segmenter(), encoder)
    try:
        index.open(china_date(datetime.now(UTC)))
        published, withdrawn = [], []
        for _ in range(rounds):
            entry = _new_entry(store)
            started = time.perf_counter()
            with store.writing("system") as records:
                entry = records.entries.add(entry, action="entry.published")
            published.append(_seen(entry, True, index, server, started))
            gone = replace(entry, status=EntryStatus.WITHDRAWN, published_revision=None)
            started = time.perf_counter()
            with store.writing("system") as records:
                records.entries.save(gone, "entry.withdrawn")
            withdrawn.append(_seen(entry, False, index, server, started))
        return published, withdrawn
    finally:
        index.close()
        store.close()


def _new_entry(store: Store) -> FaqEntry:
    with store.writing("system") as records:
        external_id = records.entries.new_external_id("bench")
    text = next(iter(samples().values()))
    text = replace(
        text, question=f"第{external_id}号通告里的康复项目怎么申请？", variants=(f"{external_id}康复项目",)
    )
    return entry_on_the_air(external_id, text, datetime.now(UTC))


def _seen(entry: FaqEntry, wanted: bool, index: LiveIndex, server: Server, started: float) -> Both:
    scope = Scope(china_date(datetime.now(UTC)))
    index.follow(scope.on)
    hits = index.search(entry.text.question, scope).hits
    here = time.perf_counter() - started
    if any(hit.entry_id == entry.id for hit in hits) is not wanted:
        raise RuntimeError(f"{entry.external_id}: the index did not follow")
    _until(lambda: server.finds(entry) is wanted)
    return here, time.perf_counter() - started


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError("the server did not follow")
        time.sleep(0.005)


def _environment() -> dict[str, str]:
    """This process's environment without settings of an installation here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGDA_")}
    return kept | {"PYTHONUNBUFFERED": "1"}


def _port(process: "subprocess.Popen[str]", errors: Any) -> int:
    for line in process.stdout or ():
        if match := _LISTENING.search(line):
            return int(match.group(1))
    errors.seek(0)
    raise RuntimeError(f"the server did not start: {errors.read()}")
