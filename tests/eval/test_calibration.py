"""Brier score and expected calibration error, worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.calibration import brier, calibration_of, expected_error, reliability
from tests.eval.making import judged

CERTAIN = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=30)


class TestBrier:
    def test_is_the_mean_squared_distance(self) -> None:
        # (0.9 - 1)² + (0.6 - 0)² + (0.5 - 1)² = 0.01 + 0.36 + 0.25
        assert brier([0.9, 0.6, 0.5], [1, 0, 1]) == pytest.approx(0.62 / 3)

    def test_of_nothing_is_nothing(self) -> None:
        assert math.isnan(brier([], []))

    @given(CERTAIN)
    def test_lies_between_nought_and_one(self, given: list[tuple[float, int]]) -> None:
        assert 0 <= brier(*zip(*given, strict=True)) <= 1


class TestReliability:
    def test_bins_are_equally_wide_and_closed_above(self) -> None:
        bins = reliability([0.0, 0.5, 0.51, 1.0], [0, 1, 1, 1], bins=2)
        assert [(each.low, each.high, each.count) for each in bins] == [(0.0, 0.5, 2), (0.5, 1.0, 2)]
        assert bins[0].confidence == pytest.approx(0.25)
        assert bins[0].right == pytest.approx(0.5)
        assert bins[1].confidence == pytest.approx(0.755)

    def test_there_are_fifteen_and_each_question_is_in_one(self) -> None:
        bins = reliability([place / 100 for place in range(101)], [1] * 101)
        assert len(bins) == 15
        assert sum(each.count for each in bins) == 101

    def test_the_error_weighs_bins_by_their_questions(self) -> None:
        # First bin: 3 questions, confidence 0.2, right 1/3. Second: 1 question, confidence 0.9, right 1.
        bins = reliability([0.2, 0.2, 0.2, 0.9], [1, 0, 0, 1], bins=2)
        assert expected_error(bins) == pytest.approx((3 * (1 / 3 - 0.2) + 1 * 0.1) / 4)

    def test_of_nothing_is_nothing(self) -> None:
        assert math.isnan(expected_error(reliability([], [])))

    @given(CERTAIN)
    def test_the_error_never_exceeds_the_mean_distance(self, given: list[tuple[float, int]]) -> None:
        confidence, right = [c for c, _ in given], [r for _, r in given]
        error = expected_error(reliability(confidence, right))
        assert -1e-9 <= error <= sum(abs(c - r) for c, r in given) / len(given) + 1e-9


def test_any_confidence_in_an_unanswerable_question_is_too_much() -> None:
    confidence, right = calibration_of(
        [judged("answered", "A", confidence=0.8), judged("answered", "A", "", confidence=0.8)]
    )
    assert confidence.tolist() == [0.8, 0.8]
    assert right.tolist() == [1.0, 0.0]
