"""Learning from use, with a person in between: picks, ratings, reports, and what the department decides on them.

One transaction each. Questions are masked here, whatever the caller did.
"""

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from knowledge import learning, review
from knowledge.entry import Channel, EntryStatus, FaqEntry, merge_variants
from knowledge.errors import Conflict, IllegalMove, InvalidValue
from knowledge.learning import Confirmed, Proposal, Resolution, Source, Standing, WrongReport
from knowledge.masking import mask
from knowledge.people import SYSTEM, Member, Role
from knowledge.store import Feedback, Records, Store
from qa_service.ask import check_question
from qa_service.proposing import learn, on_the_air
from qa_service.settings import Settings


@dataclass(frozen=True)
class Learning:
    """The parts that learning needs."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def reporter(self, address: str) -> str:
        """Tells one visitor from another without saying who: nobody can compute it once this process has ended."""
        return hmac.digest(self._salt, address.encode(), "sha256").hex()[:16]

    def pick(
        self, question: str, entry_id: int, channel: Channel, by: str = "", revision: int | None = None
    ) -> Proposal | None:
        """An operator chose this entry for what the caller asked; gives the proposal that its words made or joined."""
        asked, now = self._masked(question), self.clock()
        with self.store.writing(by or SYSTEM.login, now) as records:
            entry = on_the_air(records, entry_id, revision)
            published = entry.published_revision or 0
            return learn(
                records, Confirmed(asked, entry_id, published, Source.PICK, channel, now, by, reporter="")
            )

    def rate(self, given: Feedback, by: str = "", reporter: str = "") -> None:
        """Keep what somebody thought of an answer, and learn from it.

        That it helped confirms the wording. That the answer which the service gave did not help counts as a report of
        a wrong answer; that a mere choice did not help says nothing against it. Raises NotFound for an unknown entry.
        """
        with self.store.writing(by or SYSTEM.login, given.at) as records:
            records.questions.add_feedback(given)
            if given.entry_id is None:
                return
            published = records.entries.get(given.entry_id).published_revision
            if published is None or given.revision not in (None, published):
                return
            if given.helpful:
                said = (given.question, given.entry_id, published, Source.CONFIRMED, given.channel, given.at)
                learn(records, Confirmed(*said, by, reporter))
            elif records.learning.answered(given.question, given.entry_id):
                records.learning.report(
                    WrongReport(
                        question=given.question,
                        entry_id=given.entry_id,
                        revision=published,
                        staff=False,
                        channel=given.channel,
                        at=given.at,
                        comment=given.comment,
                        by=by,
                        reporter=reporter,
                    )
                )

    def report(
        self,
        question: str,
        entry_id: int,
        channel: Channel,
        by: str = "",
        revision: int | None = None,
        comment: str = "",
    ) -> Standing:
        """A member says that the entry answers this question wrongly; gives the entry's standing now."""
        asked, now = self._masked(question), self.clock()
        with self.store.writing(by or SYSTEM.login, now) as records:
            entry = on_the_air(records, entry_id, revision)
            records.learning.report(
                WrongReport(
                    question=asked,
                    entry_id=entry_id,
                    revision=entry.published_revision or 0,
                    staff=True,
                    channel=channel,
                    at=now,
                    comment=mask(comment.strip()),
                    by=by,
                )
            )
            return records.learning.standings([entry_id])[entry_id]

    def doubted(self, standing: Standing) -> bool:
        """Whether an entry of this standing is only offered, never served as the answer."""
        return standing.doubted(self.settings.doubt_staff_reports, self.settings.doubt_citizen_reports)

    def close_reports(
        self, entry_id: int, by: Member, reason: str, resolution: Resolution = Resolution.CORRECT
    ) -> int:
        """The department has looked and the text is right; gives how many reports that closes.

        Raises Conflict when there is none any more.
        """
        if resolution not in (Resolution.CORRECT, Resolution.MISMATCH):
            raise InvalidValue("核实结果", resolution.value, "应为“答案无误”或“条目无误，答非所问”")
        with self.store.writing(by.login, self.clock()) as records:
            entry = records.entries.get(entry_id)
            said = learning.require_closing(by, entry.text.department, reason)
            closed = records.learning.close_reports(entry_id, resolution, said)
            if not closed:
                raise Conflict("没有待核实的反映，可能已由他人办理，请刷新页面")
            return closed

    def accept(
        self, entry_id: int, version: int, proposals: Sequence[int], by: Member, submit: bool = False
    ) -> FaqEntry:
        """Draft a revision with these wordings as similar questions, and with `submit` hand it in for review.

        `version` is what the member saw of the entry. Raises IllegalMove while a revision is in review, and for
        `submit` when there was unfinished work on the entry before.
        """
        with self.store.writing(by.login, self.clock()) as records:
            entry = _as_seen(records, entry_id, version)
            learning.require_decider(by, entry.text.department)
            _require_untouched(entry, submit)
            chosen = _chosen(records, proposals, entry_id)
            saved = self._with_wordings(records, entry, chosen, by)
            for proposal in chosen:
                accepted = learning.accept(proposal, by, self.clock())
                records.learning.save_proposal(accepted, "proposal.accepted")
            if submit and saved.status is EntryStatus.DRAFT:
                submitted = review.submit(saved, _as_editor(by), self.clock())
                saved = records.entries.save(submitted, "entry.submitted")
            return saved

    def decline(self, proposals: Sequence[int], by: Member) -> tuple[Proposal, ...]:
        """These wordings are not wanted."""
        return self._decide(
            proposals, by, "proposal.declined", lambda p: learning.decline(p, by, self.clock())
        )

    def reopen(self, proposals: Sequence[int], by: Member) -> tuple[Proposal, ...]:
        """Undo decisions."""
        return self._decide(proposals, by, "proposal.reopened", learning.reopen)

    def _decide(
        self, proposals: Sequence[int], by: Member, action: str, move: Callable[[Proposal], Proposal]
    ) -> tuple[Proposal, ...]:
        with self.store.writing(by.login, self.clock()) as records:
            chosen = _chosen(records, proposals)
            for proposal in chosen:
                learning.require_decider(by, records.entries.get(proposal.entry_id).text.department)
            return tuple(records.learning.save_proposal(move(proposal), action) for proposal in chosen)

    def _with_wordings(
        self, records: Records, entry: FaqEntry, chosen: Sequence[Proposal], by: Member
    ) -> FaqEntry:
        """The entry with a revision more, unless its newest one has the wordings already."""
        wordings = [proposal.wording for proposal in chosen]
        text = replace(entry.text, variants=merge_variants(entry.text, wordings))
        if not set(wordings) <= {*text.phrasings()}:
            raise IllegalMove(f"相似问最多{len(text.variants)}条，已经放不下，请先在条目里精简")
        if text == entry.text:
            return entry
        note = f"加入群众问法{len(text.variants) - len(entry.text.variants)}条"
        edited = review.edit(entry, text, _as_editor(by), self.clock())
        return records.entries.save(edited, "entry.edited", note, note=note)

    def _masked(self, question: str) -> str:
        return mask(check_question(question, self.settings.max_question))


