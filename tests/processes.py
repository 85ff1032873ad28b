"""Other processes on the same data: one that publishes and builds until it is killed, one that serves and follows.

They are forked from a server that has the dictionary loaded, so that a life starts in milliseconds.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from indexer.live import LiveIndex
from indexer.segment import Segmenter
from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry
from knowledge.store import Store
from qa_service.ask import Answered, Asker, ask
from qa_service.composition import StoreSource, build
from qa_service.settings import Settings
from tests.indexer.making import CharacterEncoder

TODAY = date(2026, 3, 2)


@cache
def segmenter() -> Segmenter:
    """One a process; those that are forked have it from the start."""
    return Segmenter()


@cache
def context() -> ForkServerContext:
    """Where processes come from."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.processes_preloaded"])
    return made


def question(number: int) -> str:
    """What entry `number` is asked by, and no other."""
    return f"编号{number:05d}的药品怎么报销"


def an_entry(number: int) -> FaqEntry:
    """Entry `number`, published."""
    text = EntryText(
        question(number), f"编号{number:05d}按规定报销。", "benefits", (f"{number:05d}号药给报吗",)
    )
    return FaqEntry(
        external_id=f"E-{number:05d}",
        status=EntryStatus.PUBLISHED,
        revision=1,
        text=text,
        author="editor",
        published_revision=1,
        published_at=datetime.now(UTC),
    )


def publish(store: Store, number: int) -> None:
    with store.writing("editor") as records:
        records.entries.add(an_entry(number))


def withdraw(store: Store, number: int) -> None:
    with store.writing("editor") as records:
        entry = records.entries.by_external_id(f"E-{number:05d}")
        assert entry is not None
        gone = replace(entry, status=EntryStatus.WITHDRAWN, published_revision=None, published_at=None)
        records.entries.save(gone, "entry.withdrawn")


def open_index(data: Path, store: Store) -> LiveIndex:
    """The index of the data folder, opened, with vectors that take no time to compute."""
    index = LiveIndex(data / "index", StoreSource(store), segmenter(), CharacterEncoder())
    index.open(TODAY)
    return index


def publish_until_killed(url: str, data: Path, number: int, said: Connection) -> None:
    """Publish from `number` on, withdraw every third again, follow, and build the index after every fourth.

    Before each step its name is said, and after it, once its transaction is committed, that it is done.
    """
    store = Store.open(url)
    index = open_index(data, store)

    def step(name: str, subject: int, act: Callable[[], object]) -> None:
        said.send((name, subject, "begins"))
        act()
        said.send((name, subject, "done"))

    while True:
        step("publish", number, partial(publish, store, number))
        step("follow", number, partial(index.follow, TODAY))
        if number % 3 == 0:
            step("withdraw", number, partial(withdraw, store, number))
        if number % 4 == 0:
            step("build", number, partial(index.rebuild, TODAY))
        number += 1


def serve(settings: dict[str, Any], asked: Connection) -> None:
    """Serve as the product does, following the record: each question that comes is answered with the external id of
    the entry that answers it, "" when none does, or the exception.
    """
    application = build(Settings(**settings), segmenter=segmenter())
    application.follower.start()
    with closing(application), closing(asked):
        asked.send("ready")
        while (question := asked.recv()) is not None:
            asked.send(_answer(application.answering, question))


def _answer(parts: Any, question: str) -> str | Exception:
    try:
        outcome = ask(question, Asker(Channel.HOTLINE, record=False), parts, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
        return error
    return outcome.answer.entry.external_id if isinstance(outcome, Answered) else ""


class Server:
    """A process that serves, asked from here."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def ask(self, question: str) -> str:
        """The external id of the entry that answers. Raises what was raised there."""
        self._pipe.send(question)
        if not self._pipe.poll(30):
            raise TimeoutError("the server does not answer")
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


@contextmanager
def serving(**settings: Any) -> Iterator[Server]:
    """A server in a process of its own with these settings."""
    here, there = context().Pipe()
    process = context().Process(target=serve, args=(settings, there))
    process.start()
    there.close()
    try:
        assert here.poll(30), "the server does not start"
        assert here.recv() == "ready"
        yield Server(here)
        here.send(None)
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()
            process.join()
        here.close()
    assert process.exitcode == 0
