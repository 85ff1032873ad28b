"""待答问题 and the times they were asked."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from knowledge.entry import Channel
from knowledge.errors import Conflict, NotFound
from knowledge.store.audit import Audit
from knowledge.store.schema import occurrences, tickets
from knowledge.store.transaction import STALE, AnyRow, Collection, Page, Transaction, writes
from knowledge.ticket import JOINABLE, PENDING, Occurrence, Ticket, TicketStatus

CHINA = timezone(timedelta(hours=8))
"""Days are counted in China's one time zone, wherever the server stands."""


@dataclass(frozen=True)
class TicketFilter:
    """Which tickets to list; `overdue_on` keeps those overdue on that day, `text` looks in the question.

    `asked_by` is the login of a member who handed the question on, alone or among others.
    """

    department: str = ""
    statuses: tuple[TicketStatus, ...] = ()
    overdue_on: date | None = None
    assignee: str = ""
    text: str = ""
    asked_by: str = ""


class Tickets(Collection):
    """Tickets by id, by receipt, by the entry that answers them, and by what departments filter for."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    def get(self, ticket_id: int) -> Ticket:
        """The ticket; NotFound when there is none."""
        row = self._tx.first(select(tickets).where(tickets.c.id == ticket_id))
        if row is None:
            raise _unknown(ticket_id)
        return _ticket(row)

    def list(
        self,
        matching: TicketFilter = TicketFilter(),
        limit: int = 50,
        offset: int = 0,
        newest_first: bool = False,
    ) -> Page[Ticket]:
        """Tickets, the earliest deadline first; or those opened last first."""
        order = (tickets.c.id.desc(),) if newest_first else (tickets.c.due_on, tickets.c.id)
        statement = select(tickets).where(*_conditions(matching)).order_by(*order)
        return self._tx.page(statement, _ticket, limit, offset)

    @writes
    def add(self, ticket: Ticket, occurrence: Occurrence) -> Ticket:
        """Open a ticket with the occurrence that made it. Conflict when the receipt is taken."""
        opened = replace(ticket, occurrences=1, version=1)
        opened = replace(opened, id=self._tx.insert(tickets, _row(opened)))
        self._add_occurrence(opened.id, occurrence)
        self._audit.add("ticket.opened", "ticket", opened.id, f"{opened.department} {opened.question}")
        return opened

    @writes
    def join(self, ticket_id: int, occurrence: Occurrence) -> Ticket:
        """Add a further asker. Conflict when the ticket was closed or dismissed meanwhile.

        The version stays, so that nobody who works on the ticket loses work because somebody asked.
        """
        self.get(ticket_id)
        statuses = [status.value for status in JOINABLE]
        joinable = tickets.update().where(tickets.c.id == ticket_id, tickets.c.status.in_(statuses))
        if self._tx.run(joinable.values(occurrences=tickets.c.occurrences + 1)) == 0:
            raise Conflict("此问题刚刚办结，请重新提问")
        self._add_occurrence(ticket_id, occurrence)
        self._audit.add("ticket.joined", "ticket", ticket_id, occurrence.question)
        return self.get(ticket_id)

    @writes
    def save(self, ticket: Ticket, action: str, detail: str = "") -> Ticket:
        """Store a changed ticket. Conflict when somebody changed it since it was read."""
        self.get(ticket.id)
        saved = replace(ticket, version=ticket.version + 1)
        values = {name: value for name, value in _row(saved).items() if name != "occurrences"}
        unchanged = {"old_id": ticket.id, "old_version": ticket.version}
        if self._tx.run(_UPDATE, {**unchanged, **values}) == 0:
            raise Conflict(f"问题 {ticket.id} {STALE}")
        self._audit.add(action, "ticket", ticket.id, detail or f"{ticket.department} {ticket.question}")
        return self.get(ticket.id)

    def occurrences(self, ticket_id: int) -> tuple[Occurrence, ...]:
        """Every time it was asked, the earliest first."""
        self.get(ticket_id)
        asked = select(occurrences).where(occurrences.c.ticket_id == ticket_id)
        return tuple(_occurrence(row) for row in self._tx.rows(asked.order_by(occurrences.c.id)))

    def occurrences_by(self, login: str, ticket_ids: Iterable[int]) -> tuple[Occurrence, ...]:
        """The times that a member handed these questions on, the earliest first."""
        asked = select(occurrences).where(
            occurrences.c.asked_by == login, occurrences.c.ticket_id.in_(tuple(ticket_ids))
        )
        return tuple(_occurrence(row) for row in self._tx.rows(asked.order_by(occurrences.c.id)))

    def by_receipt(self, receipt: str) -> tuple[Ticket, Occurrence]:
        """The ticket and the occurrence that a receipt code stands for; NotFound when there is none."""
        code = receipt.strip().upper()
        row = self._tx.first(select(occurrences).where(occurrences.c.receipt == code))
        if row is None:
            raise NotFound(f"没有查询码为“{code[:20]}”的问题，请核对后重新输入")
        return self.get(row.ticket_id), _occurrence(row)

    @writes
    def note_callback(self, receipt: str, callback: str) -> None:
        """Keep a note for calling an asker back, in place of the one there was."""
        ticket, asked = self.by_receipt(receipt)
        noted = occurrences.update().where(occurrences.c.id == asked.id)
        self._tx.run(noted.values(callback=callback))
        self._audit.add("ticket.callback_noted", "ticket", ticket.id, f"提问 {asked.id}")

    @writes
    def clear_callback(self, occurrence_id: int) -> None:
        """Forget the note for calling back, once the asker was called."""
        row = self._tx.first(select(occurrences.c.ticket_id).where(occurrences.c.id == occurrence_id))
        if row is None:
            raise NotFound(f"没有编号为 {occurrence_id} 的提问")
        cleared = occurrences.update().where(occurrences.c.id == occurrence_id)
        self._tx.run(cleared.values(callback=""))
        self._audit.add("ticket.called_back", "ticket", row[0], f"提问 {occurrence_id}")

    @writes
    def hold_queue(self) -> None:
        """Let others who queue a question wait for this transaction, so that two cannot open the same ticket.

        SQLite has one writer anyway; PostgreSQL waits for the counter's row.
        """
        self._tx.count_up("tickets queued")

    def joinable(self) -> tuple[tuple[int, str, str], ...]:
        """(id, department, question) of every ticket that a further asker may join."""
        waiting = select(tickets.c.id, tickets.c.department, tickets.c.question).where(
            tickets.c.status.in_([status.value for status in JOINABLE])
        )
        return tuple((row[0], row[1], row[2]) for row in self._tx.rows(waiting.order_by(tickets.c.id)))

    def for_entry(self, entry_id: int) -> tuple[Ticket, ...]:
        """Tickets that the entry answers."""
        answered = select(tickets).where(tickets.c.entry_id == entry_id).order_by(tickets.c.id)
        return tuple(_ticket(row) for row in self._tx.rows(answered))

    def counts(self, department: str = "", today: date | None = None) -> dict[str, int]:
        """How many tickets have each status (all five are named), and how many are "overdue" today."""
        day = today or self._tx.at.astimezone(CHINA).date()
        mine = [tickets.c.department == department] if department else []
        statement = select(tickets.c.status, func.count()).where(*mine).group_by(tickets.c.status)
        overdue = select(func.count()).select_from(tickets).where(_overdue(day), *mine)
        by_status = {row[0]: int(row[1]) for row in self._tx.rows(statement)}
        return {status.value: by_status.get(status.value, 0) for status in TicketStatus} | {
            "overdue": int(self._tx.scalar(overdue))
        }

    def _add_occurrence(self, ticket_id: int, occurrence: Occurrence) -> None:
        values = {field.name: getattr(occurrence, field.name) for field in fields(Occurrence)}
        values |= {"ticket_id": ticket_id, "receipt": occurrence.receipt.upper()}
        del values["id"]
        self._tx.insert_unique(occurrences, values, "查询码重复，请重新提交")


_UPDATE = tickets.update().where(
    tickets.c.id == bindparam("old_id"), tickets.c.version == bindparam("old_version")
)


def _unknown(ticket_id: int) -> NotFound:
    return NotFound(f"没有编号为 {ticket_id} 的问题")


def _overdue(on: date) -> ColumnElement[bool]:
    return and_(tickets.c.status.in_([status.value for status in PENDING]), tickets.c.due_on < on)


def _conditions(matching: TicketFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if matching.department:
        found.append(tickets.c.department == matching.department)
    if matching.statuses:
        found.append(tickets.c.status.in_([status.value for status in matching.statuses]))
    if matching.overdue_on is not None:
        found.append(_overdue(matching.overdue_on))
    if matching.assignee:
        found.append(tickets.c.assignee == matching.assignee)
    if matching.asked_by:
        own = select(occurrences.c.ticket_id).where(occurrences.c.asked_by == matching.asked_by)
        found.append(tickets.c.id.in_(own))
    if matching.text:
        found.append(tickets.c.question.icontains(matching.text, autoescape=True))
    return found


def _row(ticket: Ticket) -> dict[str, Any]:
    values = {field.name: getattr(ticket, field.name) for field in fields(Ticket)}
    del values["id"]
    return values


def _ticket(row: AnyRow) -> Ticket:
    return Ticket(**{**row._mapping, "status": TicketStatus(row.status)})


def _occurrence(row: AnyRow) -> Occurrence:
    return Occurrence(**{**row._mapping, "channel": Channel(row.channel)})
