"""我转办的问题: what a member handed on, and how far it has come, so that a caller can be called back."""

from dataclasses import dataclass

from knowledge.store import Page, Records, TicketFilter
from knowledge.ticket import Occurrence, Ticket, TicketStatus


@dataclass(frozen=True)
class HandedOn:
    """A ticket, and the times that this member handed it on: each has its receipt and its note for calling back."""

    ticket: Ticket
    asked: tuple[Occurrence, ...]


def handed_on(
    login: str, statuses: tuple[TicketStatus, ...], records: Records, limit: int, offset: int
) -> Page[HandedOn]:
    """What the member handed on, those opened last first; `statuses` narrows it, none is all."""
    matching = TicketFilter(asked_by=login, statuses=statuses)
    page = records.tickets.list(matching, limit, offset, newest_first=True)
    own = records.tickets.occurrences_by(login, [ticket.id for ticket in page.items])
    asked = {ticket.id: tuple(each for each in own if each.ticket_id == ticket.id) for ticket in page.items}
    return Page(tuple(HandedOn(ticket, asked[ticket.id]) for ticket in page.items), page.total)
