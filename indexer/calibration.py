"""How sure the service must be to answer: thresholds that follow from the highest wrong-answer rate that is acceptable.

A calibration is a set of questions of which it is known how probable the first candidate was held to be and whether
it answered. Answering only above a threshold gives up coverage for a lower risk (El-Yaniv and Wiener, "On the
Foundations of Noise-free Selective Classification", JMLR 11, 2010); `thresholds` looks for the one that answers most
at the risk allowed. `indexer/confidence.json` ships a set for each set of weights, predicted by weights that had not
seen the questions' theme. A bureau's own outcomes change what a probability is worth (`indexer/platt.py`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import groupby

from indexer.confidence import family_of, fitted
from knowledge.errors import ZhengdaError

UNANSWERABLE_SHARE = 0.10
"""How much of the traffic is taken to be questions that nothing in the base answers, however many of the points are."""
REFUSED_SHARE = 0.03
"""At most so much of what has an answer is refused unseen; the rest is answered or offered."""
ASSURANCE = 0.8416
"""How many deviations lie between a share that was seen and its upper bound: four bases in five keep within it."""
NO_ANSWER = 1.0
"""The threshold when no other keeps the rate: only a question asked word for word is answered."""
_CERTAIN = 0.9999
"""What the file rounds to 1 is taken as this: short of NO_ANSWER, as the probabilities of live questions are."""


class CalibrationMissing(ZhengdaError):
    """There is nothing to take the thresholds from."""

    code = "calibration-missing"


@dataclass(frozen=True)
class Point:
    """One question: the probability of the first candidate, how surely it answers (0 or 1 where that is known), the
    probability that any candidate does, and whether the base answers the question at all.
    """

    first: float
    right: float
    reach: float
    answerable: bool


@dataclass(frozen=True)
class Thresholds:
    """The first candidate answers from the probability `answer` on; below a reach of `choices` nothing is offered.

    `verbatim` tells that a question which the department itself wrote down is answered however high `answer` is.
    """

    answer: float
    choices: float
    verbatim: bool = False

    def answers(self, confidence: float, verbatim: bool = False) -> bool:
        """Whether a first candidate of this probability is the answer."""
        return confidence >= self.answer or (verbatim and self.verbatim)


@dataclass(frozen=True)
class Coverage:
    """What thresholds make of the traffic: shares of it that are `answered`, `offered` choices and `refused`.

    `wrong` is the share of the answers that are wrong, `unanswerable_answered` the share of the questions without an
    answer that are given one all the same.
    """

    answered: float
    offered: float
    refused: float
    wrong: float
    unanswerable_answered: float


@dataclass(frozen=True)
class RiskPoint:
    """At this threshold, the share of the traffic that is answered and the share of the answers that are wrong."""

    threshold: float
    answered: float
    wrong: float


@dataclass(frozen=True)
class Calibration:
    """Points, of which those without an answer weigh as much as makes them `UNANSWERABLE_SHARE` of the whole; each of
    the others weighs one.
    """

    points: tuple[Point, ...]

    def thresholds(self, highest_wrong_rate: float) -> Thresholds:
        """The thresholds for a highest share of wrong answers, 0 to 1.

        `answer` is the least probability of a point such that among all answers from it on Wilson's upper bound of
        the share of wrong ones ("Probable Inference, the Law of Succession, and Statistical Inference", 1927) is within
        the rate: the share itself would be exceeded by every other base. A few lucky answers count for nothing, since
        1% takes at least 71 right ones. Without one it is NO_ANSWER. `choices` is the greatest reach below which at
        most `REFUSED_SHARE` of the points with an answer lie, and never above `answer`.
        """
        least = NO_ANSWER
        for threshold, answers, wrong in self._falling:
            if _upper_bound(wrong, answers) <= highest_wrong_rate:
                least = threshold
        return Thresholds(least, min(self._least_reach, least), verbatim=True)

    def coverage(self, thresholds: Thresholds) -> Coverage:
        """What these thresholds make of the points."""
        answered = offered = wrong = fooled = unanswerable = whole = 0.0
        for point in self.points:
            weight = self._weight(point)
            whole += weight
            unanswerable += 0.0 if point.answerable else weight
            if point.reach < thresholds.choices:
                continue
            if point.first < thresholds.answer:
                offered += weight
                continue
            answered += weight
            wrong += weight * (1.0 - point.right)
            fooled += 0.0 if point.answerable else weight
        return Coverage(
            answered=_share(answered, whole),
            offered=_share(offered, whole),
            refused=_share(whole - answered - offered, whole),
            wrong=_share(wrong, answered),
            unanswerable_answered=_share(fooled, unanswerable),
        )

    def curve(self) -> tuple[RiskPoint, ...]:
        """Risk by coverage, threshold after threshold falling."""
        whole = sum(map(self._weight, self.points))
        return tuple(RiskPoint(t, _share(n, whole), _share(wrong, n)) for t, n, wrong in self._falling)

    def revalued(self, worth: Callable[[float], float]) -> "Calibration":
        """The same questions, the first candidate of each right with the probability that its own is `worth`."""
        return Calibration(tuple(replace(point, right=worth(point.first)) for point in self.points))

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """What each point weighs, in the order of the points."""
        return tuple(map(self._weight, self.points))

    @cached_property
    def _falling(self) -> tuple[tuple[float, float, float], ...]:
        """(probability, weight of the points from it on, weight of the wrong ones of them), the greatest first."""
        found, answers, wrong = [], 0.0, 0.0
        for threshold, group in groupby(sorted(self.points, key=_by_falling_first), key=lambda p: p.first):
            for point in group:
                answers += self._weight(point)
                wrong += self._weight(point) * (1.0 - point.right)
            found.append((threshold, answers, wrong))
        return tuple(found)

    @cached_property
    def _least_reach(self) -> float:
        reaches = sorted(point.reach for point in self.points if point.answerable)
        return reaches[int(REFUSED_SHARE * len(reaches))] if reaches else 0.0

    @cached_property
    def _unanswerable_weight(self) -> float:
        answerable = sum(point.answerable for point in self.points)
        others = len(self.points) - answerable
        if not answerable or not others:
            return 1.0
        return UNANSWERABLE_SHARE / (1.0 - UNANSWERABLE_SHARE) * answerable / others

    def _weight(self, point: Point) -> float:
        return 1.0 if point.answerable else self._unanswerable_weight


ALONE = "+alone"
"""Marks the points of a base whose entries have no similar questions. What is equally probable is as often right there,
but less is very probable, so that the same rate needs a higher threshold."""


def of_entries_alone(encoder: str) -> str:
    """The name under which the points are kept that hold for an entry without similar questions."""
    return f"{encoder}{ALONE}"


def shipped(encoder: str) -> Calibration:
    """The calibration that ships for an encoder's name, "" for a search by words alone, or for `of_entries_alone`.

    Raises CalibrationMissing when `confidence.json` has none.
    """
    alone = ALONE if encoder.endswith(ALONE) else ""
    return _shipped(family_of(encoder.removesuffix(ALONE)) + alone)


@cache
def _shipped(family: str) -> Calibration:
    return read_calibration(fitted(), family)


def read_calibration(of: Mapping[str, object], family: str) -> Calibration:
    """The points of a family, from what `eval.fit_confidence` wrote. Raises CalibrationMissing."""
    remedy = "请运行 python -m eval.fit_confidence 重新生成 indexer/confidence.json"
    calibrations = of.get("calibration")
    if not isinstance(calibrations, dict):
        raise CalibrationMissing(f"缺少校准数据（calibration），{remedy}")
    rows: Sequence[Sequence[float]] = calibrations.get(family, ())
    if not rows or any(len(row) != 4 for row in rows):
        raise CalibrationMissing(f"“{family}”的校准数据缺失或不是现在的格式，{remedy}")
    return Calibration(tuple(Point(min(row[0], _CERTAIN), row[1], row[2], bool(row[3])) for row in rows))


def _upper_bound(wrong: float, answers: float) -> float:
    """Up to what the share of wrong answers may be on other questions, as these are."""
    share, square = wrong / answers, ASSURANCE * ASSURANCE / answers
    spread = math.sqrt(square * (share * (1.0 - share) + square / 4.0))
    return (share + square / 2.0 + spread) / (1.0 + square)


def _by_falling_first(point: Point) -> float:
    return -point.first


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
