"""What an asker reads with a receipt code: how far the question has come, and the published answer."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from knowledge.entry import PublishedEntry
from knowledge.policy import Disclosure
from knowledge.store import Records
from knowledge.ticket import Occurrence, Ticket, TicketStatus


@dataclass(frozen=True)
class Progress:
    """A ticket as its asker may see it; the callback note of `occurrence` is nobody's business here."""

    ticket: Ticket
    occurrence: Occurrence
    answer: PublishedEntry | None
    reason: str


def receipt_code(typed: str) -> str:
    """The code that somebody typed, with spaces or dashes, in full width or lower case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", typed)).upper()


def read_receipt(receipt: str, records: Records, today: date, staff: bool = False) -> Progress:
    """Raises NotFound for a code that was never given out; `receipt` is as it was typed.

    The answer is shown once the ticket is closed, and while its text is on the air; what is not disclosed on
    initiative is shown to staff only. The reason is shown when the question was dismissed.
    """
    ticket, occurrence = records.tickets.by_receipt(receipt_code(receipt))
    answer = None
    if ticket.status is TicketStatus.CLOSED and ticket.entry_id is not None:
        answer = records.publications.current([ticket.entry_id], today).get(ticket.entry_id)
        if answer is not None and not _may_show(answer, today, staff):
            answer = None
    reason = ticket.reason if ticket.status is TicketStatus.DISMISSED else ""
    return Progress(ticket, occurrence, answer, reason)


def _may_show(answer: PublishedEntry, today: date, staff: bool) -> bool:
    return answer.text.effective(today) and (staff or answer.text.disclosure is Disclosure.ON_INITIATIVE)
