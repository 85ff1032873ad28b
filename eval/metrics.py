"""Measures of ranking and of knowing when not to answer.

A ranking is a sequence of external ids, best first; `relevant` the set of those that answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


def recall_at(k: int, ranking: Sequence[str], relevant: Collection[str]) -> float:
    """1.0 when an entry that answers is among the first k, else 0.0: one right entry is all a caller needs."""
    return float(any(item in relevant for item in ranking[:k]))


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str], depth: int = 10) -> float:
    """1 / rank of the first entry that answers within `depth`, else 0 (Voorhees, TREC-8, 1999)."""
    for rank, item in enumerate(ranking[:depth], start=1):
        if item in relevant:
            return 1.0 / rank
    return 0.0


@dataclass(frozen=True)
class Judged:
    """How one question went: the ranking, the outcome (`answered`, `choices`, `unanswered`, or "" for a system
    that only ranks), and the entries that were offered.
    """

    ranking: tuple[str, ...]
    relevant: frozenset[str]
    outcome: str = ""
    offered: tuple[str, ...] = ()
    confidence: float = 0.0

    @property
    def wrong(self) -> bool:
        """An answer was given and it does not answer."""
        return self.outcome == "answered" and self.ranking[0] not in self.relevant


@dataclass(frozen=True)
class Scores:
    """Means over questions. Rates of outcomes are None for a system that only ranks, and recall for unanswerable
    questions. `wrong_rate` is wrong answers among answers given; `refusal_rate` is the share that got no answer and
    no choices; `offered_right` is, among choices, the share that holds a right one.
    """

    count: int
    recall_1: float | None
    recall_5: float | None
    recall_10: float | None
    mrr_10: float | None
    answered_rate: float | None
    wrong_rate: float | None
    choices_rate: float | None
    offered_right: float | None
    refusal_rate: float | None


def score(judged: Sequence[Judged]) -> Scores:
    """The scores of a group of questions, all answerable or all not."""
    answerable = [item for item in judged if item.relevant]
    decided = [item for item in judged if item.outcome]
    answers = [item for item in decided if item.outcome == "answered"]
    choices = [item for item in decided if item.outcome == "choices"]
    return Scores(
        count=len(judged),
        recall_1=_mean([recall_at(1, item.ranking, item.relevant) for item in answerable]),
        recall_5=_mean([recall_at(5, item.ranking, item.relevant) for item in answerable]),
        recall_10=_mean([recall_at(10, item.ranking, item.relevant) for item in answerable]),
        mrr_10=_mean([reciprocal_rank(item.ranking, item.relevant) for item in answerable]),
        answered_rate=_mean([float(item.outcome == "answered") for item in decided]),
        wrong_rate=_mean([float(item.wrong) for item in answers]),
        choices_rate=_mean([float(item.outcome == "choices") for item in decided]),
        offered_right=_mean([float(any(o in item.relevant for o in item.offered)) for item in choices]),
        refusal_rate=_mean([float(item.outcome == "unanswered") for item in decided]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
