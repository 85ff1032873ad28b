"""Measures of ranking and of knowing when not to answer.

Every measure is a ratio of two sums over questions: what happened, and where it could have. So one bootstrap serves
all of them, and a rate among the answered ones is resampled together with how many were answered.

Rankings are scored by ir-measures over pytrec_eval. `recall_k` is its Success@k: one entry that answers among the
first k, which is all a caller needs and the same as recall where one entry answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG
from numpy.typing import NDArray

from eval.judging import ANSWERED, CHOICES, DEPTH, UNANSWERED, Judged

_RANKING = {
    "recall_1": Success @ 1,
    "recall_3": Success @ 3,
    "recall_10": Success @ 10,
    "mrr_10": RR,  # rankings are cut at 10 before
    "ndcg_10": nDCG @ 10,
}
MEASURES = {
    "recall_1": "recall@1",
    "recall_3": "recall@3",
    "recall_10": "recall@10",
    "mrr_10": "MRR@10",
    "ndcg_10": "nDCG@10",
    "answered": "answered",
    "wrong": "wrong among answered",
    "choices": "choices",
    "right_in_choices": "right one among choices",
    "refused": "refused",
}
"""Key of a measure → how tables call it."""


@dataclass(frozen=True)
class Ratio:
    """A measure question by question: `happened` out of `possible`, float arrays of shape (questions,)."""

    happened: NDArray[np.float64]
    possible: NDArray[np.float64]

    @property
    def value(self) -> float | None:
        """The measure; None where it could not have happened at all."""
        total = self.possible.sum()
        return float(self.happened.sum() / total) if total else None


def measure(judged: Sequence[Judged]) -> dict[str, Ratio]:
    """Every measure of these questions. Ranking is of answerable questions, outcomes are a system's that decides."""
    ranked = rankings(judged)
    answerable = _array([j.question.answerable for j in judged])
    decided = _array([bool(j.outcome) for j in judged])
    answered = _array([j.outcome == ANSWERED for j in judged])
    choices = _array([j.outcome == CHOICES for j in judged])
    found = {key: Ratio(ranked[key], answerable) for key in _RANKING}
    found["answered"] = Ratio(answered, decided)
    found["wrong"] = Ratio(_array([j.wrong for j in judged]), answered)
    found["choices"] = Ratio(choices, decided)
    found["right_in_choices"] = Ratio(_array([j.right_offered for j in judged]), choices)
    found["refused"] = Ratio(_array([j.outcome == UNANSWERED for j in judged]), decided)
    return found


def scores(judged: Sequence[Judged]) -> dict[str, float | None]:
    """The value of every measure, None where it does not exist."""
    return {key: ratio.value for key, ratio in measure(judged).items()}


def rankings(judged: Sequence[Judged]) -> dict[str, NDArray[np.float64]]:
    """The measures of ranking, question by question; 0 for an unanswerable one."""
    names = {str(number): j for number, j in enumerate(judged) if j.question.answerable}
    judgments = [Qrel(name, item, 1) for name, j in names.items() for item in j.question.relevant]
    run = [
        ScoredDoc(name, item, -float(place))
        for name, j in names.items()
        for place, item in enumerate(j.ranking[:DEPTH])
    ]
    found = {key: np.zeros(len(judged)) for key in _RANKING}
    keys = {each: key for key, each in _RANKING.items()}
    if names:
        for metric in ir_measures.pytrec_eval.iter_calc(list(keys), judgments, run):
            found[keys[metric.measure]][int(metric.query_id)] = metric.value
    return found


def latency(judged: Sequence[Judged]) -> Mapping[str, float]:
    """p50, p95 and p99 of the time a question took, in milliseconds."""
    taken = np.percentile([j.ms for j in judged], [50, 95, 99]) if judged else np.zeros(3)
    return dict(zip(("p50", "p95", "p99"), map(float, taken), strict=True))


def _array(values: Sequence[bool]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)
