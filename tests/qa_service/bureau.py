"""A bureau without a server: the application's parts with the cast in them, at a time that tests set."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from indexer.segment import Segmenter
from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry
from knowledge.people import Member
from knowledge.store import AuditFilter, Records
from knowledge.store.schema import metadata
from qa_service.ask import Answered, Asker, Choices, Outcome, Unanswered, ask
from qa_service.composition import Application, build
from qa_service.misses import Filed
from qa_service.settings import Settings
from tests import cast

MONDAY = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
"""Ten in the morning in China, three days before National Day."""

TOPICS = {
    "职工生育津贴怎么领取？": "由用人单位或本人向参保地医保经办机构申领。",
    "异地就医怎么备案？": "在国家医保服务平台或经办窗口办理备案。",
    "医保电子凭证如何激活？": "实名认证后即可激活。",
    "门诊慢特病怎么认定？": "携带病历到定点医疗机构申请认定。",
    "发现骗保怎么举报？": "向医疗保障行政部门举报，查实有奖励。",
    "住院起付线是多少？": "按医疗机构级别确定。",
}
"""Matters that are told apart by their words."""


class Clock:
    """The time that tests set."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Bureau:
    """The parts, and what tests do with them all the time."""

    application: Application
    clock: Clock

    @contextmanager
    def writing(self) -> Iterator[Records]:
        with self.application.store.writing("system", self.clock()) as records:
            yield records

    def put_on_the_air(self, question: str, answer: str = "按规定办理。", **changes: Any) -> FaqEntry:
        """An entry that was approved elsewhere, in the index."""
        entry = self.store_published(question, answer, **changes)
        self.follow()
        return entry

    def store_published(self, question: str, answer: str = "按规定办理。", **changes: Any) -> FaqEntry:
        """The same, before the index hears of it."""
        text = replace(EntryText(question=question, answer=answer, department="benefits"), **changes)
        with self.writing() as records:
            return records.entries.add(
                FaqEntry(
                    external_id=records.entries.new_external_id(text.department),
                    status=EntryStatus.PUBLISHED,
                    revision=1,
                    text=text,
                    author="editor",
                    published_revision=1,
                    published_at=self.clock(),
                )
            )

    def furnish(self) -> dict[str, FaqEntry]:
        """Question → entry of several matters."""
        entries = {question: self.store_published(question, answer) for question, answer in TOPICS.items()}
        self.follow()
        return entries

    def follow(self) -> None:
        self.application.index.follow(self.application.today())

    def ask(self, question: str, thresholds: tuple[float, float] | None = None, **asker: Any) -> Outcome:
        """Ask on the hotline, with other thresholds (answer, choices) when given."""
        parts = self.application.answering
        if thresholds is not None:
            answer, choices = thresholds
            settings = parts.settings.model_copy(
                update={"answer_threshold": answer, "choices_threshold": choices}
            )
            calibrating = replace(parts.calibrating, settings=settings)
            parts = replace(parts, settings=settings, calibrating=calibrating)
        return ask(question, Asker(**{"channel": Channel.HOTLINE, **asker}), parts, self.clock())

    def must_answer(self, question: str, **asker: Any) -> Answered:
        """Ask somebody who answers whatever comes first."""
        outcome = self.ask(question, (0.0, 0.0), **asker)
        assert isinstance(outcome, Answered), outcome
        return outcome

    def must_offer(self, question: str, **asker: Any) -> Choices:
        """Ask somebody who never answers and always offers."""
        outcome = self.ask(question, (1.0, 0.0), **asker)
        assert isinstance(outcome, Choices), outcome
        return outcome

    def must_miss(self, question: str, **asker: Any) -> Unanswered:
        """Ask somebody who never knows."""
        outcome = self.ask(question, (1.0, 1.0), **asker)
        assert isinstance(outcome, Unanswered), outcome
        return outcome

    def file(self, question: str, **given: Any) -> Filed:
        """Queue a question that nobody could answer."""
        given = {"channel": Channel.HOTLINE, "nearest": [("benefits", 0.1)], "now": self.clock(), **given}
        return self.application.misses.queue(question, **given)

    def publish(self, text: EntryText, by: Member = cast.EDITOR) -> FaqEntry:
        """An entry that went through all of review here."""
        return self.sign_all(self.application.publishing.draft(text, by), by)

    def sign_all(self, entry: FaqEntry, by: Member = cast.EDITOR) -> FaqEntry:
        """Submit a draft and have it signed to the end."""
        publishing = self.application.publishing
        entry = publishing.submit(entry.id, entry.version, by)
        for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
            entry = publishing.sign(entry.id, entry.version, signer)
        return entry

    def entry(self, entry_id: int) -> FaqEntry:
        with self.application.store.reading() as records:
            return records.entries.get(entry_id)

    def actions(self) -> list[str]:
        """What the audit trail says was done, the newest first."""
        with self.application.store.reading() as records:
            return [line.action for line in records.audit.list(AuditFilter(), limit=1000).items]

    def rows(self) -> dict[str, int]:
        """Table → number of rows, of every table there is."""
        with self.application.store._engine.connect() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in metadata.sorted_tables
            }

    def contents(self) -> dict[str, list[tuple[object, ...]]]:
        """Table → every row, of every table there is."""
        with self.application.store._engine.connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table))]
                for table in metadata.sorted_tables
            }


@contextmanager
def bureau_at(url: str, data: Path, segmenter: Segmenter, **settings: Any) -> Iterator[Bureau]:
    """A bureau with the cast in it; it searches by words unless told otherwise."""
    clock = Clock()
    chosen = Settings(**{"data": data, "database_url": url, "encoder": "none", **settings})
    application = build(chosen, clock, segmenter=segmenter)
    try:
        with application.store.writing("system", clock()) as records:
            cast.settle(records)
        yield Bureau(application, clock)
    finally:
        application.close()


def day(month: int, number: int) -> date:
    """A day of 2026."""
    return date(2026, month, number)
