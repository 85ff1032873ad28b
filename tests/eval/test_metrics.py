"""Measures of ranking and of knowing when not to answer. The numbers are worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import Judged, recall_at, reciprocal_rank, score

RANKING = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K")


class TestRecall:
    @pytest.mark.parametrize(
        ("k", "relevant", "expected"),
        [
            (1, {"A"}, 1.0),
            (1, {"B"}, 0.0),
            (5, {"E"}, 1.0),
            (5, {"F"}, 0.0),
            (10, {"J"}, 1.0),
            (10, {"K"}, 0.0),
            (5, {"Z", "C"}, 1.0),  # one right entry is all a caller needs
            (5, set(), 0.0),
        ],
    )
    def test_an_entry_that_answers_is_among_the_first_k(
        self, k: int, relevant: set[str], expected: float
    ) -> None:
        assert recall_at(k, RANKING, relevant) == expected

    def test_an_empty_ranking_recalls_nothing(self) -> None:
        assert recall_at(10, (), {"A"}) == 0.0

    @given(
        st.lists(st.sampled_from(RANKING), unique=True), st.sets(st.sampled_from(RANKING)), st.integers(1, 11)
    )
    def test_it_never_falls_with_k(self, ranking: list[str], relevant: set[str], k: int) -> None:
        assert recall_at(k, ranking, relevant) <= recall_at(k + 1, ranking, relevant)


class TestReciprocalRank:
    @pytest.mark.parametrize(
        ("relevant", "expected"),
        [({"A"}, 1.0), ({"B"}, 1 / 2), ({"J"}, 1 / 10), ({"K"}, 0.0), ({"D", "C"}, 1 / 3), (set(), 0.0)],
    )
    def test_of_the_first_that_answers_within_ten(self, relevant: set[str], expected: float) -> None:
        assert reciprocal_rank(RANKING, relevant) == pytest.approx(expected)

    def test_the_depth_can_be_told(self) -> None:
        assert reciprocal_rank(RANKING, {"C"}, depth=2) == 0.0
        assert reciprocal_rank(RANKING, {"C"}, depth=3) == pytest.approx(1 / 3)


def judged(outcome: str, ranking: str, relevant: str = "A", offered: str = "") -> Judged:
    return Judged(tuple(ranking), frozenset(relevant), outcome, tuple(offered))


class TestWrong:
    def test_an_answer_that_does_not_answer_is_wrong(self) -> None:
        assert judged("answered", "BA").wrong
        assert not judged("answered", "AB").wrong

    def test_any_answer_to_an_unanswerable_question_is_wrong(self) -> None:
        assert judged("answered", "A", relevant="").wrong

    def test_choices_and_silence_are_never_wrong(self) -> None:
        assert not judged("choices", "BA", offered="B").wrong
        assert not judged("unanswered", "BA").wrong


class TestScores:
    def test_of_answerable_questions(self) -> None:
        scores = score(
            [
                judged("answered", "AB"),
                judged("answered", "BA"),
                judged("choices", "BCA", offered="BC"),
                judged("choices", "BA", offered="BA"),
                judged("unanswered", "BCDEFA"),
            ]
        )
        assert scores.count == 5
        assert scores.recall_1 == pytest.approx(1 / 5)
        assert scores.recall_5 == pytest.approx(4 / 5)
        assert scores.recall_10 == 1.0
        # 1 + 1/2 + 1/3 + 1/2 + 1/6 = 5/2
        assert scores.mrr_10 == pytest.approx(0.5)
        assert scores.answered_rate == pytest.approx(2 / 5)
        assert scores.wrong_rate == pytest.approx(1 / 2)
        assert scores.choices_rate == pytest.approx(2 / 5)
        assert scores.offered_right == pytest.approx(1 / 2)
        assert scores.refusal_rate == pytest.approx(1 / 5)

    def test_of_unanswerable_questions(self) -> None:
        scores = score(
            [
                judged("answered", "A", relevant=""),
                judged("choices", "AB", relevant="", offered="AB"),
                judged("unanswered", "AB", relevant=""),
                judged("unanswered", "", relevant=""),
            ]
        )
        assert (scores.recall_1, scores.mrr_10) == (None, None)
        assert scores.wrong_rate == 1.0
        assert scores.offered_right == 0.0
        assert scores.refusal_rate == pytest.approx(1 / 2)

    def test_of_a_system_that_only_ranks(self) -> None:
        scores = score([Judged(("B", "A"), frozenset("A")), Judged(("A",), frozenset("A"))])
        assert scores.recall_1 == pytest.approx(1 / 2)
        assert scores.mrr_10 == pytest.approx(3 / 4)
        assert (scores.answered_rate, scores.wrong_rate, scores.refusal_rate) == (None, None, None)

    def test_without_any_answer_there_is_no_rate_of_wrong_ones(self) -> None:
        assert score([judged("unanswered", "A")]).wrong_rate is None

    def test_of_nothing(self) -> None:
        scores = score([])
        assert scores.count == 0
        assert scores.recall_1 is None
