"""三审三校: every move from every state by everybody."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import review
from knowledge.entry import EntryStatus, FaqEntry, SignOff
from knowledge.errors import AlreadySigned, IllegalMove, InvalidValue, NotAllowed, SelfReview, ZhengdaError
from knowledge.people import Member, Role
from knowledge.review import DEFAULT_STAGES, ReviewStage
from tests.cast import ADMIN, AUDITOR, COLLEAGUE, EDITOR, HEAD, LEADER, MEMBERS, OPERATOR, OUTSIDER, PUBLISHER
from tests.knowledge.making import NOON, a_text, an_entry

LATER = NOON.replace(hour=9)
SIGNED_BY_HEAD = (SignOff("department_head", "head", NOON),)
SIGNED_BY_BOTH = (*SIGNED_BY_HEAD, SignOff("bureau_leader", "leader", NOON))

STATES: dict[str, FaqEntry] = {
    "draft": an_entry(),
    "waiting for the head": an_entry(status=EntryStatus.IN_REVIEW),
    "waiting for the leader": an_entry(status=EntryStatus.IN_REVIEW, sign_offs=SIGNED_BY_HEAD),
    "waiting for the publisher": an_entry(status=EntryStatus.IN_REVIEW, sign_offs=SIGNED_BY_BOTH),
    "returned": an_entry(status=EntryStatus.RETURNED, return_reason="依据有误"),
    "published": an_entry(status=EntryStatus.PUBLISHED, published_revision=1, published_at=NOON),
    "published and edited": an_entry(status=EntryStatus.DRAFT, revision=2, published_revision=1),
    "published and in review again": an_entry(status=EntryStatus.IN_REVIEW, revision=2, published_revision=1),
    "withdrawn": an_entry(status=EntryStatus.WITHDRAWN),
}
MOVES: dict[str, Callable[[FaqEntry, Member], FaqEntry]] = {
    "edit": lambda entry, by: review.edit(entry, a_text("改后的问法"), by, LATER),
    "submit": lambda entry, by: review.submit(entry, by, LATER),
    "recall": lambda entry, by: review.recall(entry, by, LATER),
    "sign": lambda entry, by: review.sign(entry, by, LATER),
    "send back": lambda entry, by: review.send_back(entry, by, "依据有误", LATER),
    "withdraw": lambda entry, by: review.withdraw(entry, by, LATER),
}
EDITORS = {EDITOR, COLLEAGUE}
IN_REVIEW = [state for state in STATES if STATES[state].status is EntryStatus.IN_REVIEW]
SIGNERS = {
    "waiting for the head": {HEAD},
    "published and in review again": {HEAD},
    "waiting for the leader": {LEADER},
    "waiting for the publisher": {PUBLISHER},
}
# Who may make the move from that state. What is not here is illegal for everybody.
LEGAL: dict[tuple[str, str], set[Member]] = {
    **{("edit", state): EDITORS for state in STATES},
    **{("submit", state): EDITORS for state in ("draft", "published and edited")},
    **{("recall", state): EDITORS for state in IN_REVIEW},
    **{("sign", state): signers for state, signers in SIGNERS.items()},
    **{("send back", state): signers for state, signers in SIGNERS.items()},
    **{
        ("withdraw", state): {HEAD, PUBLISHER, ADMIN}
        for state in ("published", "published and edited", "published and in review again")
    },
}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.login)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_made_by_those_who_may_and_refused_to_all_others(
    move: str, state: str, member: Member
) -> None:
    if member in LEGAL.get((move, state), set()):
        assert MOVES[move](STATES[state], member) != STATES[state]
    else:
        with pytest.raises((IllegalMove, NotAllowed)):
            MOVES[move](STATES[state], member)


@pytest.mark.parametrize(("move", "state"), LEGAL)
def test_who_lacks_the_role_or_the_department_is_told_so(move: str, state: str) -> None:
    for member in (OPERATOR, AUDITOR, OUTSIDER):
        with pytest.raises(NotAllowed):
            MOVES[move](STATES[state], member)


@pytest.mark.parametrize(("move", "state"), [(m, s) for m in MOVES for s in STATES if (m, s) not in LEGAL])
def test_a_move_that_does_not_exist_is_illegal_whatever_the_role(move: str, state: str) -> None:
    everything = Member("able", "全能", "benefits", frozenset(Role))
    with pytest.raises(IllegalMove):
        MOVES[move](STATES[state], everything)


class TestDrafting:
    def test_an_editor_drafts_for_the_own_department(self) -> None:
        drafted = review.draft("BENEFITS-000001", a_text(), EDITOR, NOON)
        assert drafted == an_entry()
        assert (drafted.status, drafted.revision, drafted.author) == (EntryStatus.DRAFT, 1, "editor")

    @pytest.mark.parametrize("member", [HEAD, PUBLISHER, OPERATOR, AUDITOR, OUTSIDER], ids=lambda m: m.login)
    def test_nobody_else_does(self, member: Member) -> None:
        with pytest.raises(NotAllowed):
            review.draft("BENEFITS-000001", a_text(), member, NOON)


class TestEditing:
    def test_it_makes_a_revision_without_sign_offs_and_leaves_the_air_alone(self) -> None:
        before = replace(
            STATES["published and in review again"], sign_offs=SIGNED_BY_HEAD, return_reason="旧"
        )
        after = review.edit(before, a_text("改后的问法"), COLLEAGUE, LATER)
        assert (after.status, after.revision, after.author) == (EntryStatus.DRAFT, 3, "colleague")
        assert (after.sign_offs, after.return_reason, after.updated_at) == ((), "", LATER)
        assert after.published_revision == 1

    def test_an_entry_changes_its_department_through_an_administrator_alone(self) -> None:
        moved = replace(a_text(), department="settlement")
        with pytest.raises(NotAllowed):
            review.edit(STATES["draft"], moved, EDITOR, LATER)
        both = Member("both", "兼任", "office", frozenset({Role.EDITOR, Role.ADMINISTRATOR}))
        assert review.edit(STATES["draft"], moved, both, LATER).text.department == "settlement"


class TestSubmittingAndRecalling:
    def test_a_draft_goes_to_the_first_stage(self) -> None:
        submitted = review.submit(STATES["draft"], EDITOR, LATER)
        assert review.current_stage(submitted) == DEFAULT_STAGES[0]

    def test_a_returned_entry_has_to_be_changed_first(self) -> None:
        with pytest.raises(IllegalMove, match="请先修改"):
            review.submit(STATES["returned"], EDITOR, LATER)

    def test_a_withdrawn_entry_has_to_be_changed_first(self) -> None:
        with pytest.raises(IllegalMove, match="已下架”，请先修改再提交"):
            review.submit(STATES["withdrawn"], EDITOR, LATER)

    def test_recalling_voids_the_sign_offs(self) -> None:
        recalled = review.recall(STATES["waiting for the publisher"], COLLEAGUE, LATER)
        assert (recalled.status, recalled.sign_offs) == (EntryStatus.DRAFT, ())


class TestSigning:
    def test_the_stages_are_signed_in_turn_and_the_last_one_publishes(self) -> None:
        entry = review.submit(STATES["published and edited"], EDITOR, NOON)
        for stage, signer in zip(DEFAULT_STAGES, (HEAD, LEADER, PUBLISHER), strict=True):
            assert review.current_stage(entry) == stage
            assert entry.published_revision == 1
            entry = review.sign(entry, signer, LATER)
            assert entry.sign_offs[-1] == SignOff(stage.key, signer.login, LATER)
        assert (entry.status, entry.published_revision, entry.published_at) == (
            EntryStatus.PUBLISHED,
            2,
            LATER,
        )
        assert review.current_stage(entry) is None

    def test_nobody_signs_two_stages(self) -> None:
        chief = Member("chief", "一肩挑", "benefits", frozenset({Role.REVIEWER, Role.APPROVER}))
        once = review.sign(STATES["waiting for the head"], chief, NOON)
        with pytest.raises(AlreadySigned, match="一肩挑"):
            review.sign(once, chief, NOON)
        with pytest.raises(AlreadySigned):
            review.send_back(once, chief, "原因", NOON)

    def test_nobody_signs_what_he_or_she_wrote(self) -> None:
        both = Member("editor", "艾编辑", "benefits", frozenset({Role.EDITOR, Role.REVIEWER}))
        with pytest.raises(SelfReview, match="艾编辑"):
            review.sign(STATES["waiting for the head"], both, NOON)

    def test_a_member_out_of_service_signs_nothing(self) -> None:
        with pytest.raises(NotAllowed):
            review.sign(STATES["waiting for the head"], replace(HEAD, active=False), NOON)

    def test_a_bureau_may_order_other_stages(self) -> None:
        stages = (ReviewStage("proof", "校对", Role.PUBLISHER), ReviewStage("head", "审核", Role.REVIEWER))
        proved = review.sign(STATES["waiting for the head"], PUBLISHER, NOON, stages)
        assert review.current_stage(proved, stages) == stages[1]
        # This second stage is open to the heads of every department.
        assert review.sign(proved, OUTSIDER, NOON, stages).status is EntryStatus.PUBLISHED


class TestSendingBack:
    def test_it_says_why_and_voids_the_sign_offs(self) -> None:
        returned = review.send_back(STATES["waiting for the leader"], LEADER, " 依据有误 ", LATER)
        assert (returned.status, returned.return_reason, returned.sign_offs) == (
            EntryStatus.RETURNED,
            "依据有误",
            (),
        )

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_it_needs_a_reason(self, reason: str) -> None:
        with pytest.raises(InvalidValue, match="退回原因"):
            review.send_back(STATES["waiting for the head"], HEAD, reason, LATER)


class TestWithdrawing:
    def test_a_published_entry_is_withdrawn(self) -> None:
        off = review.withdraw(STATES["published"], HEAD, LATER)
        assert (off.status, off.published_revision, off.published_at) == (EntryStatus.WITHDRAWN, None, None)

    def test_a_newer_draft_lives_on(self) -> None:
        off = review.withdraw(STATES["published and edited"], PUBLISHER, LATER)
        assert (off.status, off.revision, off.published_revision) == (EntryStatus.DRAFT, 2, None)


@given(st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(MEMBERS)), max_size=60))
def test_what_is_published_was_signed_by_three_people_who_did_not_write_it(
    moves: list[tuple[str, Member]],
) -> None:
    entry = an_entry()
    for move, member in moves:
        try:
            changed = MOVES[move](entry, member)
        except ZhengdaError:
            continue
        if changed.published_revision not in (None, entry.published_revision):
            assert changed.published_revision == changed.revision
            assert [each.stage for each in changed.sign_offs] == [stage.key for stage in DEFAULT_STAGES]
            assert len({changed.author, *(each.by for each in changed.sign_offs)}) == 4
        assert changed.text == entry.text or changed.revision == entry.revision + 1
        entry = changed
