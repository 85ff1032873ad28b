"""Measures of ranking and of knowing when not to answer. The numbers are worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import latency, measure, rankings, scores
from tests.eval.making import judged

LETTERS = "ABCDEFGHIJK"


class TestRanking:
    @pytest.mark.parametrize(
        ("key", "relevant", "expected"),
        [
            ("recall_1", "A", 1.0),
            ("recall_1", "B", 0.0),
            ("recall_3", "C", 1.0),
            ("recall_3", "D", 0.0),
            ("recall_10", "J", 1.0),
            ("recall_10", "K", 0.0),  # the eleventh
            ("recall_3", "ZC", 1.0),  # one right entry is all a caller needs
            ("mrr_10", "A", 1.0),
            ("mrr_10", "B", 1 / 2),
            ("mrr_10", "J", 1 / 10),
            ("mrr_10", "K", 0.0),
            ("mrr_10", "DC", 1 / 3),
            ("ndcg_10", "A", 1.0),
            ("ndcg_10", "C", 1 / 2),  # 1 / log2(3 + 1)
            ("ndcg_10", "K", 0.0),
            # Two that answer at ranks 2 and 3: (1/log2 3 + 1/log2 4) of the best (1/log2 2 + 1/log2 3).
            ("ndcg_10", "BC", (1 / math.log2(3) + 0.5) / (1 + 1 / math.log2(3))),
        ],
    )
    def test_of_one_question(self, key: str, relevant: str, expected: float) -> None:
        assert rankings([judged("", LETTERS, relevant)])[key][0] == pytest.approx(expected)

    def test_an_empty_ranking_finds_nothing(self) -> None:
        found = rankings([judged("", "", "A")])
        assert {key: float(values[0]) for key, values in found.items()} == dict.fromkeys(found, 0.0)

    def test_an_unanswerable_question_counts_for_nothing(self) -> None:
        assert scores([judged("", "AB", ""), judged("", "AB", "B")])["mrr_10"] == pytest.approx(1 / 2)

    @given(
        st.lists(st.lists(st.sampled_from(LETTERS), unique=True, max_size=10), min_size=1, max_size=5),
        st.sets(st.sampled_from(LETTERS), min_size=1),
    )
    def test_what_is_found_early_is_found_later_too(self, found: list[list[str]], relevant: set[str]) -> None:
        values = rankings([judged("", "".join(each), "".join(sorted(relevant))) for each in found])
        assert (values["recall_1"] <= values["recall_3"]).all()
        assert (values["recall_3"] <= values["recall_10"]).all()
        assert (values["recall_1"] <= values["mrr_10"]).all()
        assert (values["mrr_10"] <= values["recall_10"]).all()
        assert (values["ndcg_10"] <= values["recall_10"] + 1e-9).all()


class TestJudged:
    def test_an_answer_that_does_not_answer_is_wrong(self) -> None:
        assert judged("answered", "BA").wrong
        assert not judged("answered", "AB").wrong
        assert judged("answered", "AB").right

    def test_any_answer_to_an_unanswerable_question_is_wrong(self) -> None:
        assert judged("answered", "A", relevant="").wrong

    def test_choices_and_silence_are_never_wrong(self) -> None:
        assert not judged("choices", "BA", options="B").wrong
        assert not judged("unanswered", "BA").wrong

    def test_the_rank_is_that_of_the_first_entry_that_answers(self) -> None:
        assert judged("", "BCA", "AC").rank == 2
        assert judged("", "BCD").rank == 0


class TestScores:
    def test_of_answerable_questions(self) -> None:
        found = scores(
            [
                judged("answered", "AB"),
                judged("answered", "BA"),
                judged("choices", "BCA", options="BC"),
                judged("choices", "BA", options="BA"),
                judged("unanswered", "BCDEFA"),
            ]
        )
        assert found["recall_1"] == pytest.approx(1 / 5)
        assert found["recall_3"] == pytest.approx(4 / 5)
        assert found["recall_10"] == 1.0
        # 1 + 1/2 + 1/3 + 1/2 + 1/6 = 5/2
        assert found["mrr_10"] == pytest.approx(0.5)
        assert found["answered"] == pytest.approx(2 / 5)
        assert found["wrong"] == pytest.approx(1 / 2)
        assert found["choices"] == pytest.approx(2 / 5)
        assert found["right_in_choices"] == pytest.approx(1 / 2)
        assert found["refused"] == pytest.approx(1 / 5)

    def test_of_unanswerable_questions(self) -> None:
        found = scores(
            [
                judged("answered", "A", ""),
                judged("choices", "AB", "", options="AB"),
                judged("unanswered", "AB", ""),
                judged("unanswered", "", ""),
            ]
        )
        assert (found["recall_1"], found["mrr_10"]) == (None, None)
        assert found["wrong"] == 1.0
        assert found["right_in_choices"] == 0.0
        assert found["refused"] == pytest.approx(1 / 2)

    def test_of_a_system_that_only_ranks(self) -> None:
        found = scores([judged("", "BA"), judged("", "A")])
        assert found["recall_1"] == pytest.approx(1 / 2)
        assert found["mrr_10"] == pytest.approx(3 / 4)
        assert (found["answered"], found["wrong"], found["refused"]) == (None, None, None)

    def test_without_any_answer_there_is_no_rate_of_wrong_ones(self) -> None:
        assert scores([judged("unanswered", "A")])["wrong"] is None

    def test_of_nothing(self) -> None:
        assert set(scores([]).values()) == {None}

    def test_a_rate_among_answered_keeps_its_denominator(self) -> None:
        wrong = measure([judged("answered", "B"), judged("unanswered", "B")])["wrong"]
        assert wrong.happened.tolist() == [1.0, 0.0]
        assert wrong.possible.tolist() == [1.0, 0.0]


def test_latency_is_told_in_quantiles() -> None:
    taken = latency([judged("", "A", ms=float(ms)) for ms in range(101)])
    assert taken == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
