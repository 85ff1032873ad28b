"""Writing, reviewing, publishing and withdrawing entries: one transaction each, the index told afterwards.

`version` is what the caller saw of the entry; when somebody changed it since, Conflict is raised and nothing happens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge import review, ticket
from knowledge.entry import EntryText, FaqEntry
from knowledge.errors import Conflict, InvalidValue
from knowledge.learning import Resolution
from knowledge.people import Member, Role
from knowledge.policy import PolicyDocument
from knowledge.review import ReviewStage
from knowledge.store import Records, Store
from knowledge.ticket import Ticket, TicketStatus
from qa_service.proposing import settle


@dataclass(frozen=True)
class Publishing:
    """The parts that publishing needs. `published` is called after a change of what is on the air."""

    store: Store
    stages: Sequence[ReviewStage]
    published: Callable[[], None]
    clock: Callable[[], datetime]

    def draft(self, text: EntryText, by: Member, external_id: str = "", note: str = "") -> FaqEntry:
        """Write a new entry."""
        with self.store.writing(by.login, self.clock()) as records:
            records.people.department(text.department)
            identity = external_id or records.entries.new_external_id(text.department)
            return records.entries.add(review.draft(identity, text, by, self.clock()), note=note)

    def edit(self, entry_id: int, version: int, text: EntryText, by: Member, note: str = "") -> FaqEntry:
        """Write a new revision."""
        with self.store.writing(by.login, self.clock()) as records:
            entry = _as_seen(records, entry_id, version)
            records.people.department(text.department)
            edited = review.edit(entry, text, by, self.clock())
            return records.entries.save(edited, "entry.edited", note, note=note)

    def restore(self, entry_id: int, version: int, revision: int, by: Member) -> FaqEntry:
        """Make an earlier revision's text the newest revision."""
        with self.store.writing(by.login, self.clock()) as records:
            entry = _as_seen(records, entry_id, version)
            old = records.entries.revision(entry_id, revision)
            note = f"恢复自第{revision}版"
            restored = review.edit(entry, old.text, by, self.clock())
            return records.entries.save(restored, "entry.restored", note, note=note)

    def submit(self, entry_id: int, version: int, by: Member) -> FaqEntry:
        """Hand the newest revision in for review."""
        return self._move(
            entry_id, version, by, "entry.submitted", lambda e: review.submit(e, by, self.clock())
        )

    def recall(self, entry_id: int, version: int, by: Member) -> FaqEntry:
        """Take a revision back from review."""
        return self._move(
            entry_id, version, by, "entry.recalled", lambda e: review.recall(e, by, self.clock())
        )

    def send_back(self, entry_id: int, version: int, by: Member, reason: str) -> FaqEntry:
        """Return a revision to its department."""
        move = lambda e: review.send_back(e, by, reason, self.clock(), self.stages)  # noqa: E731 - one expression
        return self._move(entry_id, version, by, "entry.returned", move, reason)

    def sign(self, entry_id: int, version: int, by: Member) -> FaqEntry:
        """Sign the stage that waits; the last one publishes, and closes the tickets that the entry answers and the
        reports on the text before.
        """
        with self.store.writing(by.login, self.clock()) as records:
            entry = _as_seen(records, entry_id, version)
            stage = review.current_stage(entry, self.stages)
            signed = review.sign(entry, by, self.clock(), self.stages)
            published = signed.published_revision != entry.published_revision
            action = "entry.published" if published else "entry.signed"
            saved = records.entries.save(signed, action, stage.name if stage else "")
            if published:
                settle(records, saved, self._close_tickets(records, saved))
        if published:
            self.published()
        return saved

    def withdraw(self, entry_id: int, version: int, by: Member, reason: str) -> FaqEntry:
        """Take the published revision off the air, saying why."""
        if not reason.strip():
            raise InvalidValue("下架原因", reason, "不能为空")
        with self.store.writing(by.login, self.clock()) as records:
            withdrawn = review.withdraw(_as_seen(records, entry_id, version), by, self.clock())
            saved = records.entries.save(withdrawn, "entry.withdrawn", reason.strip())
            records.learning.close_reports(entry_id, Resolution.WITHDRAWN, reason.strip())
        self.published()
        return saved

    def add_policy(self, document: PolicyDocument, by: Member) -> PolicyDocument:
        """Register a document."""
        by.require(Role.EDITOR, Role.PUBLISHER, Role.ADMINISTRATOR)
        with self.store.writing(by.login, self.clock()) as records:
            added = records.policies.add(document)
        self.published()
        return added

    def change_policy(self, document: PolicyDocument, by: Member, reason: str = "") -> PolicyDocument:
        """Change a document's record. Once repealed or expired, nothing that rests on it is answered any more."""
        by.require(Role.EDITOR, Role.PUBLISHER, Role.ADMINISTRATOR)
        with self.store.writing(by.login, self.clock()) as records:
            before = records.policies.get(document.id)
            lapse = (before.validity, before.valid_until) != (document.validity, document.valid_until)
            if lapse and not reason.strip():
                raise InvalidValue("变更原因", reason, "变更效力须写明依据")
            action = "policy.validity" if lapse else "policy.edited"
            saved = records.policies.save(document, action, reason.strip())
        self.published()
        return saved

    def _move(
        self,
        entry_id: int,
        version: int,
        by: Member,
        action: str,
        move: Callable[[FaqEntry], FaqEntry],
        detail: str = "",
    ) -> FaqEntry:
        with self.store.writing(by.login, self.clock()) as records:
            return records.entries.save(move(_as_seen(records, entry_id, version)), action, detail)

    def _close_tickets(self, records: Records, entry: FaqEntry) -> tuple[Ticket, ...]:
        """Close the tickets that wait for the entry, and give them."""
        return tuple(
            records.tickets.save(ticket.close(waiting, self.clock()), "ticket.closed", entry.external_id)
            for waiting in records.tickets.for_entry(entry.id)
            if waiting.status is TicketStatus.ANSWERED
        )


def _as_seen(records: Records, entry_id: int, version: int) -> FaqEntry:
    entry = records.entries.get(entry_id)
    if entry.version != version:
        raise Conflict(f"条目 {entry.external_id} 刚刚被他人修改过，请刷新后重试；您的内容尚未保存")
    return entry
