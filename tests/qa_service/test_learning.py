"""Learning from use, with a person in between: wordings wait for the department, reports take an answer back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry
from knowledge.errors import Conflict, IllegalMove, InvalidValue, NotAllowed, NotFound
from knowledge.learning import Proposal, ProposalState, Resolution, Source
from knowledge.people import Member
from knowledge.store import Feedback, ProposalFilter
from qa_service.ask import DOUBTED, Answered, Choices
from qa_service.learning import Learning
from tests import cast
from tests.qa_service.bureau import Bureau

QUESTION = "职工生育津贴怎么领取？"
WORDING = "生娃的补贴上哪儿领"


@pytest.fixture
def learning(bureau: Bureau) -> Learning:
    return bureau.application.learning


@pytest.fixture
def entry(bureau: Bureau) -> FaqEntry:
    """One on the air, among others."""
    return bureau.furnish()[QUESTION]


def proposals(bureau: Bureau, *states: ProposalState) -> list[Proposal]:
    with bureau.application.store.reading() as records:
        return list(records.learning.proposals(ProposalFilter(states=states)).items)


def pick(bureau: Bureau, entry: FaqEntry, wording: str = WORDING, by: str = "operator") -> Proposal | None:
    return bureau.application.learning.pick(wording, entry.id, Channel.HOTLINE, by)


def must_propose(bureau: Bureau, entry: FaqEntry, wording: str = WORDING, by: str = "operator") -> Proposal:
    made = pick(bureau, entry, wording, by)
    assert made is not None
    return made


def rate(bureau: Bureau, entry: FaqEntry, helpful: bool, question: str = WORDING, visitor: str = "") -> None:
    given = Feedback(question, entry.id, None, helpful, "", Channel.WEBSITE, bureau.clock())
    bureau.application.learning.rate(given, reporter=visitor)


class TestCollecting:
    def test_a_pick_proposes_the_callers_words_to_the_entry(self, bureau: Bureau, entry: FaqEntry) -> None:
        made = must_propose(bureau, entry)
        assert (made.entry_id, made.wording, made.sources) == (entry.id, WORDING, {Source.PICK: 1})
        assert made.state is ProposalState.OPEN
        assert bureau.entry(entry.id) == entry
        assert bureau.actions()[0] == "proposal.opened"

    def test_an_answer_that_helped_confirms_its_words(self, bureau: Bureau, entry: FaqEntry) -> None:
        rate(bureau, entry, helpful=True, visitor="one")
        rate(bureau, entry, helpful=True, visitor="another")
        (made,) = proposals(bureau)
        assert made.sources == {Source.CONFIRMED: 2}

    def test_a_rating_of_a_miss_or_of_an_old_revision_teaches_nothing(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        rating = Feedback(WORDING, None, None, True, "", Channel.WEBSITE, bureau.clock())
        learning.rate(rating)
        learning.rate(replace(rating, entry_id=entry.id, revision=9))
        assert proposals(bureau) == []
        with bureau.application.store.reading() as records:
            assert len(records.questions.feedback()) == 2

    def test_a_rating_of_an_entry_that_does_not_exist_is_not_kept(
        self, bureau: Bureau, learning: Learning
    ) -> None:
        with pytest.raises(NotFound):
            learning.rate(Feedback(WORDING, 99, None, True, "", Channel.WEBSITE, bureau.clock()))
        with bureau.application.store.reading() as records:
            assert records.questions.feedback() == ()

    def test_the_words_in_which_a_closed_ticket_was_asked_are_proposed(self, bureau: Bureau) -> None:
        filed = bureau.file("补贴谁来发给我啊")
        inbox = bureau.application.inbox
        _, drafted = inbox.answer(
            filed.ticket_id, 1, cast.EDITOR, EntryText(QUESTION, "单位申领。", "benefits")
        )
        # Somebody asks while the answer is under review; the entry has only the first asker's words.
        with bureau.writing() as records:
            again = replace(
                records.tickets.occurrences(filed.ticket_id)[0], question=WORDING, receipt="X" * 10
            )
            records.tickets.join(filed.ticket_id, again)
        bureau.sign_all(drafted)
        (made,) = proposals(bureau)
        assert (made.wording, made.entry_id, made.sources) == (WORDING, drafted.id, {Source.TICKET: 1})

    def test_the_same_and_the_nearly_same_words_are_counted_together(
        self, bureau: Bureau, entry: FaqEntry
    ) -> None:
        first = must_propose(bureau, entry, "生完娃以后的补贴应该上哪儿领")
        same = must_propose(bureau, entry, " 生完娃以后的補貼應該上哪兒領？", by="editor")
        near = must_propose(bureau, entry, "生完娃以后的补贴应该上哪儿领啊", by="head")
        assert first.id == same.id == near.id
        assert near.count == 3
        assert must_propose(bureau, entry, "孕妇补助谁给").id != first.id

    def test_the_same_person_counts_once_a_day(self, bureau: Bureau, entry: FaqEntry) -> None:
        must_propose(bureau, entry)
        assert pick(bureau, entry) is None
        bureau.clock.now += timedelta(days=2)
        assert must_propose(bureau, entry).count == 2

    @pytest.mark.parametrize(
        "wording",
        [
            QUESTION,
            "职工生育津贴怎么领取",
            "职工生育津贴怎么领取呢",
            "你好",
            "我叫王芳身份证11010519491231002X补贴上哪儿领",
            "生" * 61,
        ],
    )
    def test_what_the_entry_has_and_what_no_one_else_would_ask_is_not_proposed(
        self, bureau: Bureau, entry: FaqEntry, wording: str
    ) -> None:
        assert pick(bureau, entry, wording) is None
        assert proposals(bureau) == []

    def test_what_was_masked_is_not_written_down_anywhere(self, bureau: Bureau, entry: FaqEntry) -> None:
        pick(bureau, entry, "我的手机13800138000，补贴上哪儿领")
        bureau.application.learning.report(
            "我的手机13800138000", entry.id, Channel.HOTLINE, comment="打13900139000问过"
        )
        assert "13800138000" not in str(bureau.contents())
        assert "13900139000" not in str(bureau.contents())

    def test_a_draft_of_the_entry_that_has_the_words_is_enough(self, bureau: Bureau, entry: FaqEntry) -> None:
        text = replace(entry.text, variants=(WORDING,))
        bureau.application.publishing.edit(entry.id, entry.version, text, cast.EDITOR)
        assert pick(bureau, entry) is None

    def test_what_is_not_on_the_air_cannot_be_picked(self, bureau: Bureau, learning: Learning) -> None:
        draft = bureau.application.publishing.draft(EntryText("甲", "乙", "benefits"), cast.EDITOR)
        with pytest.raises(Conflict, match="重新检索"):
            pick(bureau, draft)
        with pytest.raises(NotFound):
            learning.pick(WORDING, 99, Channel.HOTLINE)

    def test_another_revision_than_the_one_on_the_air_cannot_be_picked(
        self, entry: FaqEntry, learning: Learning
    ) -> None:
        with pytest.raises(Conflict, match="新的版本"):
            learning.pick(WORDING, entry.id, Channel.HOTLINE, revision=2)


class TestDeciding:
    def test_accepting_drafts_a_revision_and_submits_nothing(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = [must_propose(bureau, entry, wording).id for wording in (WORDING, "孕妇补助谁给")]
        edited = learning.accept(entry.id, entry.version, made, cast.EDITOR)
        assert edited.status is EntryStatus.DRAFT
        assert edited.text.variants == (WORDING, "孕妇补助谁给")
        assert edited.text.answer == entry.text.answer
        assert edited.published_revision == entry.published_revision
        assert {each.decided_by for each in proposals(bureau, ProposalState.ACCEPTED)} == {"editor"}
        assert bureau.actions()[:3] == ["proposal.accepted", "proposal.accepted", "entry.edited"]

    def test_accepting_and_submitting_leaves_the_three_signatures_to_others(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = must_propose(bureau, entry)
        handed_in = learning.accept(entry.id, entry.version, [made.id], cast.EDITOR, submit=True)
        assert handed_in.status is EntryStatus.IN_REVIEW
        publishing = bureau.application.publishing
        for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
            handed_in = publishing.sign(handed_in.id, handed_in.version, signer)
        bureau.follow()
        outcome = bureau.ask(WORDING)
        assert isinstance(outcome, Answered)
        assert outcome.answer.entry.id == entry.id

    @pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.login)
    @pytest.mark.parametrize("decision", ["accept", "decline", "reopen"])
    def test_only_the_departments_editors_and_administrators_decide(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning, member: Member, decision: str
    ) -> None:
        made = must_propose(bureau, entry)
        if decision == "reopen":
            learning.decline([made.id], cast.EDITOR)
        decide: dict[str, Callable[[], object]] = {
            "accept": lambda: learning.accept(entry.id, entry.version, [made.id], member),
            "decline": lambda: learning.decline([made.id], member),
            "reopen": lambda: learning.reopen([made.id], member),
        }
        before = bureau.contents()
        if member in (cast.EDITOR, cast.COLLEAGUE, cast.ADMIN):
            decide[decision]()
            assert bureau.contents() != before
        else:
            with pytest.raises(NotAllowed):
                decide[decision]()
            assert bureau.contents() == before

    def test_an_entry_in_review_keeps_its_signatures(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = must_propose(bureau, entry)
        publishing = bureau.application.publishing
        edited = publishing.edit(entry.id, entry.version, entry.text, cast.EDITOR)
        waiting = publishing.submit(edited.id, edited.version, cast.EDITOR)
        with pytest.raises(IllegalMove, match="正在审核"):
            learning.accept(entry.id, waiting.version, [made.id], cast.COLLEAGUE)
        assert bureau.entry(entry.id) == waiting

    def test_unfinished_work_of_others_is_not_submitted_along(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = must_propose(bureau, entry)
        text = replace(entry.text, answer="还没写完")
        edited = bureau.application.publishing.edit(entry.id, entry.version, text, cast.COLLEAGUE)
        with pytest.raises(IllegalMove, match="不能直接送审"):
            learning.accept(entry.id, edited.version, [made.id], cast.EDITOR, submit=True)
        assert proposals(bureau, ProposalState.OPEN) == [made]
        merged = learning.accept(entry.id, edited.version, [made.id], cast.EDITOR)
        assert (merged.text.answer, merged.text.variants) == ("还没写完", (WORDING,))

    def test_what_somebody_changed_meanwhile_is_not_overwritten(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = must_propose(bureau, entry)
        bureau.application.publishing.edit(entry.id, entry.version, entry.text, cast.COLLEAGUE)
        with pytest.raises(Conflict):
            learning.accept(entry.id, entry.version, [made.id], cast.EDITOR)

    def test_nothing_and_another_entrys_wordings_are_refused(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        other = bureau.put_on_the_air("大病保险怎么报销？")
        made = must_propose(bureau, other)
        with pytest.raises(InvalidValue, match="至少选择一条"):
            learning.accept(entry.id, entry.version, [], cast.EDITOR)
        with pytest.raises(InvalidValue, match="不属于这一条目"):
            learning.accept(entry.id, entry.version, [made.id], cast.EDITOR)

    def test_an_entry_that_is_full_of_similar_questions_says_so(
        self, bureau: Bureau, learning: Learning
    ) -> None:
        full = bureau.put_on_the_air("甲问题", variants=tuple(f"第{n}种说法" for n in range(200)))
        made = must_propose(bureau, full)
        with pytest.raises(IllegalMove, match="放不下"):
            learning.accept(full.id, full.version, [made.id], cast.EDITOR)

    def test_a_refusal_holds_and_can_be_undone(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = must_propose(bureau, entry)
        learning.decline([made.id], cast.EDITOR)
        assert must_propose(bureau, entry, by="editor").state is ProposalState.DECLINED
        assert proposals(bureau, ProposalState.OPEN) == []
        (again,) = learning.reopen([made.id], cast.COLLEAGUE)
        assert (again.state, again.count, again.decided_by) == (ProposalState.OPEN, 2, "")

    def test_words_that_came_into_the_text_by_hand_need_no_decision_any_more(
        self, bureau: Bureau, entry: FaqEntry
    ) -> None:
        must_propose(bureau, entry)
        text = replace(entry.text, variants=(WORDING + "？",))
        bureau.sign_all(bureau.application.publishing.edit(entry.id, entry.version, text, cast.EDITOR))
        (made,) = proposals(bureau)
        assert (made.state, made.decided_by) == (ProposalState.ACCEPTED, "system")

    def test_words_that_were_accepted_and_taken_out_again_wait_again_once_somebody_uses_them(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        made = must_propose(bureau, entry)
        edited = learning.accept(entry.id, entry.version, [made.id], cast.EDITOR)
        bureau.application.publishing.edit(entry.id, edited.version, entry.text, cast.EDITOR)
        assert must_propose(bureau, entry, by="editor").state is ProposalState.OPEN


class TestStanding:
    def doubt(self, bureau: Bureau, entry: FaqEntry, by: str = "operator") -> None:
        bureau.application.learning.report(QUESTION, entry.id, Channel.HOTLINE, by, comment="文件改了")

    def test_one_members_report_takes_the_answer_back_to_a_choice(
        self, bureau: Bureau, entry: FaqEntry
    ) -> None:
        assert isinstance(bureau.ask(QUESTION), Answered)
        self.doubt(bureau, entry)
        outcome = bureau.ask(QUESTION)
        assert isinstance(outcome, Choices)
        assert outcome.options[0].entry.id == entry.id
        assert outcome.options[0].doubted
        assert [option.doubted for option in outcome.options[1:]] == [False] * (len(outcome.options) - 1)
        assert outcome.note == DOUBTED
        assert bureau.actions()[0] == "entry.reported"

    def test_of_others_it_takes_three(self, bureau: Bureau, entry: FaqEntry) -> None:
        for visitor in ("one", "one", "two"):
            assert isinstance(bureau.ask(QUESTION), Answered)
            rate(bureau, entry, helpful=False, question=QUESTION, visitor=visitor)
        assert isinstance(bureau.ask(QUESTION), Answered)
        rate(bureau, entry, helpful=False, question=QUESTION, visitor="three")
        assert isinstance(bureau.ask(QUESTION), Choices)

    def test_that_a_choice_was_not_the_one_says_nothing_against_it(
        self, bureau: Bureau, entry: FaqEntry
    ) -> None:
        bureau.must_offer("津贴怎么领取")
        for visitor in ("one", "two", "three"):
            rate(bureau, entry, helpful=False, question="津贴怎么领取", visitor=visitor)
        assert isinstance(bureau.ask(QUESTION), Answered)

    def test_other_entries_answer_as_before(self, bureau: Bureau, entry: FaqEntry) -> None:
        self.doubt(bureau, entry)
        outcome = bureau.ask("异地就医怎么备案？")
        assert isinstance(outcome, Answered)
        assert outcome.note == ""

    def test_the_department_finds_the_answer_right_and_says_why(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning
    ) -> None:
        self.doubt(bureau, entry)
        assert learning.close_reports(entry.id, cast.HEAD, "与规定第八条一致") == 1
        assert isinstance(bureau.ask(QUESTION), Answered)
        assert "entry.reports_closed" in bureau.actions()
        with pytest.raises(Conflict, match="没有待核实的反映"):
            learning.close_reports(entry.id, cast.EDITOR, "再来一次")

    @pytest.mark.parametrize(
        "member", [cast.OUTSIDER, cast.OPERATOR, cast.AUDITOR, cast.LEADER], ids=lambda m: m.login
    )
    def test_nobody_else_closes_reports(
        self, bureau: Bureau, entry: FaqEntry, learning: Learning, member: Member
    ) -> None:
        self.doubt(bureau, entry)
        with pytest.raises(NotAllowed):
            learning.close_reports(entry.id, member, "没问题")
        with pytest.raises(InvalidValue):
            learning.close_reports(entry.id, cast.EDITOR, " ")
        with pytest.raises(InvalidValue, match="核实结果"):
            learning.close_reports(entry.id, cast.EDITOR, "改了", Resolution.REVISED)
        assert isinstance(bureau.ask(QUESTION), Choices)

    def test_publishing_a_new_revision_closes_what_was_said_of_the_old_one(
        self, bureau: Bureau, entry: FaqEntry
    ) -> None:
        self.doubt(bureau, entry)
        text = replace(entry.text, answer="由用人单位申领。")
        edited = bureau.application.publishing.edit(entry.id, entry.version, text, cast.EDITOR)
        assert isinstance(bureau.ask(QUESTION), Choices)
        bureau.sign_all(edited)
        assert isinstance(bureau.ask(QUESTION), Answered)
        with bureau.application.store.reading() as records:
            assert [each.resolution for each in records.learning.reports(entry.id)] == [Resolution.REVISED]

    def test_taking_the_entry_off_the_air_closes_them_too(self, bureau: Bureau, entry: FaqEntry) -> None:
        self.doubt(bureau, entry)
        bureau.application.publishing.withdraw(entry.id, entry.version, cast.HEAD, "政策已变")
        with bureau.application.store.reading() as records:
            (closed,) = records.learning.reports(entry.id)
        assert (closed.resolution, closed.reason) == (Resolution.WITHDRAWN, "政策已变")

    def test_visitors_are_told_apart_without_being_known(self, learning: Learning) -> None:
        assert learning.reporter("192.0.2.7") == learning.reporter("192.0.2.7")
        assert learning.reporter("192.0.2.7") != learning.reporter("192.0.2.8")
        other = Learning(learning.settings, learning.store, learning.clock)
        assert other.reporter("192.0.2.7") != learning.reporter("192.0.2.7")
