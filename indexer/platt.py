"""What a probability is worth in the light of outcomes: a logistic map on its log-odds.

J. Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized Likelihood Methods", 1999;
fitted by Newton's method with backtracking as Lin, Lin and Weng correct it ("A Note on Platt's Probabilistic Outputs",
Machine Learning 68, 2007). The score is the log-odds of the probability, so that slope 1 and shift 0 change nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_CLIPPED = 1e-4
"""Probabilities nearer to 0 or 1 than this are taken as this: their log-odds would decide alone."""
_RIDGE = 1e-12
_STEPS = 100
_CLOSE = 1e-9


@dataclass(frozen=True)
class PlattMap:
    """p ↦ 1 / (1 + exp(-(slope · log(p / (1 - p)) + shift)))."""

    slope: float
    shift: float

    def __call__(self, probability: float) -> float:
        """What the probability is worth, 0 to 1."""
        score = self.slope * _log_odds(probability) + self.shift
        return 1.0 / (1.0 + math.exp(-score)) if score >= 0 else math.exp(score) / (1.0 + math.exp(score))


@dataclass(frozen=True)
class Judged:
    """One outcome: the probability that was given, whether it came true (0 to 1), and how much it counts."""

    probability: float
    right: float
    weight: float = 1.0


def fit(judged: Sequence[Judged]) -> PlattMap:
    """The map under which the outcomes are most likely.

    The targets are Platt's, not 0 and 1: (n₊ + 1) / (n₊ + 2) and 1 / (n₋ + 2), so that outcomes of which none is wrong
    do not make every answer certain. Raises ValueError without an outcome.
    """
    if not judged:
        raise ValueError("there is no outcome to fit a map to")
    scores = np.array([_log_odds(each.probability) for each in judged])
    weights = np.array([each.weight for each in judged])
    right = np.array([each.right for each in judged])
    positives, negatives = float(weights @ right), float(weights @ (1.0 - right))
    high, low = (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0)
    targets = right * high + (1.0 - right) * low
    at = np.array([1.0, 0.0])
    loss = _loss(at, scores, targets, weights)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(at, scores, targets, weights)
        if np.abs(gradient).max() < _CLOSE * weights.sum():
            break
        step, scale = -np.linalg.solve(hessian, gradient), 1.0
        while scale > _CLOSE:
            new = _loss(at + scale * step, scores, targets, weights)
            if new < loss + 1e-4 * scale * float(gradient @ step):
                at, loss = at + scale * step, new
                break
            scale /= 2.0
        else:
            break
    return PlattMap(float(at[0]), float(at[1]))


def _loss(at: Floats, scores: Floats, targets: Floats, weights: Floats) -> float:
    """The negative log likelihood."""
    z = at[0] * scores + at[1]
    return float(weights @ (np.logaddexp(0.0, z) - targets * z))


def _slopes(at: Floats, scores: Floats, targets: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian of the loss."""
    p = 0.5 * (1.0 + np.tanh(0.5 * (at[0] * scores + at[1])))
    design = np.stack([scores, np.ones_like(scores)], axis=1)
    gradient = design.T @ (weights * (p - targets))
    hessian = (design * (weights * p * (1.0 - p))[:, None]).T @ design
    return gradient, hessian + _RIDGE * np.eye(2)


def _log_odds(probability: float) -> float:
    p = min(max(probability, _CLIPPED), 1.0 - _CLIPPED)
    return math.log(p / (1.0 - p))
