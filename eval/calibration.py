"""Whether a confidence of 0.8 is right eight times in ten.

Measured for the first candidate over all questions: an unanswerable one has no right candidate, so any confidence in
one is too much.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.judging import Judged

BINS = 15


@dataclass(frozen=True)
class Bin:
    """The questions whose confidence lies above `low` and up to `high`: how many, their mean confidence, and the
    share of them whose first candidate answers. Both are nan of none.
    """

    low: float
    high: float
    count: int
    confidence: float
    right: float


def brier(confidence: ArrayLike, right: ArrayLike) -> float:
    """The mean squared distance of a probability from what happened (Brier, 1950); nan of no question."""
    distance = _floats(confidence) - _floats(right)
    return float(np.mean(distance**2)) if distance.size else float("nan")


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal width between 0 and 1; a confidence of 0 counts in the first."""
    confident, happened = _floats(confidence), _floats(right)
    places = np.clip(np.ceil(confident * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for place in range(bins):
        inside = places == place
        count = int(inside.sum())
        means = (
            (float(confident[inside].mean()), float(happened[inside].mean())) if count else (np.nan, np.nan)
        )
        found.append(Bin(place / bins, (place + 1) / bins, count, *means))
    return tuple(found)


def expected_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: the mean distance of confidence from what happened, bins weighted by their
    questions (Naeini, Cooper and Hauskrecht, AAAI 2015); nan of no question.
    """
    total = sum(each.count for each in bins)
    if not total:
        return float("nan")
    return sum(each.count * abs(each.confidence - each.right) for each in bins if each.count) / total


def calibration_of(judged: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidence in the first candidate, and whether it answers (1 or 0), question by question."""
    return _floats([j.confidence for j in judged]), _floats([j.first_right for j in judged])


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)
