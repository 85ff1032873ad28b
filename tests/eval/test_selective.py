"""Risk over coverage, worked out by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.selective import answered_from, curve, curve_of, threshold_at
from tests.eval.making import judged

CONFIDENCE = [0.9, 0.8, 0.7, 0.6]
WRONG = [0, 1, 0, 1]
LEVELS = st.sampled_from([0.1, 0.5, 0.9])


class TestTheCurve:
    def test_answers_the_most_confident_first(self) -> None:
        found = curve([0.7, 0.9, 0.6, 0.8], [0, 0, 1, 1])
        assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
        # 0 of 1, 1 of 2, 1 of 3, 2 of 4
        assert found.risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])

    def test_its_area_is_the_mean_risk(self) -> None:
        assert curve(CONFIDENCE, WRONG).area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)

    def test_equally_confident_ones_share_their_mistakes(self) -> None:
        # In either order: risk 0 or 1 after the first, 1/2 after the second.
        assert curve([0.5, 0.5], [0, 1]).risk == pytest.approx([1 / 2, 1 / 2])

    @given(st.lists(st.tuples(LEVELS, st.integers(0, 1)), min_size=1, max_size=5))
    def test_is_the_mean_over_every_order_of_equals(self, given: list[tuple[float, int]]) -> None:
        def area(order: tuple[tuple[float, int], ...]) -> float:
            mistakes = [wrong for _, wrong in sorted(order, key=lambda each: -each[0])]
            return sum(sum(mistakes[:k]) / k for k in range(1, len(mistakes) + 1)) / len(mistakes)

        expected = np.mean([area(order) for order in itertools.permutations(given)])
        assert curve(*zip(*given, strict=True)).area == pytest.approx(expected)

    @given(st.lists(st.tuples(LEVELS, st.integers(0, 1)), min_size=1))
    def test_ends_at_the_share_of_mistakes(self, given: list[tuple[float, int]]) -> None:
        found = curve(*zip(*given, strict=True))
        assert found.risk[-1] == pytest.approx(sum(wrong for _, wrong in given) / len(given))
        assert ((found.risk >= -1e-12) & (found.risk <= 1 + 1e-12)).all()

    def test_of_nothing_has_no_area(self) -> None:
        assert math.isnan(curve([], []).area)
        assert math.isnan(curve([], []).risk_at(0.8))

    def test_counts_a_wrong_first_candidate_whatever_was_done_with_it(self) -> None:
        found = curve_of(
            [judged("answered", "AB", confidence=0.9), judged("unanswered", "BA", confidence=0.1)]
        )
        assert found.risk == pytest.approx([0, 1 / 2])


class TestRiskAtCoverage:
    @pytest.mark.parametrize(
        ("coverage", "expected"),
        [(0.25, 0.0), (0.5, 1 / 2), (0.51, 1 / 3), (0.75, 1 / 3), (1.0, 1 / 2), (0.0, 0.0)],
    )
    def test_answers_just_enough(self, coverage: float, expected: float) -> None:
        assert curve(CONFIDENCE, WRONG).risk_at(coverage) == pytest.approx(expected)

    def test_four_fifths_of_five_are_four(self) -> None:
        assert curve([0.9, 0.8, 0.7, 0.6, 0.5], [0, 0, 0, 0, 1]).risk_at(0.8) == 0.0


class TestTheThreshold:
    answerable = tuple(judged("", "A", confidence=confidence) for confidence in (0.9, 0.8, 0.7, 0.6, 0.5))

    def test_is_the_confidence_of_the_last_one_answered(self) -> None:
        assert threshold_at(self.answerable, 0.8) == 0.6
        assert threshold_at(self.answerable, 0.81) == 0.5

    def test_answers_whatever_reaches_it(self) -> None:
        assert answered_from(self.answerable, 0.6) == pytest.approx(4 / 5)
        assert math.isnan(answered_from([], 0.6))
