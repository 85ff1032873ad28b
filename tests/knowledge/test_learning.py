"""Proposals and standings: what may be proposed, who decides, and from when an answer is doubted."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import learning
from knowledge.errors import IllegalMove, InvalidValue, NotAllowed
from knowledge.learning import (
    LONGEST_WORDING,
    Proposal,
    ProposalState,
    Source,
    Standing,
    jaccard,
    joined,
    proposable,
)
from knowledge.people import Member
from tests.cast import ADMIN, COLLEAGUE, EDITOR, HEAD, MEMBERS, OUTSIDER
from tests.knowledge.making import NOON, a_proposal

MOVES: dict[str, Callable[[Proposal], Proposal]] = {
    "accept": lambda proposal: learning.accept(proposal, EDITOR, NOON),
    "decline": lambda proposal: learning.decline(proposal, EDITOR, NOON),
    "reopen": learning.reopen,
}
LEGAL = {
    ("accept", ProposalState.OPEN): ProposalState.ACCEPTED,
    ("decline", ProposalState.OPEN): ProposalState.DECLINED,
    ("reopen", ProposalState.ACCEPTED): ProposalState.OPEN,
    ("reopen", ProposalState.DECLINED): ProposalState.OPEN,
}


@pytest.mark.parametrize("state", ProposalState)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_leads_where_the_diagram_says_or_nowhere(move: str, state: ProposalState) -> None:
    proposal = a_proposal(state=state)
    if (move, state) not in LEGAL:
        with pytest.raises(IllegalMove, match="请刷新页面"):
            MOVES[move](proposal)
        return
    assert MOVES[move](proposal).state is LEGAL[move, state]


def test_a_decision_names_who_took_it_and_when_and_undoing_it_forgets_both() -> None:
    declined = learning.decline(a_proposal(), EDITOR, NOON)
    assert (declined.decided_by, declined.decided_at) == ("editor", NOON)
    assert learning.reopen(declined) == a_proposal()


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.login)
def test_the_departments_editors_and_administrators_decide(member: Member) -> None:
    try:
        learning.require_decider(member, "benefits")
        may = True
    except NotAllowed:
        may = False
    assert may is (member in (EDITOR, COLLEAGUE, ADMIN))


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.login)
def test_reports_are_closed_by_those_who_answer_for_the_text(member: Member) -> None:
    try:
        learning.require_closing(member, "benefits", "与文件一致")
        may = True
    except NotAllowed:
        may = False
    assert may is (member in (EDITOR, COLLEAGUE, HEAD, ADMIN))


def test_reports_are_not_closed_without_a_reason() -> None:
    assert learning.require_closing(EDITOR, "benefits", " 与文件一致 ") == "与文件一致"
    with pytest.raises(InvalidValue, match="核实说明"):
        learning.require_closing(EDITOR, "benefits", "  ")
    with pytest.raises(NotAllowed):
        learning.require_closing(OUTSIDER, "benefits", "与文件一致")


@pytest.mark.parametrize(
    ("wording", "may"),
    [
        ("生娃的补贴去哪领", True),
        ("字" * LONGEST_WORDING, True),
        ("字" * (LONGEST_WORDING + 1), False),
        ("我电话【电话】，补贴去哪领", False),
        ("  ", False),
    ],
)
def test_short_wordings_in_which_nothing_was_masked_are_proposed(wording: str, may: bool) -> None:
    assert proposable(wording) is may


def test_a_proposal_counts_each_source_apart_and_all_together() -> None:
    proposal = a_proposal(picks=2, confirmations=0, tickets=3)
    assert proposal.count == 5
    assert proposal.sources == {Source.PICK: 2, Source.TICKET: 3}
    assert learning.first_seen(1, "问", "问", Source.TICKET, NOON).sources == {Source.TICKET: 1}


@pytest.mark.parametrize(
    ("staff", "citizens", "doubted"), [(0, 0, False), (0, 2, False), (0, 3, True), (1, 0, True), (2, 9, True)]
)
def test_one_member_or_three_others_make_an_answer_doubted(staff: int, citizens: int, doubted: bool) -> None:
    assert Standing(7, staff, citizens, NOON).doubted(1, 3) is doubted


def test_jaccard_is_what_two_sets_share_of_what_either_has() -> None:
    assert jaccard({"a", "b", "c"}, {"b", "c", "d"}) == 0.5
    assert jaccard({"a"}, set()) == 0.0
    assert jaccard(set(), set()) == 0.0


@given(st.sets(st.text(max_size=2)), st.sets(st.text(max_size=2)))
def test_jaccard_is_symmetric_and_one_for_equal_sets_alone(left: set[str], right: set[str]) -> None:
    assert jaccard(left, right) == jaccard(right, left)
    assert (jaccard(left, right) == 1.0) is (left == right != set())


class TestJoining:
    PAIRS = {  # noqa: RUF012 - read only
        "甲": frozenset("abcde"),
        "乙": frozenset("abcdx"),
        "同": frozenset("abcdef"),
        "远": frozenset("uvwxyz"),
    }

    def join(self, key: str, *known: str) -> str:
        found = joined([a_proposal(each) for each in known], key, self.PAIRS)
        return found.key if found else ""

    def test_the_same_wording_joins(self) -> None:
        assert self.join("甲", "远", "甲") == "甲"

    def test_a_nearly_same_one_joins_the_most_alike(self) -> None:
        assert self.join("同", "乙", "甲", "远") == "甲"  # 5/6; 乙 has 4/7

    def test_others_are_new(self) -> None:
        assert self.join("乙", "甲") == ""  # 4/6
        assert self.join("甲") == ""
