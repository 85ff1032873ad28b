"""A department's inbox: assigning, answering, passing on, dismissing. One transaction each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from knowledge import review, ticket
from knowledge.entry import EntryText, FaqEntry, merge_variants
from knowledge.errors import Conflict, NotAllowed, NotFound
from knowledge.masking import without_masked
from knowledge.people import Member, Role
from knowledge.store import Records, Store
from knowledge.ticket import Ticket


@dataclass(frozen=True)
class Inbox:
    """The parts that handling tickets needs. `version` is what the caller saw of the ticket."""

    store: Store
    clock: Callable[[], datetime]

    def assign(self, ticket_id: int, version: int, by: Member, to: str) -> Ticket:
        """Give the ticket to a member of its department."""
        with self.store.writing(by.login, self.clock()) as records:
            seen = _as_seen(records, ticket_id, version)
            assigned = ticket.assign(seen, by, records.people.member(to))
            return records.tickets.save(assigned, "ticket.assigned", to)

    def pass_on(self, ticket_id: int, version: int, by: Member, department: str, reason: str) -> Ticket:
        """Hand the ticket to another department."""
        with self.store.writing(by.login, self.clock()) as records:
            seen = _as_seen(records, ticket_id, version)
            records.people.department(department)
            office = records.people.office()
            by_office = (
                office is not None and by.department == office.code and by.has(Role.EDITOR, Role.PUBLISHER)
            )
            passed = ticket.pass_on(seen, by, department, reason, by_office)
            return records.tickets.save(
                passed, "ticket.passed_on", f"{seen.department}→{department}：{reason}"
            )

    def answer(self, ticket_id: int, version: int, by: Member, text: EntryText) -> tuple[Ticket, FaqEntry]:
        """Draft an entry as the answer, with the askers' words as similar questions.

        The ticket closes when the entry is published.
        """
        with self.store.writing(by.login, self.clock()) as records:
            seen = _as_seen(records, ticket_id, version)
            records.people.department(text.department)
            full = replace(text, variants=merge_variants(text, _asked(records, seen)))
            identity = records.entries.new_external_id(text.department)
            note = f"答复待答问题{ticket_id}"
            entry = records.entries.add(review.draft(identity, full, by, self.clock()), note=note)
            answered = ticket.answer(seen, by, entry.id)
            return records.tickets.save(answered, "ticket.answered", entry.external_id), entry

    def answer_with(self, ticket_id: int, version: int, by: Member, entry_id: int) -> tuple[Ticket, FaqEntry]:
        """Answer with an entry that exists: a new revision of it gains the askers' words."""
        with self.store.writing(by.login, self.clock()) as records:
            seen = _as_seen(records, ticket_id, version)
            entry = records.entries.get(entry_id)
            text = replace(entry.text, variants=merge_variants(entry.text, _asked(records, seen)))
            note = f"并入待答问题{ticket_id}的问法"
            edited = records.entries.save(
                review.edit(entry, text, by, self.clock()), "entry.edited", note, note=note
            )
            answered = ticket.answer(seen, by, entry.id)
            return records.tickets.save(answered, "ticket.answered", entry.external_id), edited

    def dismiss(self, ticket_id: int, version: int, by: Member, reason: str) -> Ticket:
        """Decline to answer, saying why."""
        with self.store.writing(by.login, self.clock()) as records:
            dismissed = ticket.dismiss(_as_seen(records, ticket_id, version), by, reason, self.clock())
            return records.tickets.save(dismissed, "ticket.dismissed", reason)

    def reopen(self, ticket_id: int, version: int, by: Member) -> Ticket:
        """Take back a dismissal or an answer."""
        with self.store.writing(by.login, self.clock()) as records:
            reopened = ticket.reopen(_as_seen(records, ticket_id, version), by)
            return records.tickets.save(reopened, "ticket.reopened")

    def note_callback(self, receipt: str, callback: str, by: Member) -> None:
        """Keep how to call the asker back; only for who took the question down."""
        with self.store.writing(by.login, self.clock()) as records:
            _, asked = records.tickets.by_receipt(receipt)
            if asked.asked_by != by.login:
                raise NotAllowed("只有登记这个问题的人可以填写回电备注")
            records.tickets.note_callback(receipt, callback.strip())

    def called_back(self, ticket_id: int, occurrence_id: int, by: Member) -> None:
        """Forget the note for calling back: whoever took it, or who handles the ticket, has called."""
        with self.store.writing(by.login, self.clock()) as records:
            seen = records.tickets.get(ticket_id)
            asked = {occurrence.id: occurrence for occurrence in records.tickets.occurrences(ticket_id)}
            if occurrence_id not in asked:
                raise NotFound(f"待答问题 {ticket_id} 没有编号为 {occurrence_id} 的提问")
            if asked[occurrence_id].asked_by != by.login:
                by.require(Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR)
                by.require_department(seen.department)
            records.tickets.clear_callback(occurrence_id)


def _asked(records: Records, seen: Ticket) -> list[str]:
    """The ticket's question and its askers' words, without the clauses in which personal data was masked."""
    words = [seen.question, *(occurrence.question for occurrence in records.tickets.occurrences(seen.id))]
    return [without_masked(wording) for wording in words]


def _as_seen(records: Records, ticket_id: int, version: int) -> Ticket:
    seen = records.tickets.get(ticket_id)
    if seen.version != version:
        raise Conflict("这个问题刚刚被他人处理过，请刷新后重试")
    return seen
