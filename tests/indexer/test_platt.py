"""What a probability is worth in the light of outcomes."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.platt import Judged, PlattMap, fit


def drawn(of: PlattMap, number: int = 20_000) -> list[Judged]:
    """Outcomes of a world in which a probability is worth what the map says."""
    chance = random.Random(7)
    given_then = [chance.uniform(0.02, 0.98) for _ in range(number)]
    return [Judged(p, float(chance.random() < of(p))) for p in given_then]


def test_slope_one_and_shift_nought_change_nothing() -> None:
    for p in (0.001, 0.3, 0.5, 0.999):
        assert PlattMap(1.0, 0.0)(p) == pytest.approx(p)


def test_a_map_is_found_again_from_what_it_made() -> None:
    fitted = fit(drawn(PlattMap(0.6, -0.8)))
    assert fitted.slope == pytest.approx(0.6, abs=0.05)
    assert fitted.shift == pytest.approx(-0.8, abs=0.05)


def test_at_one_probability_the_map_gives_the_smoothed_frequency() -> None:
    # Platt's targets: 30 right ones at 31/32, 10 wrong ones at 1/12; their mean is what the map must give there.
    judged = [Judged(0.9, 1.0)] * 30 + [Judged(0.9, 0.0)] * 10
    assert fit(judged)(0.9) == pytest.approx((30 * 31 / 32 + 10 / 12) / 40, abs=1e-6)


def test_outcomes_that_were_all_right_do_not_make_certain() -> None:
    fitted = fit([Judged(p, 1.0) for p in (0.5, 0.7, 0.9, 0.95)] * 10)
    assert 0.9 < fitted(0.9) < 1.0


def test_a_weight_counts_as_so_many_outcomes() -> None:
    once = [Judged(0.9, 1.0), Judged(0.6, 0.0), Judged(0.4, 1.0), Judged(0.2, 0.0)]
    weighed = fit([Judged(each.probability, each.right, 5.0) for each in once])
    repeated = fit(once * 5)
    assert (weighed.slope, weighed.shift) == pytest.approx((repeated.slope, repeated.shift), abs=1e-6)


def test_without_an_outcome_there_is_no_map() -> None:
    with pytest.raises(ValueError, match="no outcome"):
        fit([])


outcomes = st.builds(Judged, st.floats(0, 1), st.sampled_from([0.0, 1.0]), st.floats(0.1, 10))


@given(st.lists(outcomes, min_size=1, max_size=40))
def test_whatever_came_of_it_a_map_gives_probabilities(judged: list[Judged]) -> None:
    fitted = fit(judged)
    assert math.isfinite(fitted.slope)
    assert all(0.0 <= fitted(p) <= 1.0 for p in (0.0, 0.2, 0.8, 1.0))
