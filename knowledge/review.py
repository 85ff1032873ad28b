"""三审三校: how a revision comes to be published, as one ordered table of stages.

Every function takes an entry and a member and returns the changed entry; none changes anything itself.
Illegal moves raise IllegalMove (AlreadySigned, SelfReview) or NotAllowed.

    DRAFT ── submit ──► IN_REVIEW ── sign (each stage in turn) ──► PUBLISHED ── withdraw ──► WITHDRAWN
      ▲                     │                                          │                        │
      │◄──── recall ────────┤                                          │                        │
      │              send_back (with a reason)                         │                        │
      │                     ▼                                          │                        │
      └────── edit ────  RETURNED            edit, a new revision ◄────┴────────────────────────┘
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from knowledge.entry import EntryStatus, EntryText, FaqEntry, SignOff
from knowledge.errors import AlreadySigned, IllegalMove, InvalidValue, SelfReview
from knowledge.people import Member, Role


@dataclass(frozen=True)
class ReviewStage:
    """One row of the table: who signs, and whether only within the owning department."""

    key: str
    name: str
    role: Role
    own_department: bool = False


DEFAULT_STAGES = (
    ReviewStage("department_head", "处室负责人审核", Role.REVIEWER, own_department=True),
    ReviewStage("bureau_leader", "局领导审签", Role.APPROVER),
    ReviewStage("office_publish", "办公室发布", Role.PUBLISHER),
)
"""Guizhou's order: department head, bureau leader, then the office publishes."""

_EDITABLE = (EntryStatus.DRAFT, EntryStatus.RETURNED, EntryStatus.PUBLISHED, EntryStatus.WITHDRAWN)


def current_stage(entry: FaqEntry, stages: Sequence[ReviewStage] = DEFAULT_STAGES) -> ReviewStage | None:
    """The stage that waits for a signature, None when the entry is not in review."""
    if entry.status is not EntryStatus.IN_REVIEW:
        return None
    signed = {sign_off.stage for sign_off in entry.sign_offs}
    return next((stage for stage in stages if stage.key not in signed), None)


def draft(external_id: str, text: EntryText, author: Member, at: datetime) -> FaqEntry:
    """A new entry in its first revision, by an editor of the owning department."""
    author.require(Role.EDITOR)
    author.require_department(text.department)
    return FaqEntry(
        external_id=external_id,
        status=EntryStatus.DRAFT,
        revision=1,
        text=text,
        author=author.login,
        updated_at=at,
    )


def edit(entry: FaqEntry, text: EntryText, author: Member, at: datetime) -> FaqEntry:
    """A new revision; sign-offs of the one before are void. What is published stays on the air."""
    author.require(Role.EDITOR)
    author.require_department(entry.text.department)
    if text.department != entry.text.department:
        author.require(Role.ADMINISTRATOR)
    if entry.status not in (*_EDITABLE, EntryStatus.IN_REVIEW):
        raise IllegalMove(f"{entry.status.label}的条目不能修改")
    return replace(
        entry,
        status=EntryStatus.DRAFT,
        revision=entry.revision + 1,
        text=text,
        author=author.login,
        sign_offs=(),
        return_reason="",
        updated_at=at,
    )


def submit(entry: FaqEntry, by: Member, at: datetime) -> FaqEntry:
    """Hand the newest revision to the first stage of review."""
    by.require(Role.EDITOR)
    by.require_department(entry.text.department)
    if entry.status is not EntryStatus.DRAFT:
        raise IllegalMove(f"只有草稿可以提交审核，此条目为“{entry.status.label}”" + _edit_first(entry))
    return replace(entry, status=EntryStatus.IN_REVIEW, sign_offs=(), return_reason="", updated_at=at)


def recall(entry: FaqEntry, by: Member, at: datetime) -> FaqEntry:
    """Take a submitted revision back before it is published."""
    by.require(Role.EDITOR)
    by.require_department(entry.text.department)
    if entry.status is not EntryStatus.IN_REVIEW:
        raise IllegalMove(f"只有审核中的条目可以撤回，此条目为“{entry.status.label}”")
    return replace(entry, status=EntryStatus.DRAFT, sign_offs=(), updated_at=at)


def sign(
    entry: FaqEntry, by: Member, at: datetime, stages: Sequence[ReviewStage] = DEFAULT_STAGES
) -> FaqEntry:
    """Sign the stage that waits; the last signature publishes the revision."""
    stage = _require_signer(entry, by, stages)
    sign_offs = (*entry.sign_offs, SignOff(stage.key, by.login, at))
    signed = replace(entry, sign_offs=sign_offs, updated_at=at)
    if current_stage(signed, stages) is not None:
        return signed
    return replace(signed, status=EntryStatus.PUBLISHED, published_revision=entry.revision, published_at=at)


def send_back(
    entry: FaqEntry,
    by: Member,
    reason: str,
    at: datetime,
    stages: Sequence[ReviewStage] = DEFAULT_STAGES,
) -> FaqEntry:
    """Return the revision to its department, saying why; its sign-offs are void."""
    _require_signer(entry, by, stages)
    if not reason.strip():
        raise InvalidValue("退回原因", reason, "不能为空，请写明需要修改什么")
    return replace(
        entry, status=EntryStatus.RETURNED, sign_offs=(), return_reason=reason.strip(), updated_at=at
    )


def withdraw(entry: FaqEntry, by: Member, at: datetime) -> FaqEntry:
    """Take the published revision off the air; the owning department's head or a publisher may."""
    by.require(Role.REVIEWER, Role.PUBLISHER, Role.ADMINISTRATOR)
    if not by.has(Role.PUBLISHER, Role.ADMINISTRATOR):
        by.require_department(entry.text.department)
    if entry.published_revision is None:
        raise IllegalMove("此条目没有已发布的版本，无需下架")
    status = EntryStatus.WITHDRAWN if entry.status is EntryStatus.PUBLISHED else entry.status
    return replace(entry, status=status, published_revision=None, published_at=None, updated_at=at)


def _require_signer(entry: FaqEntry, by: Member, stages: Sequence[ReviewStage]) -> ReviewStage:
    stage = current_stage(entry, stages)
    if stage is None:
        raise IllegalMove(f"只有审核中的条目可以审签，此条目为“{entry.status.label}”" + _edit_first(entry))
    by.require(stage.role)
    if stage.own_department:
        by.require_department(entry.text.department)
    if any(sign_off.by == by.login for sign_off in entry.sign_offs):
        raise AlreadySigned(f"{by.name}已审签过这一版本的前一环节，“{stage.name}”须由另一人办理")
    if by.login == entry.author:
        raise SelfReview(f"{by.name}是这一版本的起草人，“{stage.name}”须由另一人办理")
    return stage


def _edit_first(entry: FaqEntry) -> str:
    edited_first = (EntryStatus.RETURNED, EntryStatus.WITHDRAWN)
    return "，请先修改再提交" if entry.status in edited_first else ""
