"""Tickets: every move from every state by everybody, and what each changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge import ticket as moves
from knowledge.errors import IllegalMove, InvalidValue, NotAllowed
from knowledge.people import Member, Role
from knowledge.ticket import PENDING, Ticket, TicketStatus, new_receipt
from tests.cast import ADMIN, COLLEAGUE, EDITOR, HEAD, MEMBERS, OFFICE, OUTSIDER, PUBLISHER
from tests.knowledge.making import NOON, a_ticket

STATES: dict[TicketStatus, Ticket] = {
    TicketStatus.OPEN: a_ticket(),
    TicketStatus.ASSIGNED: a_ticket(status=TicketStatus.ASSIGNED, assignee="editor"),
    TicketStatus.ANSWERED: a_ticket(status=TicketStatus.ANSWERED, assignee="editor", entry_id=7),
    TicketStatus.CLOSED: a_ticket(status=TicketStatus.CLOSED, entry_id=7, closed_at=NOON),
    TicketStatus.DISMISSED: a_ticket(status=TicketStatus.DISMISSED, reason="不属于", closed_at=NOON),
}
MOVES: dict[str, Callable[[Ticket, Member], Ticket]] = {
    "assign": lambda ticket, by: moves.assign(ticket, by, COLLEAGUE),
    "pass on": lambda ticket, by: moves.pass_on(ticket, by, "settlement", "属于结算"),
    "answer": lambda ticket, by: moves.answer(ticket, by, entry_id=7),
    "dismiss": lambda ticket, by: moves.dismiss(ticket, by, "不属于医保业务", NOON),
    "reopen": moves.reopen,
}
LEGAL = {(move, status) for move in ("assign", "pass on", "answer", "dismiss") for status in PENDING} | {
    ("reopen", TicketStatus.ANSWERED),
    ("reopen", TicketStatus.DISMISSED),
}
# Editors and heads of the department; administrators act for any.
HANDLERS = {EDITOR, COLLEAGUE, HEAD, ADMIN}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.login)
@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_made_by_those_who_may_and_refused_to_all_others(
    move: str, status: TicketStatus, member: Member
) -> None:
    if member not in HANDLERS:
        with pytest.raises(NotAllowed):
            MOVES[move](STATES[status], member)
    elif (move, status) not in LEGAL:
        with pytest.raises(IllegalMove):
            MOVES[move](STATES[status], member)
    else:
        assert MOVES[move](STATES[status], member) != STATES[status] or move == "assign"


@pytest.mark.parametrize("status", STATES)
def test_publication_of_its_entry_closes_an_answered_ticket_and_no_other(status: TicketStatus) -> None:
    if status is TicketStatus.ANSWERED:
        closed = moves.close(STATES[status], NOON)
        assert (closed.status, closed.closed_at, closed.entry_id) == (TicketStatus.CLOSED, NOON, 7)
    else:
        with pytest.raises(IllegalMove):
            moves.close(STATES[status], NOON)


class TestAssigning:
    def test_it_names_the_member_who_will_answer(self) -> None:
        assigned = moves.assign(STATES[TicketStatus.OPEN], HEAD, EDITOR)
        assert (assigned.status, assigned.assignee) == (TicketStatus.ASSIGNED, "editor")

    @pytest.mark.parametrize(
        "member", [HEAD, OUTSIDER, replace(EDITOR, active=False)], ids=["head", "other", "gone"]
    )
    def test_it_goes_to_an_editor_of_the_department_alone(self, member: Member) -> None:
        with pytest.raises(NotAllowed):
            moves.assign(STATES[TicketStatus.OPEN], HEAD, member)


class TestPassingOn:
    def test_the_next_department_starts_anew_with_the_old_deadline(self) -> None:
        passed = moves.pass_on(STATES[TicketStatus.ASSIGNED], EDITOR, "settlement", " 属于结算 ")
        assert (passed.department, passed.status, passed.assignee) == ("settlement", TicketStatus.OPEN, "")
        assert (passed.reason, passed.due_on) == ("属于结算", STATES[TicketStatus.ASSIGNED].due_on)

    def test_the_office_routes_tickets_of_any_department(self) -> None:
        assert PUBLISHER.department == OFFICE.code
        passed = moves.pass_on(STATES[TicketStatus.OPEN], PUBLISHER, "settlement", "属于结算", by_office=True)
        assert passed.department == "settlement"

    def test_it_needs_a_reason_and_another_department(self) -> None:
        with pytest.raises(InvalidValue, match="转办原因"):
            moves.pass_on(STATES[TicketStatus.OPEN], EDITOR, "settlement", " ")
        with pytest.raises(InvalidValue, match="转办处室"):
            moves.pass_on(STATES[TicketStatus.OPEN], EDITOR, "benefits", "属于待遇")


class TestAnswering:
    def test_who_answers_an_unassigned_ticket_becomes_its_assignee(self) -> None:
        assert moves.answer(STATES[TicketStatus.OPEN], COLLEAGUE, 7).assignee == "colleague"

    def test_an_assignee_stays(self) -> None:
        answered = moves.answer(STATES[TicketStatus.ASSIGNED], COLLEAGUE, 7)
        assert (answered.status, answered.entry_id, answered.assignee) == (TicketStatus.ANSWERED, 7, "editor")


class TestDismissingAndReopening:
    def test_a_dismissal_says_why(self) -> None:
        dismissed = moves.dismiss(STATES[TicketStatus.OPEN], HEAD, " 不属于医保业务 ", NOON)
        assert (dismissed.status, dismissed.reason) == (TicketStatus.DISMISSED, "不属于医保业务")
        assert dismissed.closed_at == NOON
        with pytest.raises(InvalidValue, match="原因"):
            moves.dismiss(STATES[TicketStatus.OPEN], HEAD, "", NOON)

    def test_reopening_returns_it_to_its_assignee_or_to_the_department(self) -> None:
        reopened = moves.reopen(STATES[TicketStatus.ANSWERED], HEAD)
        assert (reopened.status, reopened.assignee, reopened.entry_id) == (
            TicketStatus.ASSIGNED,
            "editor",
            None,
        )
        reopened = moves.reopen(STATES[TicketStatus.DISMISSED], HEAD)
        assert (reopened.status, reopened.reason, reopened.closed_at) == (TicketStatus.OPEN, "", None)


def test_a_ticket_is_overdue_after_its_last_day_while_it_waits() -> None:
    due = STATES[TicketStatus.OPEN].due_on
    assert not STATES[TicketStatus.OPEN].overdue(due)
    late = {status for status, ticket in STATES.items() if ticket.overdue(due + timedelta(days=1))}
    assert late == set(PENDING)


def test_receipts_are_long_legible_and_new_each_time() -> None:
    receipts = {new_receipt() for _ in range(2000)}
    assert len(receipts) == 2000
    assert {len(receipt) for receipt in receipts} == {10}
    assert not set("".join(receipts)) & set("01IO")


def test_an_administrator_of_another_department_may_step_in() -> None:
    elsewhere = Member("admin", "关管理", "settlement", frozenset({Role.ADMINISTRATOR}))
    assert moves.assign(STATES[TicketStatus.OPEN], elsewhere, EDITOR).assignee == "editor"
