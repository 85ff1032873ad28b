"""What use teaches: wordings proposed as similar questions, and answers that somebody reported as wrong.

Nothing here changes an entry by itself. A proposal waits until somebody of the owning department accepts it into the
entry, which is then reviewed like any other revision:

    OPEN ── accept ──► ACCEPTED ── (asked again, and the entry still lacks it) ──► OPEN
      ▲ └── decline ─► DECLINED
      └──── reopen ──────┘

A report lowers its entry's standing until somebody looks: from so many reports on, the entry is offered as a choice
and never served as the answer.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from knowledge.entry import Channel
from knowledge.errors import IllegalMove, InvalidValue
from knowledge.masking import is_masked
from knowledge.people import Member, Role

LONGEST_WORDING = 60
"""A longer question tells a story: it is nobody else's way to ask."""
ALIKE = 0.8
"""Wordings are near-same from this much of Jaccard's coefficient of their character bigrams on."""


class Source(StrEnum):
    """How a wording came to be known as one that an entry answers."""

    PICK = "pick"
    CONFIRMED = "confirmed"
    TICKET = "ticket"

    @property
    def label(self) -> str:
        return {"pick": "坐席选用", "confirmed": "群众认可", "ticket": "待答问题办结"}[self.value]


class ProposalState(StrEnum):
    """Whether the department has decided on a proposal."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"

    @property
    def label(self) -> str:
        return {"OPEN": "待确认", "ACCEPTED": "已加入", "DECLINED": "不采用"}[self.value]


@dataclass(frozen=True)
class Confirmed:
    """One time that a person saw an entry answer a question. `question` is masked; `by` is a member's login.

    `reporter` tells two visitors apart without telling who they are, "" where that is not known.
    """

    question: str
    entry_id: int
    revision: int
    source: Source
    channel: Channel
    at: datetime
    by: str = ""
    reporter: str = ""


@dataclass(frozen=True)
class Proposal:
    """A wording that people use for an entry, and how often it was seen in each way.

    `key` is the wording as it is compared; `version` guards against two people deciding at once.
    """

    entry_id: int
    wording: str
    key: str
    first_at: datetime
    last_at: datetime
    picks: int = 0
    confirmations: int = 0
    tickets: int = 0
    state: ProposalState = ProposalState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    id: int = 0
    version: int = field(default=0, compare=False)

    @property
    def count(self) -> int:
        """How often it was seen, in whatever way."""
        return self.picks + self.confirmations + self.tickets

    @property
    def sources(self) -> dict[Source, int]:
        """How often in each way, without those in which it was not seen."""
        seen = {source: int(getattr(self, name)) for source, name in COUNTED_AS.items()}
        return {source: count for source, count in seen.items() if count}


class Resolution(StrEnum):
    """How a report ended, OPEN until it has. MISMATCH: the text is right, but not for what was asked."""

    OPEN = ""
    CORRECT = "correct"
    MISMATCH = "mismatch"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return {
            "": "待核实",
            "correct": "答案无误",
            "mismatch": "条目无误，答非所问",
            "revised": "已发布新版",
            "withdrawn": "已下架",
        }[self.value]


@dataclass(frozen=True)
class WrongReport:
    """Somebody said that an entry, in the revision named, answered a question wrongly. `question` is masked.

    `staff` tells that a member said so, whose login is `by`; `reporter` is as in `Confirmed`.
    """

    question: str
    entry_id: int
    revision: int
    staff: bool
    channel: Channel
    at: datetime
    comment: str = ""
    by: str = ""
    reporter: str = ""
    resolution: Resolution = Resolution.OPEN
    reason: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True)
class Standing:
    """Open reports on the revision of an entry that is on the air: by members, by others, and the first of them."""

    entry_id: int
    staff: int
    citizens: int
    since: datetime

    def doubted(self, staff: int, citizens: int) -> bool:
        """Whether there are as many of one kind as take an entry off the answers."""
        return self.staff >= staff or self.citizens >= citizens


def first_seen(entry_id: int, wording: str, key: str, source: Source, at: datetime) -> Proposal:
    """A proposal of what was seen once."""
    return Proposal(
        entry_id,
        wording,
        key,
        first_at=at,
        last_at=at,
        picks=int(source is Source.PICK),
        confirmations=int(source is Source.CONFIRMED),
        tickets=int(source is Source.TICKET),
    )


COUNTED_AS = {Source.PICK: "picks", Source.CONFIRMED: "confirmations", Source.TICKET: "tickets"}
"""Where a proposal counts each source."""


def proposable(wording: str) -> bool:
    """Whether a masked wording may be shown as one of many people's: short, and nothing was masked in it."""
    return 0 < len(wording.strip()) <= LONGEST_WORDING and not is_masked(wording)


def jaccard(left: Set[str], right: Set[str]) -> float:
    """Jaccard's coefficient of two sets, 0 to 1; 0 of two empty ones."""
    either = len(left | right)
    return len(left & right) / either if either else 0.0


def require_decider(by: Member, department: str) -> None:
    """Raise NotAllowed unless the member decides on the department's proposals."""
    by.require(Role.EDITOR, Role.ADMINISTRATOR)
    by.require_department(department)


def accept(proposal: Proposal, by: Member, at: datetime) -> Proposal:
    """The wording goes into the entry's next revision."""
    _require_state(proposal, "加入", ProposalState.OPEN)
    return _decided(proposal, ProposalState.ACCEPTED, by, at)


def decline(proposal: Proposal, by: Member, at: datetime) -> Proposal:
    """The wording is not wanted; seen again, it stays declined."""
    _require_state(proposal, "不采用", ProposalState.OPEN)
    return _decided(proposal, ProposalState.DECLINED, by, at)


def reopen(proposal: Proposal) -> Proposal:
    """Undo a refusal, or take up again what was accepted and never came into the entry."""
    _require_state(proposal, "恢复", ProposalState.DECLINED, ProposalState.ACCEPTED)
    return replace(proposal, state=ProposalState.OPEN, decided_by="", decided_at=None)


def require_closing(by: Member, department: str, reason: str) -> str:
    """The reason for which reports are closed as unfounded, trimmed.

    Raises NotAllowed unless the member answers for the department's texts, InvalidValue without a reason.
    """
    by.require(Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR)
    by.require_department(department)
    if not reason.strip():
        raise InvalidValue("核实说明", reason, "不能为空，请写明依据")
    return reason.strip()


def joined(proposals: Iterable[Proposal], key: str, pairs: Mapping[str, Set[str]]) -> Proposal | None:
    """The proposal that a wording joins: the same, else the most alike one. `pairs` are the bigrams of each key."""
    known = {proposal.key: proposal for proposal in proposals}
    if key in known or not known:
        return known.get(key)
    alike = {other: jaccard(pairs[key], pairs[other]) for other in known}
    best = max(alike, key=lambda other: (alike[other], other))
    return known[best] if alike[best] >= ALIKE else None


def _decided(proposal: Proposal, state: ProposalState, by: Member, at: datetime) -> Proposal:
    return replace(proposal, state=state, decided_by=by.login, decided_at=at)


def _require_state(proposal: Proposal, move: str, *allowed: ProposalState) -> None:
    if proposal.state not in allowed:
        raise IllegalMove(f"“{proposal.wording}”{proposal.state.label}，不能再{move}，请刷新页面")
