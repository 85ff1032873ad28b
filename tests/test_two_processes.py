"""Two server processes on one data folder: what one publishes the other answers within two seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.entry import EntryText
from knowledge.policy import Citation, PolicyDocument, Validity
from qa_service.ask import Answered, Asker, ask
from qa_service.composition import Application, build
from qa_service.settings import Settings
from tests import cast
from tests.processes import Server, segmenter, serving

WITHIN = 2.0
"""Seconds."""
ALLOWANCE = EntryText(
    "职工生育津贴怎么领取？",
    "由用人单位或本人申领。",
    "benefits",
    citations=(Citation("国务院令第619号", "女职工劳动保护特别规定", "第八条"),),
)
LAW = PolicyDocument("女职工劳动保护特别规定", "国务院令第619号")


@pytest.fixture
def application(store_url: str, tmp_path: Path) -> Iterator[Application]:
    """The process that the tests run in is one of the two."""
    settings = Settings(data=tmp_path, database_url=store_url, encoder="none")
    with closing(build(settings, segmenter=segmenter())) as made:
        with made.store.writing("system") as records:
            cast.settle(records)
        made.follower.start()
        yield made


@pytest.fixture
def other(application: Application) -> Iterator[Server]:
    """The other one."""
    settings = application.settings
    with serving(data=settings.data, database_url=settings.database_url, encoder="none") as server:
        yield server


def publish(application: Application, text: EntryText) -> str:
    """Draft and sign; gives the external id."""
    publishing = application.publishing
    entry = publishing.draft(text, cast.EDITOR)
    entry = publishing.submit(entry.id, entry.version, cast.EDITOR)
    for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
        entry = publishing.sign(entry.id, entry.version, signer)
    return entry.external_id


def seconds_until(condition: Callable[[], bool]) -> float:
    """How long it takes to hold; long after the deadline we give up."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > 5 * WITHIN:
            break
    return time.monotonic() - started


def test_what_one_publishes_the_other_answers(application: Application, other: Server) -> None:
    assert other.ask(ALLOWANCE.question) == ""
    external_id = publish(application, ALLOWANCE)
    assert seconds_until(lambda: other.ask(ALLOWANCE.question) == external_id) < WITHIN


def test_what_one_withdraws_the_other_answers_no_more(application: Application, other: Server) -> None:
    external_id = publish(application, ALLOWANCE)
    seconds_until(lambda: other.ask(ALLOWANCE.question) == external_id)
    with application.store.reading() as records:
        entry = records.entries.by_external_id(external_id)
    assert entry is not None
    application.publishing.withdraw(entry.id, entry.version, cast.HEAD, "政策调整")
    assert other.ask(ALLOWANCE.question) == ""


def test_a_document_that_one_repeals_silences_the_other(application: Application, other: Server) -> None:
    document = application.publishing.add_policy(LAW, cast.EDITOR)
    external_id = publish(application, ALLOWANCE)
    seconds_until(lambda: other.ask(ALLOWANCE.question) == external_id)
    repealed = PolicyDocument(**{**vars(document), "validity": Validity.REPEALED})
    application.publishing.change_policy(repealed, cast.EDITOR, "被新规定废止")
    assert other.ask(ALLOWANCE.question) == ""


def test_what_the_other_published_is_answered_here_after_a_rebuild_there(
    application: Application, other: Server
) -> None:
    external_id = publish(application, ALLOWANCE)
    application.index.rebuild(application.today())
    assert seconds_until(lambda: other.ask(ALLOWANCE.question) == external_id) < WITHIN

    def answered_here() -> bool:
        asker = Asker(record=False)
        return isinstance(
            ask(ALLOWANCE.question, asker, application.answering, application.clock()), Answered
        )

    assert answered_here()


def test_a_server_that_starts_while_another_serves_uses_its_index(application: Application) -> None:
    external_id = publish(application, ALLOWANCE)
    name = application.index.snapshot.partition("+")[0]
    settings = application.settings
    for _ in range(2):
        with serving(data=settings.data, database_url=settings.database_url, encoder="none") as server:
            assert server.ask(ALLOWANCE.question) == external_id
    assert application.index.snapshot.partition("+")[0] == name
