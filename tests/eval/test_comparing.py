"""What was gained and lost between two results."""

import pytest

from eval.comparing import compare
from eval.printing import comparison
from tests.eval.making import judged

BEFORE = (
    judged("answered", "AB", id="kept"),
    judged("answered", "BA", id="gained"),
    judged("choices", "AB", options="AB", id="lost"),
    judged("unanswered", "AB", "", id="silent"),
)
AFTER = (
    judged("answered", "AB", id="kept"),
    judged("answered", "AB", id="gained"),
    judged("unanswered", "BA", id="lost"),
    judged("answered", "AB", "", id="silent"),
)


def test_questions_gained_and_lost_are_named() -> None:
    changes = {each.event.key: each for each in compare(BEFORE, AFTER).changes}
    assert (changes["recall_1"].gained, changes["recall_1"].lost) == (("gained",), ("lost",))
    assert (changes["recall_1"].before, changes["recall_1"].after, changes["recall_1"].count) == (2, 2, 3)
    assert (changes["right"].gained, changes["right"].lost) == (("gained",), ())
    assert (changes["shown"].gained, changes["shown"].lost) == (("gained",), ("lost",))
    # A wrong answer less is a gain, an unanswerable question answered a loss.
    assert (changes["wrong"].gained, changes["wrong"].lost) == (("gained",), ())
    assert (changes["answered_unanswerable"].gained, changes["answered_unanswerable"].lost) == (
        (),
        ("silent",),
    )


def test_the_mean_moves_by_what_each_question_moved() -> None:
    shift = compare(BEFORE, AFTER).shifts[0]
    # Reciprocal ranks 1, 1/2, 1 before and 1, 1, 1/2 after.
    assert shift.before == shift.after == pytest.approx(2.5 / 3)
    assert shift.p == 1.0


def test_the_same_result_gains_and_loses_nothing() -> None:
    found = compare(BEFORE, BEFORE)
    assert {(each.gained, each.lost, each.p) for each in found.changes} == {((), (), 1.0)}
    assert {(each.interval, each.p) for each in found.shifts} == {(None, 1.0)}


def test_only_questions_that_both_were_asked_are_compared() -> None:
    found = compare(BEFORE[:2], AFTER[1:])
    assert [each.question.id for each in found.after] == ["gained"]
    assert found.left_out == 3


def test_a_question_judged_by_another_answer_is_another_question() -> None:
    assert compare([judged("", "AB", "A")], [judged("", "AB", "B")]).left_out == 2


def test_a_system_that_only_ranks_is_compared_by_its_ranking_alone() -> None:
    ranked = [
        judged("", "BA", id=each.question.id, relevant="A" if each.question.relevant else "")
        for each in BEFORE
    ]
    assert [each.event.key for each in compare(ranked, AFTER).changes] == ["recall_1", "recall_10"]


def test_it_is_printed_with_the_questions_words() -> None:
    said = comparison(compare(BEFORE, AFTER), "3", "4", with_words=True)
    assert "right entry first: better for 1\n  gained  问题gained" in said
    assert "right entry first: worse for 1\n  lost  问题lost" in said
    assert "问题" not in comparison(compare(BEFORE, AFTER), "3", "4", with_words=False)
