"""Intervals and tests: known cases by hand, and what must hold of any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics import Ratio
from eval.significance import difference, interval, interval_of, mcnemar, permuted


def ratio(happened: list[int], possible: list[int]) -> Ratio:
    return Ratio(np.asarray(happened, np.float64), np.asarray(possible, np.float64))


class TestMcNemar:
    @pytest.mark.parametrize(
        ("gained", "lost", "expected"),
        # All of five on one side: 2 / 2⁵. One against five: 2 × (1 + 6) / 2⁶.
        [(0, 5, 2 / 32), (5, 0, 2 / 32), (1, 5, 14 / 64), (3, 3, 1.0), (0, 0, 1.0)],
    )
    def test_two_sided(self, gained: int, lost: int, expected: float) -> None:
        assert mcnemar(gained, lost) == pytest.approx(expected)

    def test_one_sided_five_lost_are_significant_and_four_are_not(self) -> None:
        assert mcnemar(0, 5, "less") == pytest.approx(1 / 32)
        assert mcnemar(0, 4, "less") == pytest.approx(1 / 16)
        assert mcnemar(5, 0, "less") == 1.0
        assert mcnemar(0, 0, "less") == 1.0


class TestSwapping:
    def test_all_swaps_of_three_questions(self) -> None:
        # Eight signs of three equal differences: two are as far from 0 as what was seen.
        assert permuted(np.zeros(3), np.ones(3)) == pytest.approx(2 / 8)

    def test_the_same_is_no_difference(self) -> None:
        assert permuted(np.ones(4), np.ones(4)) == 1.0

    def test_questions_that_both_answer_alike_weigh_nothing(self) -> None:
        before, after = np.asarray([0.0, 0, 0, 1, 1]), np.asarray([1.0, 1, 1, 1, 1])
        assert permuted(before, after) == pytest.approx(2 / 8)


class TestIntervals:
    def test_of_one_half_of_many_are_those_of_the_binomial(self) -> None:
        found = interval(ratio([0, 1] * 200, [1] * 400))
        assert found is not None
        # 0.5 ± 1.96 × √(0.25 / 400)
        assert found.low == pytest.approx(0.451, abs=0.01)
        assert found.high == pytest.approx(0.549, abs=0.01)

    def test_a_rate_is_resampled_with_its_denominator(self) -> None:
        found = interval(ratio([1, 0, 0, 0] * 50, [1, 1, 0, 0] * 50))
        assert found is not None
        assert found.low < 0.5 < found.high
        assert found.high - found.low > 0.15  # as wide as of 100 questions, not of 200

    def test_there_is_none_of_one_question(self) -> None:
        assert interval(ratio([1, 0], [1, 0])) is None
        assert interval_of(lambda places: float(places.mean()), 1) is None

    @settings(max_examples=20)
    @given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=20))
    def test_hold_the_possible_and_come_out_the_same_again(self, given: list[tuple[int, int]]) -> None:
        some = ratio([h * p for h, p in given], [p for _, p in given])
        found = interval(some)
        assert found == interval(some)
        assert found is None or 0 <= found.low <= found.high <= 1

    def test_of_a_statistic_hold_its_value(self) -> None:
        values = np.arange(100, dtype=np.float64)
        found = interval_of(lambda places: float(np.median(values[places])), 100)
        assert found is not None
        assert found.low < 49.5 < found.high

    def test_of_a_difference_is_above_nought_when_all_gained(self) -> None:
        rng = np.random.default_rng(1)
        before = rng.integers(0, 2, 200).astype(np.float64)
        after = np.maximum(before, rng.integers(0, 2, 200))
        found = difference(before, after)
        assert found is not None
        assert found.low > 0
        assert difference(before, before) is None