def _as_editor(by: Member) -> Member:
    """An administrator takes accepted wordings in for any department, though he or she does not write otherwise."""
    return replace(by, roles=by.roles | {Role.EDITOR}) if by.has(Role.ADMINISTRATOR) else by


def _chosen(records: Records, proposals: Sequence[int], entry_id: int | None = None) -> tuple[Proposal, ...]:
    """The proposals, each once. Raises InvalidValue for none, and for one of another entry than that named."""
    chosen = tuple(records.learning.proposal(each) for each in dict.fromkeys(proposals))
    if not chosen:
        raise InvalidValue("问法", "", "请至少选择一条")
    for proposal in chosen:
        if entry_id not in (None, proposal.entry_id):
            raise InvalidValue("问法", proposal.wording, "不属于这一条目，请刷新页面")
    return chosen


def _require_untouched(entry: FaqEntry, submit: bool) -> None:
    if entry.status is EntryStatus.IN_REVIEW:
        raise IllegalMove("此条目正在审核，请等审核结束，或先撤回再加入")
    if submit and entry.status is not EntryStatus.PUBLISHED:
        raise IllegalMove(
            f"此条目的最新版本是“{entry.status.label}”，不能直接送审；请先加入，核对后再提交审核"
        )


def _as_seen(records: Records, entry_id: int, version: int) -> FaqEntry:
    entry = records.entries.get(entry_id)
    if entry.version != version:
        raise Conflict(f"条目 {entry.external_id} 刚刚被他人修改过，请刷新后重试")
    return entry
