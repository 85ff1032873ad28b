"""Killed at any point of publishing and of building, nothing acknowledged is lost and others go on serving."""

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import pytest

from indexer.live import LiveIndex
from indexer.scope import Scope
from indexer.snapshot import open_current
from knowledge.store import Store
from tests.processes import (
    TODAY,
    Server,
    context,
    open_index,
    publish,
    publish_until_killed,
    question,
    segmenter,
    serving,
)

KILLS = 50
KNOWN = 1
"""An entry that is on the air all along."""


@dataclass
class Life:
    """What one process said before it was killed."""

    begun: list[tuple[str, int]] = field(default_factory=list)
    done: list[tuple[str, int]] = field(default_factory=list)

    @property
    def died_in(self) -> str:
        """The step that was under way, "" between two."""
        return self.begun[-1][0] if len(self.begun) > len(self.done) else ""


class Killer:
    """Starts processes that publish, and kills each in the step that it aims at."""

    def __init__(self, url: str, data: Path) -> None:
        self._url = url
        self._data = data
        self._chance = random.Random(20261121)  # the same aims every run; the machine decides where they hit
        self._took: dict[str, float] = {}

    def live_and_die(self, number: int, step: str) -> Life:
        """The life of a process that publishes from `number` on, killed at some moment of `step`."""
        here, there = context().Pipe()
        process = context().Process(target=publish_until_killed, args=(self._url, self._data, number, there))
        process.start()
        there.close()
        life = Life()
        skipped = self._chance.randrange(3)
        while not (self._hear(here, life) == (step, "begins") and (skipped := skipped - 1) < 0):
            pass
        here.poll(self._chance.uniform(0, 1.3 * self._took.get(step, 0.02)))
        process.kill()
        process.join()
        while self._hear(here, life) is not None:
            pass
        here.close()
        return life

    def _hear(self, pipe: Connection, life: Life) -> tuple[str, str] | None:
        """The step and what of it was said; None when nothing more will be."""
        try:
            step, subject, what = pipe.recv()
        except (EOFError, ConnectionResetError):
            return None
        now = time.monotonic()
        if what == "begins":
            life.begun.append((step, subject))
            self._started = now
        else:
            life.done.append((step, subject))
            self._took[step] = now - self._started
        return step, what


@dataclass
class Acknowledged:
    """What the processes said was done: the entries that must be on the air, and those that must not.

    `open_end` are those whose last step was cut off: it happened altogether or not at all.
    """

    published: set[int] = field(default_factory=set)
    withdrawn: set[int] = field(default_factory=set)
    open_end: set[int] = field(default_factory=set)

    def add(self, life: Life) -> None:
        for step, number in life.done:
            if step == "publish":
                self.published.add(number)
            elif step == "withdraw":
                self.published.discard(number)
                self.withdrawn.add(number)
        if life.died_in in ("publish", "withdraw"):
            number = life.begun[-1][1]
            self.published.discard(number)
            self.open_end.add(number)


