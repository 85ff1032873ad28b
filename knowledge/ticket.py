"""待答问题: what nobody could answer, on its way to the department that owns the policy.

Functions take a ticket and return the changed one; illegal moves raise IllegalMove or NotAllowed.

    OPEN ── assign ──► ASSIGNED ── answer ──► ANSWERED ── (its entry is published) ──► CLOSED
      ▲  ◄─ pass_on ─────┤  │
      │                     └── dismiss ──► DISMISSED
      └──────────────── reopen ───────────────┘        answer and dismiss work from OPEN too
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from knowledge.entry import Channel
from knowledge.errors import IllegalMove, InvalidValue
from knowledge.people import Member, Role


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"
    DISMISSED = "DISMISSED"

    @property
    def label(self) -> str:
        return {
            "OPEN": "待分派",
            "ASSIGNED": "办理中",
            "ANSWERED": "已答复待发布",
            "CLOSED": "已办结",
            "DISMISSED": "不予答复",
        }[self.value]


PENDING = (TicketStatus.OPEN, TicketStatus.ASSIGNED)
JOINABLE = (*PENDING, TicketStatus.ANSWERED)
"""States in which a further asker joins the ticket instead of opening one."""


@dataclass(frozen=True)
class Occurrence:
    """One time that the question was asked. `question` is masked of personal data.

    `callback` is the operator's note for calling back; `receipt` is the code by which the asker
    reads the answer later.
    """

    question: str
    channel: Channel
    asked_at: datetime
    receipt: str
    callback: str = ""
    session: str = ""
    region: str = ""
    insured_group: str = ""
    audience: str = ""
    asked_by: str = ""
    id: int = 0
    ticket_id: int = 0


@dataclass(frozen=True)
class Ticket:
    """A question that waits for a department. `due_on` is the last working day for its answer.

    `entry_id` is the entry that was drafted as its answer; `reason` says why it was passed on or dismissed.
    """

    question: str
    department: str
    status: TicketStatus
    opened_at: datetime
    due_on: date
    assignee: str = ""
    entry_id: int | None = None
    reason: str = ""
    closed_at: datetime | None = None
    occurrences: int = 1
    id: int = 0
    version: int = field(default=0, compare=False)

    def overdue(self, today: date) -> bool:
        """Whether the department has let the deadline pass."""
        return self.status in PENDING and today > self.due_on


def assign(ticket: Ticket, by: Member, to: Member) -> Ticket:
    """Give the ticket to a member of its department."""
    _require_handler(ticket, by)
    _require_status(ticket, "分派", *PENDING)
    to.require(Role.EDITOR)
    to.require_department(ticket.department)
    return replace(ticket, status=TicketStatus.ASSIGNED, assignee=to.login)


def pass_on(ticket: Ticket, by: Member, department: str, reason: str, by_office: bool = False) -> Ticket:
    """Hand the ticket to another department, saying why. The deadline stays: the asker still waits.

    `by_office` tells that `by` sits in the office, which may route any ticket.
    """
    if not by_office:
        _require_handler(ticket, by)
    _require_status(ticket, "转办", *PENDING)
    _require_reason("转办原因", reason)
    if department == ticket.department:
        raise InvalidValue("转办处室", department, "不能是现在的处室")
    return replace(
        ticket, status=TicketStatus.OPEN, department=department, assignee="", reason=reason.strip()
    )


def answer(ticket: Ticket, by: Member, entry_id: int) -> Ticket:
    """Record the entry that will answer it once published."""
    _require_handler(ticket, by)
    _require_status(ticket, "答复", *PENDING)
    return replace(
        ticket, status=TicketStatus.ANSWERED, entry_id=entry_id, assignee=ticket.assignee or by.login
    )


def dismiss(ticket: Ticket, by: Member, reason: str, at: datetime) -> Ticket:
    """Decline to answer, saying why; askers read the reason with their receipt."""
    _require_handler(ticket, by)
    _require_status(ticket, "不予答复", *PENDING)
    _require_reason("不予答复的原因", reason)
    return replace(ticket, status=TicketStatus.DISMISSED, reason=reason.strip(), closed_at=at)


def reopen(ticket: Ticket, by: Member) -> Ticket:
    """Take back a dismissal, or an answer whose entry will not be published."""
    _require_handler(ticket, by)
    _require_status(ticket, "重新办理", TicketStatus.DISMISSED, TicketStatus.ANSWERED)
    status = TicketStatus.ASSIGNED if ticket.assignee else TicketStatus.OPEN
    return replace(ticket, status=status, entry_id=None, reason="", closed_at=None)


def close(ticket: Ticket, at: datetime) -> Ticket:
    """Its entry was published: the question is answered for everybody."""
    _require_status(ticket, "办结", TicketStatus.ANSWERED)
    return replace(ticket, status=TicketStatus.CLOSED, closed_at=at)


_RECEIPT_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_receipt() -> str:
    """A receipt code of ten characters that cannot be guessed or misread (no 0/O, 1/I)."""
    return "".join(secrets.choice(_RECEIPT_ALPHABET) for _ in range(10))


def _require_handler(ticket: Ticket, by: Member) -> None:
    by.require(Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR)
    by.require_department(ticket.department)


def _require_status(ticket: Ticket, move: str, *allowed: TicketStatus) -> None:
    if ticket.status not in allowed:
        raise IllegalMove(f"“{ticket.status.label}”的问题不能{move}")


def _require_reason(label: str, reason: str) -> None:
    if not reason.strip():
        raise InvalidValue(label, reason, "不能为空")
