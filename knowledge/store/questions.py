"""What was asked, how it ended, and what people thought of the answer.

Questions come here masked of personal data. Adding them writes no audit line: nobody decided anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from knowledge.entry import Channel
from knowledge.store.schema import entries, feedback, questions, tickets
from knowledge.store.tickets import CHINA
from knowledge.store.transaction import AnyRow, Collection, chunks, writes
from knowledge.ticket import TicketStatus


@dataclass(frozen=True)
class AskedQuestion:
    """One question and its outcome; `outcome` is "answered", "choices" or "unanswered".

    `entry_id` and `revision` name what was answered, or the first choice; `confidence` is a probability.
    """

    question: str
    outcome: str
    entry_id: int | None
    revision: int | None
    confidence: float
    channel: Channel
    region: str
    insured_group: str
    session: str
    ticket_id: int | None
    took_ms: float
    asked_at: datetime


@dataclass(frozen=True)
class GivenFirst:
    """What came first for a logged question, answered with or offered, and how probable it was held to be then."""

    id: int
    question: str
    entry_id: int
    confidence: float
    channel: Channel
    asked_at: datetime


@dataclass(frozen=True)
class Feedback:
    """What somebody thought of an answer; `entry_id` is None when it was about a miss."""

    question: str
    entry_id: int | None
    revision: int | None
    helpful: bool
    comment: str
    channel: Channel
    at: datetime


class Questions(Collection):
    """The log of questions, and figures drawn from it."""

    @writes
    def add(self, asked: AskedQuestion) -> int:
        """Log a question; gives its id."""
        values: dict[str, Any] = dict(vars(asked))
        values["asked_on"] = asked.asked_at.astimezone(CHINA).date()
        return int(self._tx.insert(questions, values))

    @writes
    def add_feedback(self, given: Feedback) -> int:
        """Keep what somebody thought of an answer; gives its id."""
        values = {field.name: getattr(given, field.name) for field in fields(Feedback)}
        return int(self._tx.insert(feedback, values))

    def feedback(self, entry_id: int | None = None, limit: int = 1000) -> tuple[Feedback, ...]:
        """Feedback on one entry, or on all, the newest first."""
        columns = [feedback.c[field.name] for field in fields(Feedback)]
        statement = select(*columns).order_by(feedback.c.id.desc()).limit(limit)
        if entry_id:
            statement = statement.where(feedback.c.entry_id == entry_id)
        return tuple(_feedback(row) for row in self._tx.rows(statement))

    def given_first(self, asked: Iterable[str], since: datetime) -> list[GivenFirst]:
        """What came first for these very questions since then, in the order in which they were asked.

        Questions for which nothing was answered or offered are left out.
        """
        columns = [questions.c[field.name] for field in fields(GivenFirst)]
        found: list[GivenFirst] = []
        for chunk in chunks(asked):
            statement = select(*columns).where(
                questions.c.question.in_(chunk),
                questions.c.asked_at >= since,
                questions.c.outcome.in_(("answered", "choices")),
                questions.c.entry_id.is_not(None),
            )
            found += [
                GivenFirst(**{**row._mapping, "channel": Channel(row.channel)})
                for row in self._tx.rows(statement)
            ]
        return sorted(found, key=lambda given: given.id)

    def popular(self, limit: int = 10) -> list[tuple[int, int]]:
        """(entry_id, how often it answered), the most asked first."""
        times = func.count()
        statement = (
            select(questions.c.entry_id, times)
            .where(questions.c.outcome == "answered", questions.c.entry_id.is_not(None))
            .group_by(questions.c.entry_id)
            .order_by(times.desc(), questions.c.entry_id)
            .limit(limit)
        )
        return [(row[0], int(row[1])) for row in self._tx.rows(statement)]

    def statistics(self, since: date | None = None, until: date | None = None) -> dict[str, Any]:
        """Figures for reports and export, over all time or from `since` to `until`, both included.

        {"questions": {outcome: n}, "days": {"2026-11-21": {outcome: n}}, "departments": {code: n answered},
        "tickets": {status: n}, "average_days_to_close": float | None}; tickets count by the day they opened.
        """
        days: dict[str, dict[str, int]] = {}
        outcomes: dict[str, int] = {}
        for day, outcome, count in self._tx.rows(_by_day(_within(questions.c.asked_on, since, until))):
            days.setdefault(day.isoformat(), {})[outcome] = int(count)
            outcomes[outcome] = outcomes.get(outcome, 0) + int(count)
        answered = _by_department(_within(questions.c.asked_on, since, until))
        by_status, average = self._tickets(since, until)
        return {
            "questions": outcomes,
            "days": days,
            "departments": {row[0]: int(row[1]) for row in self._tx.rows(answered)},
            "tickets": by_status,
            "average_days_to_close": average,
        }

    def _tickets(self, since: date | None, until: date | None) -> tuple[dict[str, int], float | None]:
        """Tickets by status, and the mean number of days from opening to closing."""
        by_status = dict.fromkeys((status.value for status in TicketStatus), 0)
        days: list[float] = []
        statement = select(tickets.c.status, tickets.c.opened_at, tickets.c.closed_at)
        for status, opened_at, closed_at in self._tx.rows(statement):
            opened_on = opened_at.astimezone(CHINA).date()
            if (since and opened_on < since) or (until and until < opened_on):
                continue
            by_status[status] += 1
            if status == TicketStatus.CLOSED and closed_at:
                days.append((closed_at - opened_at).total_seconds() / 86400)
        return by_status, round(sum(days) / len(days), 2) if days else None


def _within(day: ColumnElement[date], since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    bounds = [day >= since] if since else []
    return [*bounds, day <= until] if until else bounds


def _by_day(within: list[ColumnElement[bool]]) -> Any:
    grouped = (questions.c.asked_on, questions.c.outcome)
    return select(*grouped, func.count()).where(*within).group_by(*grouped).order_by(*grouped)


def _by_department(within: list[ColumnElement[bool]]) -> Any:
    return (
        select(entries.c.department, func.count())
        .join(questions, questions.c.entry_id == entries.c.id)
        .where(questions.c.outcome == "answered", *within)
        .group_by(entries.c.department)
        .order_by(entries.c.department)
    )


def _feedback(row: AnyRow) -> Feedback:
    return Feedback(**{**row._mapping, "channel": Channel(row.channel)})
