"""Who may read what: drafts belong to their department and to those whose role brings them there.

What is on the air is open to every member. A newest revision that is not on the air is open to its department, to
administrators and auditors, and, once in review, to those who sign a stage for the whole bureau.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from knowledge.entry import EntryStatus, FaqEntry, Revision
from knowledge.errors import NotAllowed
from knowledge.people import Member, Role
from knowledge.review import ReviewStage
from knowledge.store import EntryFilter, Page, Records
from knowledge.ticket import Occurrence, Ticket


def sees_every_draft(member: Member) -> bool:
    """Whether the member's role brings him or her to every department's unpublished work."""
    return member.has(Role.ADMINISTRATOR, Role.AUDITOR)


def may_read_newest(member: Member, entry: FaqEntry, stages: Sequence[ReviewStage]) -> bool:
    """Whether the member may read the newest revision, published or not."""
    if entry.published_revision == entry.revision or entry.text.department == member.department:
        return True
    if sees_every_draft(member):
        return True
    if entry.status is EntryStatus.IN_REVIEW:
        return any(member.has(stage.role) for stage in stages if not stage.own_department)
    return entry.status is EntryStatus.WITHDRAWN and member.has(Role.PUBLISHER)


def require_newest(member: Member, entry: FaqEntry, stages: Sequence[ReviewStage]) -> None:
    """Raise NotAllowed unless the member may read the newest revision, and with it the entry's whole history."""
    if not may_read_newest(member, entry, stages):
        raise NotAllowed("这一条目尚未发布，只有归属处室和审核人员可以查看")


def as_seen(member: Member, entry: FaqEntry, stages: Sequence[ReviewStage], records: Records) -> FaqEntry:
    """The entry as the member may see it: its newest revision, else the one on the air.

    Raises NotAllowed when neither is open to the member.
    """
    if may_read_newest(member, entry, stages):
        return entry
    if entry.published_revision is None:
        require_newest(member, entry, stages)
    return _on_the_air(entry, records.entries.revision(entry.id, entry.published_revision or 0))


def all_as_seen(
    member: Member, entries: Iterable[FaqEntry], stages: Sequence[ReviewStage], records: Records
) -> tuple[FaqEntry, ...]:
    """Entries as the member may see them."""
    return tuple(as_seen(member, entry, stages, records) for entry in entries)


def readable(member: Member, wanted: EntryFilter) -> EntryFilter | None:
    """The filter that leaves what the member may see of the entries wanted, None when that is nothing.

    Of other departments that is what is on the air. Who asks for what is not, without naming a department, means the
    own one.
    """
    if wanted.department == member.department or sees_every_draft(member):
        return wanted
    on_the_air = wanted.published is not False and (
        not wanted.statuses or EntryStatus.PUBLISHED in wanted.statuses
    )
    if on_the_air:
        return replace(wanted, published=True, statuses=())
    return None if wanted.department else replace(wanted, department=member.department)


def require_ticket(member: Member, ticket: Ticket, office: str, asked: Iterable[Occurrence]) -> None:
    """Raise NotAllowed unless the ticket is open to the member.

    It is to its department, to the office that routes tickets, to administrators and auditors, and to the operator
    who escalated it.
    """
    mine = member.department in (ticket.department, office) or sees_every_draft(member)
    if not mine and all(occurrence.asked_by != member.login for occurrence in asked):
        raise NotAllowed("这个问题由其他处室办理，您无法查看")


def inbox_department(member: Member, department: str, office: str) -> str:
    """The department whose inbox the member reads, "" for all of them.

    Raises NotAllowed for another department's inbox, save for the office, administrators and auditors.
    """
    everywhere = member.department == office or sees_every_draft(member)
    if department and department != member.department and not everywhere:
        raise NotAllowed("只能查看本处室的待答问题")
    return department if department or everywhere else member.department


def sees_callback(member: Member, ticket: Ticket, occurrence: Occurrence) -> bool:
    """Whether the member may read the note for calling back: who took it, and who handles the ticket."""
    if occurrence.asked_by and occurrence.asked_by == member.login:
        return True
    handles = member.has(Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR)
    return handles and (member.department == ticket.department or member.has(Role.ADMINISTRATOR))


def _on_the_air(entry: FaqEntry, published: Revision) -> FaqEntry:
    return replace(
        entry,
        status=EntryStatus.PUBLISHED,
        revision=published.number,
        text=published.text,
        author=published.author,
        sign_offs=(),
        return_reason="",
        updated_at=entry.published_at,
    )


def readable_of(
    member: Member,
    ids: Sequence[int],
    stages: Sequence[ReviewStage],
    records: Records,
    limit: int,
    offset: int,
) -> Page[FaqEntry]:
    """Those of the entries that the member may see in one form or the other, as he or she may see them."""
    found = records.entries.get_many(ids)
    readable = [
        entry
        for _, entry in sorted(found.items())
        if entry.published_revision is not None or may_read_newest(member, entry, stages)
    ]
    return Page(all_as_seen(member, readable[offset : offset + limit], stages, records), len(readable))
