"""Thresholds that follow from the highest wrong-answer rate, on points of which the figures are worked out by hand."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from indexer.calibration import (
    NO_ANSWER,
    Calibration,
    CalibrationMissing,
    Point,
    RiskPoint,
    Thresholds,
    of_entries_alone,
    read_calibration,
    shipped,
)


def right(first: float, reach: float | None = None) -> Point:
    return Point(first, 1, first if reach is None else reach, True)


def wrong(first: float, reach: float | None = None) -> Point:
    return Point(first, 0, first if reach is None else reach, True)


def unanswerable(first: float) -> Point:
    return Point(first, 0, first, False)


SIX = Calibration(
    (right(0.9), right(0.8), wrong(0.7), right(0.6), wrong(0.5, reach=0.7), wrong(0.1, reach=0.2))
)


class TestTheAnswerThreshold:
    @pytest.mark.parametrize(
        ("rate", "answer"),
        [
            # from .9 down: 0.415, 0.262, 0.561, 0.456, 0.580, 0.662
            (0.1, NO_ANSWER),
            (0.27, 0.8),
            (0.45, 0.8),
            (0.46, 0.6),
            (0.6, 0.5),
            (0.67, 0.1),
        ],
    )
    def test_is_the_least_of_which_the_upper_bound_keeps_the_rate(self, rate: float, answer: float) -> None:
        assert SIX.thresholds(rate).answer == answer

    @pytest.mark.parametrize(("answers", "mistaken"), [(1, 0), (9, 2), (100, 1), (700, 14)])
    def test_the_bound_is_that_of_a_statistics_library(self, answers: int, mistaken: int) -> None:
        points = Calibration((*[wrong(0.9)] * mistaken, *[right(0.9)] * (answers - mistaken)))
        bound = binomtest(mistaken, answers).proportion_ci(confidence_level=0.6, method="wilson").high
        assert points.thresholds(bound + 1e-4).answer == 0.9
        assert points.thresholds(bound - 1e-4).answer == NO_ANSWER

    def test_one_lucky_answer_decides_nothing(self) -> None:
        clean = Calibration(tuple(right(0.999) for _ in range(70)))
        assert clean.thresholds(0.01).answer == NO_ANSWER
        assert Calibration((*clean.points, right(0.999))).thresholds(0.01).answer == 0.999

    def test_those_of_one_probability_stand_or_fall_together(self) -> None:
        tied = Calibration((right(0.8), wrong(0.8), right(0.8)))
        assert tied.thresholds(0.5).answer == NO_ANSWER
        assert tied.thresholds(0.6).answer == 0.8

    def test_questions_without_an_answer_make_a_tenth_of_the_traffic_however_many_they_are(self) -> None:
        # Nine with an answer weigh nine, so those without weigh one together: one wrong of ten.
        bound = binomtest(1, 10).proportion_ci(confidence_level=0.6, method="wilson").high
        nine = tuple(right(0.9) for _ in range(9))
        for number in (1, 3, 30):
            points = Calibration((*nine, *(unanswerable(0.9) for _ in range(number))))
            assert sum(points.weights) == pytest.approx(10)
            assert points.thresholds(bound + 1e-4).answer == 0.9
            assert points.thresholds(bound - 1e-4).answer == NO_ANSWER

    def test_without_points_nothing_is_answered(self) -> None:
        assert Calibration(()).thresholds(0.5) == Thresholds(NO_ANSWER, 0.0, verbatim=True)
        assert Calibration(()).curve() == ()

    def test_what_the_department_wrote_itself_is_answered_however_high_it_is(self) -> None:
        followed = SIX.thresholds(0.01)
        assert followed.answers(0.99, verbatim=True)
        assert not followed.answers(0.99)
        assert not Thresholds(1.0, 0.0).answers(0.99, verbatim=True)


class TestTheChoicesThreshold:
    def test_leaves_at_most_three_in_a_hundred_answerable_ones_below(self) -> None:
        reaches = [0.01 * number for number in range(1, 101)]
        points = Calibration(tuple(right(0.99, reach) for reach in reaches))
        choices = points.thresholds(0.02).choices
        assert choices == pytest.approx(0.04)
        assert sum(reach < choices for reach in reaches) == 3

    def test_heeds_no_question_without_an_answer(self) -> None:
        points = (*(right(0.9) for _ in range(60)), *(unanswerable(0.01) for _ in range(60)))
        assert Calibration(points).thresholds(0.02).choices == 0.9

    def test_is_never_above_the_answer_threshold(self) -> None:
        points = Calibration(tuple(right(0.5, reach=0.9) for _ in range(60)))
        assert points.thresholds(0.02) == Thresholds(0.5, 0.5, verbatim=True)


class TestCoverage:
    def test_tells_what_thresholds_make_of_the_traffic(self) -> None:
        found = SIX.coverage(Thresholds(0.6, 0.5))
        assert (found.answered, found.offered, found.wrong) == (4 / 6, 1 / 6, 1 / 4)
        assert found.refused == pytest.approx(1 / 6)
        assert found.unanswerable_answered == 0.0

    def test_counts_an_answer_to_what_has_none_as_wrong(self) -> None:
        points = Calibration((*(right(0.9) for _ in range(18)), unanswerable(0.8), unanswerable(0.1)))
        found = points.coverage(Thresholds(0.7, 0.5))
        assert found.answered == pytest.approx(19 / 20)
        assert found.wrong == pytest.approx(1 / 19)
        assert found.unanswerable_answered == 0.5
        assert found.refused == pytest.approx(1 / 20)

    def test_the_curve_has_a_point_for_every_threshold(self) -> None:
        assert SIX.curve()[:3] == (
            RiskPoint(0.9, 1 / 6, 0.0),
            RiskPoint(0.8, 2 / 6, 0.0),
            RiskPoint(0.7, 3 / 6, 1 / 3),
        )

    def test_another_worth_of_the_probabilities_takes_the_place_of_what_is_known(self) -> None:
        halved = SIX.revalued(lambda probability: probability / 2)
        assert [point.right for point in halved.points] == [0.45, 0.4, 0.35, 0.3, 0.25, 0.05]
        assert halved.coverage(Thresholds(0.8, 0.0)).wrong == pytest.approx((0.55 + 0.6) / 2)


probabilities = st.floats(0, 1)
points = st.builds(Point, probabilities, st.sampled_from([0.0, 1.0]), probabilities, st.booleans()).map(
    lambda point: replace(point, right=point.right * point.answerable, reach=max(point.first, point.reach))
)
calibrations = st.lists(points, max_size=60).map(lambda found: Calibration(tuple(found)))
rates = st.floats(0.001, 0.5)


@given(calibrations, rates, rates)
def test_a_lower_rate_never_lowers_a_threshold_nor_answers_more(
    points: Calibration, one: float, other: float
) -> None:
    strict, lax = points.thresholds(min(one, other)), points.thresholds(max(one, other))
    assert strict.answer >= lax.answer
    assert strict.choices >= lax.choices
    assert points.coverage(strict).answered <= points.coverage(lax).answered + 1e-12


@given(calibrations, rates)
def test_the_rate_is_kept_and_the_shares_add_up(points: Calibration, rate: float) -> None:
    found = points.coverage(points.thresholds(rate))
    if points.thresholds(rate).answer < NO_ANSWER:
        assert found.wrong <= rate + 1e-9
    assert found.answered + found.offered + found.refused == pytest.approx(1.0 if points.points else 0.0)


class TestReading:
    def test_takes_rows_of_four(self) -> None:
        rows = {"calibration": {"words": [[0.9, 1, 0.95, 1], [0.4, 0, 0.5, 0]]}}
        assert read_calibration(rows, "words").points == (
            Point(0.9, 1, 0.95, True),
            Point(0.4, 0, 0.5, False),
        )

    @pytest.mark.parametrize(
        "read",
        [{}, {"calibration": {}}, {"calibration": {"words": []}}, {"calibration": {"words": [[0.9, 1]]}}],
    )
    def test_says_what_is_missing_and_what_to_do(self, read: dict[str, Any]) -> None:
        with pytest.raises(CalibrationMissing, match="fit_confidence"):
            read_calibration(read, "words")

    @pytest.mark.parametrize("encoder", ["zhengda-e5-small", "zhengda-e5-small#tuned", "", "st:unknown"])
    def test_what_ships_buys_something_at_the_default_rate(self, encoder: str) -> None:
        points = shipped(encoder)
        found = points.coverage(points.thresholds(0.02))
        assert 0.0 < found.answered < 1.0
        assert found.wrong <= 0.02

    def test_what_nothing_was_fitted_with_is_decided_by_words(self) -> None:
        assert shipped("st:unknown") is shipped("")
        assert shipped(of_entries_alone("st:unknown")) is shipped(of_entries_alone(""))

    @pytest.mark.parametrize("encoder", ["zhengda-e5-small", "zhengda-e5-small#tuned", ""])
    def test_an_entry_without_similar_questions_has_to_be_surer(self, encoder: str) -> None:
        alone = shipped(of_entries_alone(encoder)).thresholds(0.02)
        assert alone.answer > shipped(encoder).thresholds(0.02).answer
