"""Answering only when confident: what share can be answered at which risk.

The risk–coverage curve orders questions by confidence; its area is the mean risk over all coverages (El-Yaniv and
Wiener, JMLR 2010; Geifman and El-Yaniv, NIPS 2017). Lower is better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eval.judging import Judged


@dataclass(frozen=True)
class Curve:
    """The risk, wrong answers among those given, when the 1, 2, … n most confident questions are answered.

    Both arrays have shape (questions,); `coverage` is k / n.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The mean risk over all coverages; nan of no question."""
        return float(self.risk.mean()) if self.risk.size else float("nan")

    def risk_at(self, coverage: float) -> float:
        """The risk when at least this share is answered, and not one question more than that takes; nan of none."""
        if not self.risk.size:
            return float("nan")
        # A share of 0.8 of 5 questions is 4, although 0.8 * 5 may come out a little above.
        count = int(np.ceil(coverage * self.risk.size - 1e-9))
        return float(self.risk[max(count, 1) - 1])


def curve(confidence: ArrayLike, wrong: ArrayLike) -> Curve:
    """The curve of n questions. Among equally confident ones, wrong answers are spread evenly: it is the mean over
    every order they could be in.
    """
    confident = np.asarray(confidence, dtype=np.float64)
    mistakes = np.asarray(wrong, dtype=np.float64)
    order = np.argsort(-confident, kind="stable")
    confident, mistakes = confident[order], mistakes[order]
    _, group, sizes = np.unique(-confident, return_inverse=True, return_counts=True)
    shared = np.bincount(group, weights=mistakes, minlength=len(sizes)) / np.maximum(sizes, 1)
    counts = np.arange(1, len(mistakes) + 1)
    return Curve(counts / max(len(mistakes), 1), np.cumsum(shared[group]) / counts)


def curve_of(judged: Sequence[Judged]) -> Curve:
    """The curve of these questions: a first candidate that does not answer is a wrong answer, whatever the outcome."""
    return curve([j.confidence for j in judged], [not j.first_right for j in judged])


def threshold_at(judged: Sequence[Judged], coverage: float) -> float:
    """The confidence from which on this share of the questions is answered; nan of no question."""
    if not judged:
        return float("nan")
    count = max(int(np.ceil(coverage * len(judged) - 1e-9)), 1)
    return sorted((j.confidence for j in judged), reverse=True)[count - 1]


def answered_from(judged: Sequence[Judged], threshold: float) -> float:
    """The share of the questions whose confidence reaches a threshold; nan of no question."""
    return float(np.mean([j.confidence >= threshold for j in judged])) if judged else float("nan")