def check_record(path: Path, acknowledged: Acknowledged) -> None:
    """Everything acknowledged is there, and nothing is there by half."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = dict(database.execute("SELECT external_id, published_revision FROM entries").fetchall())
        on_the_air = {int(name[2:]) for name, revision in rows.items() if revision is not None}
        stored = {int(name[2:]) for name in rows}
        (sequence,) = database.execute("SELECT value FROM counters WHERE name = 'publications'").fetchone()
        numbers = [row[0] for row in database.execute("SELECT seq FROM publications ORDER BY seq")]
        changes = len(stored) + len(stored - on_the_air)
        (drafted,) = database.execute("SELECT count(*) FROM audit WHERE action = 'entry.drafted'").fetchone()
        (revisions,) = database.execute("SELECT count(*) FROM revisions").fetchone()
    assert acknowledged.published <= on_the_air
    assert acknowledged.withdrawn <= stored - on_the_air
    assert stored <= acknowledged.published | acknowledged.withdrawn | acknowledged.open_end
    # Each publication has its number, its audit line and its revision: they were committed together.
    assert numbers == list(range(1, sequence + 1))
    assert sequence == changes
    assert drafted == revisions == len(stored)


def check_index(data: Path, url: str, acknowledged: Acknowledged, looked_for: set[int]) -> None:
    """The current snapshot opens, and what is on the air is found and nothing else."""
    with closing(Store.open(url)) as store:
        assert open_current(data / "index", segmenter(), encoder=None) is not None
        index = open_index(data, store)
        with closing(index):
            with store.reading() as records:
                assert index.entries() == records.publications.count()
            for number in looked_for & acknowledged.published:
                assert found(index, number), number
            for number in looked_for & acknowledged.withdrawn:
                assert not found(index, number), number


def found(index: LiveIndex, number: int) -> bool:
    """Whether the number's own question finds its entry by both of its sides, first of all."""
    hits = index.search(question(number), Scope(TODAY)).hits
    with_number = [hit for hit in hits if hit.lexical_rank == 1 and hit.similarity > 0.999]
    return len(with_number) == 1


def check_nothing_lies_around(data: Path, url: str) -> None:
    """After one more build, of fifty killed processes nothing is left but what they acknowledged."""
    root = data / "index"
    with closing(Store.open(url)) as store, closing(open_index(data, store)) as index:
        manifest = index.rebuild(TODAY)
        assert len(list((root / "live").glob("*/"))) == 2  # this one's and the server's
    snapshots = {folder.name for folder in (root / "snapshots").iterdir()}
    assert manifest.name in snapshots
    assert len(snapshots) <= 2
    for name in snapshots:
        assert json.loads((root / "snapshots" / name / "manifest.json").read_text())["name"] == name
    assert list(root.glob(".*")) == []


@dataclass
class Witness:
    """Asks a server over and over."""

    answers: Counter[str] = field(default_factory=Counter)

    def ask_until(self, done: Event, server: Server) -> None:
        while not done.wait(0.01):
            self.answers[server.ask(question(KNOWN))] += 1


@contextmanager
def watched(data: Path) -> Iterator[Witness]:
    """A server on the data, asked all the while. An error in it is raised at the end."""
    done, witness = Event(), Witness()
    with serving(data=data, encoder="none", follow_seconds=0.1) as server, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(witness.ask_until, done, server)
        try:
            yield witness
        finally:
            done.set()
            asking.result()


@pytest.mark.slow
def test_a_process_killed_at_fifty_random_points_loses_nothing_and_others_serve_throughout(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'zhengda.sqlite'}"
    with closing(Store.open(url)) as store:
        publish(store, KNOWN)
    acknowledged = Acknowledged(published={KNOWN})
    killer, deaths, chance = Killer(url, tmp_path), Counter[str](), random.Random(1)
    number = KNOWN + 1
    with watched(tmp_path) as witness:
        for kill in range(KILLS):
            step = ("publish", "build", "follow", "build", "withdraw")[kill % 5]
            life = killer.live_and_die(number, step)
            deaths[life.died_in] += 1
            acknowledged.add(life)
            check_record(tmp_path / "zhengda.sqlite", acknowledged)
            born = {subject for _, subject in life.begun}
            known = sorted(acknowledged.published | acknowledged.withdrawn)
            check_index(tmp_path, url, acknowledged, born | set(chance.sample(known, min(10, len(known)))))
            number = max(born, default=number) + 1
        check_nothing_lies_around(tmp_path, url)
        check_index(tmp_path, url, acknowledged, acknowledged.published | acknowledged.withdrawn)
    # The kills fell into every step, and the server answered right every single time.
    assert all(deaths[step] >= 2 for step in ("publish", "follow", "build")), deaths
    assert set(witness.answers) == {"E-00001"}
    assert witness.answers["E-00001"] > KILLS
