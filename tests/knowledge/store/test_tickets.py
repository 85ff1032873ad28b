"""Tickets and the times they were asked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from knowledge import ticket as moves
from knowledge.entry import Channel
from knowledge.errors import Conflict, NotFound
from knowledge.store import AuditFilter, Store, TicketFilter
from knowledge.ticket import Occurrence, TicketStatus
from tests import cast
from tests.knowledge.making import NOON, TODAY, a_published_entry, a_ticket, an_occurrence

ASKED = Occurrence(
    question="异地生孩子怎么报销",
    channel=Channel.WEBSITE,
    asked_at=NOON,
    receipt="ABCDEFGH23",
    callback="下午三点后方便",
    session="s-1",
    region="330100",
    insured_group="employee",
    audience="新生儿",
    asked_by="operator",
)


def test_a_ticket_comes_back_with_the_occurrence_that_opened_it(store: Store) -> None:
    with store.writing(by="system") as records:
        opened = records.tickets.add(a_ticket(reason="无条目", occurrences=9), ASKED)
    assert opened == a_ticket(reason="无条目", occurrences=1, id=opened.id)
    assert opened.version == 1
    with store.reading() as records:
        assert records.tickets.get(opened.id) == opened
        (occurrence,) = records.tickets.occurrences(opened.id)
        assert occurrence == replace(ASKED, id=occurrence.id, ticket_id=opened.id)
        assert records.tickets.by_receipt(" abcdefgh23 ") == (opened, occurrence)


def test_a_receipt_that_nobody_holds_is_not_found(store: Store) -> None:
    with store.reading() as records, pytest.raises(NotFound, match="ZZZ"):
        records.tickets.by_receipt("zzz")


def test_two_askers_never_hold_one_receipt(store: Store) -> None:
    with store.writing(by="system") as records:
        ticket = records.tickets.add(a_ticket(), ASKED)
        with pytest.raises(Conflict, match="查询码"):
            records.tickets.join(ticket.id, ASKED)


@pytest.mark.parametrize("status", [TicketStatus.OPEN, TicketStatus.ASSIGNED, TicketStatus.ANSWERED])
def test_a_further_asker_joins_a_ticket_that_is_not_settled(store: Store, status: TicketStatus) -> None:
    with store.writing(by="system") as records:
        ticket = records.tickets.add(a_ticket(status=status), an_occurrence("先问的"))
        joined = records.tickets.join(ticket.id, an_occurrence("后问的"))
        assert joined.occurrences == 2
        assert [each.question for each in records.tickets.occurrences(ticket.id)] == ["先问的", "后问的"]
        assert records.tickets.joinable() == ((ticket.id, "benefits", ticket.question),)


@pytest.mark.parametrize("status", [TicketStatus.CLOSED, TicketStatus.DISMISSED])
def test_nobody_joins_a_settled_ticket(store: Store, status: TicketStatus) -> None:
    with store.writing(by="system") as records:
        ticket = records.tickets.add(a_ticket(status=status), an_occurrence())
        with pytest.raises(Conflict, match="重新提问"):
            records.tickets.join(ticket.id, an_occurrence())
        assert records.tickets.joinable() == ()


def test_work_on_a_ticket_is_not_lost_because_somebody_asked_meanwhile(store: Store) -> None:
    with store.writing(by="system") as records:
        ticket = records.tickets.add(a_ticket(), an_occurrence())
        records.tickets.join(ticket.id, an_occurrence())
        saved = records.tickets.save(moves.assign(ticket, cast.EDITOR, cast.COLLEAGUE), "ticket.assigned")
    assert (saved.status, saved.assignee) == (TicketStatus.ASSIGNED, "colleague")
    assert (saved.occurrences, saved.version) == (2, 2)


def test_a_stale_version_is_a_conflict(store: Store) -> None:
    with store.writing(by="system") as records:
        ticket = records.tickets.add(a_ticket(), an_occurrence())
        records.tickets.save(
            moves.dismiss(ticket, cast.HEAD, "不属于医保业务", NOON), "ticket.dismissed", "不属于"
        )
        with pytest.raises(Conflict, match="请重新打开"):
            records.tickets.save(moves.assign(ticket, cast.EDITOR, cast.EDITOR), "ticket.assigned")
        (line, _) = records.audit.list(AuditFilter("ticket", ticket.id)).items
    assert (line.action, line.detail) == ("ticket.dismissed", "不属于")


def test_every_field_of_a_ticket_is_kept(store: Store) -> None:
    with store.writing(by="system") as records:
        entry = records.entries.add(a_published_entry())
        ticket = records.tickets.add(a_ticket(), an_occurrence())
        closed = replace(
            ticket,
            department="settlement",
            status=TicketStatus.CLOSED,
            due_on=date(2026, 4, 1),
            assignee="editor",
            entry_id=entry.id,
            reason="转办",
            closed_at=NOON + timedelta(days=3),
        )
        assert records.tickets.save(closed, "ticket.closed") == closed
        assert records.tickets.get(ticket.id) == closed
        assert records.tickets.for_entry(entry.id) == (closed,)
        assert records.tickets.for_entry(99) == ()


def test_a_note_for_calling_back_can_be_left_later(store: Store) -> None:
    with store.writing(by="operator") as records:
        ticket = records.tickets.add(a_ticket(), ASKED)
        records.tickets.note_callback(ASKED.receipt, "周三上午，王女士")
        (occurrence,) = records.tickets.occurrences(ticket.id)
        assert occurrence.callback == "周三上午，王女士"
        (line, _) = records.audit.list(AuditFilter("ticket", ticket.id)).items
    assert line.action == "ticket.callback_noted"
    assert "王女士" not in line.detail


def test_the_note_for_calling_back_is_forgotten_alone(store: Store) -> None:
    with store.writing(by="operator") as records:
        ticket = records.tickets.add(a_ticket(), ASKED)
        (occurrence,) = records.tickets.occurrences(ticket.id)
        records.tickets.clear_callback(occurrence.id)
        assert records.tickets.occurrences(ticket.id) == (replace(occurrence, callback=""),)
        (line, _) = records.audit.list(AuditFilter("ticket", ticket.id)).items
    assert line.action == "ticket.called_back"
    assert "下午三点" not in line.detail


@pytest.fixture
def busy_store(store: Store) -> Store:
    """Tickets of two departments, two of them overdue on TODAY."""
    with store.writing(by="system") as records:
        for question, department, status, due_on, assignee in (
            ("甲", "benefits", TicketStatus.OPEN, TODAY - timedelta(days=1), ""),
            ("乙", "benefits", TicketStatus.ASSIGNED, TODAY, "editor"),
            ("丙", "settlement", TicketStatus.ASSIGNED, TODAY - timedelta(days=2), "outsider"),
            ("丁100%", "benefits", TicketStatus.CLOSED, TODAY - timedelta(days=3), "editor"),
        ):
            ticket = a_ticket(
                question, department=department, status=status, due_on=due_on, assignee=assignee
            )
            records.tickets.add(ticket, an_occurrence())
    return store


@pytest.mark.parametrize(
    ("matching", "expected"),
    [
        (TicketFilter(), ["丁100%", "丙", "甲", "乙"]),
        (TicketFilter(department="benefits"), ["丁100%", "甲", "乙"]),
        (TicketFilter(statuses=(TicketStatus.OPEN, TicketStatus.ASSIGNED)), ["丙", "甲", "乙"]),
        (TicketFilter(overdue_on=TODAY), ["丙", "甲"]),
        (TicketFilter(overdue_on=TODAY + timedelta(days=1)), ["丙", "甲", "乙"]),
        (TicketFilter(assignee="editor"), ["丁100%", "乙"]),
        (TicketFilter(text="0%"), ["丁100%"]),
        (TicketFilter(text="%"), ["丁100%"]),
        (TicketFilter(department="benefits", assignee="outsider"), []),
    ],
)
def test_each_filter_keeps_its_own(busy_store: Store, matching: TicketFilter, expected: list[str]) -> None:
    with busy_store.reading() as records:
        page = records.tickets.list(matching)
    assert [ticket.question for ticket in page.items] == expected
    assert page.total == len(expected)


def test_the_filter_for_overdue_agrees_with_the_ticket_itself(busy_store: Store) -> None:
    with busy_store.reading() as records:
        overdue = records.tickets.list(TicketFilter(overdue_on=TODAY)).items
        assert set(overdue) == {each for each in records.tickets.list().items if each.overdue(TODAY)}


def test_counts_name_every_status_and_what_is_overdue(busy_store: Store) -> None:
    with busy_store.reading() as records:
        assert records.tickets.counts(today=TODAY) == {
            "OPEN": 1,
            "ASSIGNED": 2,
            "ANSWERED": 0,
            "CLOSED": 1,
            "DISMISSED": 0,
            "overdue": 2,
        }
        assert records.tickets.counts("benefits", TODAY)["overdue"] == 1
        assert records.tickets.counts("nowhere", TODAY)["OPEN"] == 0


def test_today_begins_at_midnight_in_china(busy_store: Store) -> None:
    # 16:00 UTC is midnight in China: TODAY is over and what was due on it is overdue.
    for moment, overdue in ((NOON.replace(hour=15, minute=59), 2), (NOON.replace(hour=16), 3)):
        with busy_store.writing(by="system", at=moment) as records:
            assert records.tickets.counts()["overdue"] == overdue


def test_what_a_member_handed_on_is_found_with_the_members_own_times_of_asking(store: Store) -> None:
    mine, others = (
        replace(ASKED, receipt="AAAAAAAA22"),
        replace(ASKED, receipt="BBBBBBBB22", asked_by="admin"),
    )
    with store.writing(by="system") as records:
        shared = records.tickets.add(a_ticket(), others)
        records.tickets.join(shared.id, mine)
        records.tickets.add(a_ticket(), replace(others, receipt="CCCCCCCC22"))
        later = records.tickets.add(a_ticket(due_on=TODAY), replace(mine, receipt="DDDDDDDD22"))
    with store.reading() as records:
        asked_by = TicketFilter(asked_by="operator")
        found = records.tickets.list(asked_by, newest_first=True)
        assert ([each.id for each in found.items], found.total) == ([later.id, shared.id], 2)
        own = records.tickets.occurrences_by("operator", [shared.id, later.id])
        assert [each.receipt for each in own] == ["AAAAAAAA22", "DDDDDDDD22"]
        assert records.tickets.list(TicketFilter(asked_by="editor")).total == 0
