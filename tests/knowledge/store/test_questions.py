"""The log of questions and the figures drawn from it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from knowledge.entry import Channel
from knowledge.store import Feedback, Store
from knowledge.ticket import TicketStatus
from tests.knowledge.making import NOON, a_published_entry, a_text, a_ticket, an_asked_question, an_occurrence


def test_each_question_gets_a_number_of_its_own(store: Store) -> None:
    with store.writing(by="system") as records:
        first = records.questions.add(an_asked_question())
        assert records.questions.add(an_asked_question("unanswered", ticket_id=None)) == first + 1


def test_feedback_comes_back_newest_first_for_one_entry_or_all(store: Store) -> None:
    about_seven = Feedback("问", 7, 2, helpful=False, comment="看不懂", channel=Channel.HOTLINE, at=NOON)
    about_a_miss = Feedback("另一问", None, None, helpful=True, comment="", channel=Channel.WEBSITE, at=NOON)
    with store.writing(by="system") as records:
        records.questions.add_feedback(about_seven)
        records.questions.add_feedback(about_a_miss)
        assert records.questions.feedback() == (about_a_miss, about_seven)
        assert records.questions.feedback(7) == (about_seven,)
        assert records.questions.feedback(8) == ()
        assert records.questions.feedback(limit=1) == (about_a_miss,)


def test_popular_entries_are_those_that_answered_most(store: Store) -> None:
    with store.writing(by="system") as records:
        for entry_id in (3, 5, 5, 4, 4):
            records.questions.add(an_asked_question(entry_id=entry_id))
        for _ in range(9):
            records.questions.add(an_asked_question("choices", entry_id=3))
        assert records.questions.popular(2) == [(4, 2), (5, 2)]


def test_an_empty_store_has_empty_statistics(store: Store) -> None:
    with store.reading() as records:
        assert records.questions.statistics() == {
            "questions": {},
            "days": {},
            "departments": {},
            "tickets": {"OPEN": 0, "ASSIGNED": 0, "ANSWERED": 0, "CLOSED": 0, "DISMISSED": 0},
            "average_days_to_close": None,
        }


def test_statistics_count_by_outcome_day_department_and_ticket(store: Store) -> None:
    with store.writing(by="system") as records:
        entry = records.entries.add(a_published_entry("A-1"))
        other = records.entries.add(
            a_published_entry("B-1", text=replace(a_text("别的"), department="office"))
        )
        for asked in (
            an_asked_question(entry_id=entry.id),
            an_asked_question(entry_id=entry.id, asked_at=NOON + timedelta(days=1)),
            an_asked_question(entry_id=other.id),
            an_asked_question("choices", entry_id=entry.id),
            an_asked_question("unanswered"),
        ):
            records.questions.add(asked)
        closed: dict[str, Any] = {"status": TicketStatus.CLOSED, "opened_at": NOON}
        records.tickets.add(a_ticket(closed_at=NOON + timedelta(days=1), **closed), an_occurrence())
        records.tickets.add(a_ticket(closed_at=NOON + timedelta(days=4), **closed), an_occurrence())
        records.tickets.add(a_ticket(opened_at=NOON + timedelta(days=1)), an_occurrence())
        assert records.questions.statistics() == {
            "questions": {"answered": 3, "choices": 1, "unanswered": 1},
            "days": {
                "2026-03-02": {"answered": 2, "choices": 1, "unanswered": 1},
                "2026-03-03": {"answered": 1},
            },
            "departments": {"benefits": 2, "office": 1},
            "tickets": {"OPEN": 1, "ASSIGNED": 0, "ANSWERED": 0, "CLOSED": 2, "DISMISSED": 0},
            "average_days_to_close": 2.5,
        }
        second_day = records.questions.statistics(since=date(2026, 3, 3), until=date(2026, 3, 3))
        assert second_day["questions"] == {"answered": 1}
        assert second_day["departments"] == {"benefits": 1}
        assert second_day["tickets"]["OPEN"] == 1
        assert second_day["average_days_to_close"] is None
        assert records.questions.statistics(until=date(2026, 3, 1))["days"] == {}


def test_a_day_begins_at_midnight_in_china(store: Store) -> None:
    with store.writing(by="system") as records:
        for hour in (15, 16):
            asked_at = datetime(2026, 12, 31, hour, 30, tzinfo=UTC)
            records.questions.add(an_asked_question("unanswered", asked_at=asked_at))
        days = records.questions.statistics()["days"]
    assert days == {"2026-12-31": {"unanswered": 1}, "2027-01-01": {"unanswered": 1}}
