"""Makes valid records; a test names only what matters to it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry
from knowledge.learning import Confirmed, Proposal, Source, WrongReport, first_seen
from knowledge.policy import Citation, PolicyDocument
from knowledge.store import AskedQuestion
from knowledge.ticket import Occurrence, Ticket, TicketStatus, new_receipt

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, noon in China."""
TODAY = date(2026, 3, 2)


def a_text(question: str = "生育津贴如何申领？", **changes: Any) -> EntryText:
    return EntryText(question=question, answer="由用人单位申请。", department="benefits", **changes)


def an_entry(external_id: str = "BENEFITS-000001", *cited: str, **changes: Any) -> FaqEntry:
    """A draft by the editor that cites these document numbers."""
    citations = tuple(Citation(number, "", "第一条") for number in cited)
    draft = FaqEntry(
        external_id=external_id,
        status=EntryStatus.DRAFT,
        revision=1,
        text=a_text(citations=citations),
        author="editor",
        updated_at=NOON,
    )
    return replace(draft, **changes)


def a_published_entry(external_id: str = "BENEFITS-000001", *cited: str, **changes: Any) -> FaqEntry:
    published = {"status": EntryStatus.PUBLISHED, "published_revision": 1, "published_at": NOON}
    return an_entry(external_id, *cited, **(published | changes))


def withdrawn(entry: FaqEntry) -> FaqEntry:
    return replace(entry, status=EntryStatus.WITHDRAWN, published_revision=None, published_at=None)


def revised(entry: FaqEntry, question: str, **changes: Any) -> FaqEntry:
    """The entry with a new revision in draft."""
    text = replace(entry.text, question=question, **changes)
    return replace(entry, status=EntryStatus.DRAFT, revision=entry.revision + 1, text=text, sign_offs=())


def a_document(number: str = "国办发〔2021〕14号", **changes: Any) -> PolicyDocument:
    return replace(PolicyDocument(title="关于建立健全门诊共济保障机制的指导意见", number=number), **changes)


def a_ticket(question: str = "异地生孩子怎么报销", **changes: Any) -> Ticket:
    opened = Ticket(question, "benefits", TicketStatus.OPEN, opened_at=NOON, due_on=date(2026, 3, 9))
    return replace(opened, **changes)


def an_occurrence(question: str = "异地生孩子怎么报销", **changes: Any) -> Occurrence:
    return replace(Occurrence(question, Channel.HOTLINE, NOON, new_receipt()), **changes)


def an_asked_question(
    outcome: str = "answered", entry_id: int | None = None, **changes: Any
) -> AskedQuestion:
    asked = AskedQuestion(
        question="生孩子的钱怎么领",
        outcome=outcome,
        entry_id=entry_id,
        revision=1 if entry_id else None,
        confidence=0.9,
        channel=Channel.WEBSITE,
        region="330100",
        insured_group="employee",
        session="s",
        ticket_id=None,
        took_ms=12.5,
        asked_at=NOON,
    )
    return replace(asked, **changes)


def a_confirmed(question: str = "生娃的补贴去哪领", **changes: Any) -> Confirmed:
    seen = Confirmed(question, 1, 1, Source.PICK, Channel.HOTLINE, NOON, by="operator")
    return replace(seen, **changes)


def a_proposal(wording: str = "生娃的补贴去哪领", **changes: Any) -> Proposal:
    return replace(first_seen(1, wording, wording, Source.PICK, NOON), **changes)


def a_report(question: str = "生娃的补贴去哪领", **changes: Any) -> WrongReport:
    said = WrongReport(question, 1, 1, staff=True, channel=Channel.HOTLINE, at=NOON, by="operator")
    return replace(said, **changes)
