"""Two rankings become one.

Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): a hit scores the sum over rankings of
weight / (k + rank), rank counted from 1.
"""

from collections.abc import Mapping, Sequence

RRF_K = 10.0


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[int]], weights: Mapping[str, float], k: float = RRF_K
) -> dict[int, float]:
    """Id → fused score over named rankings of ids, best first; a ranking without a weight counts 1."""
    scores: dict[int, float] = {}
    for name, ranking in rankings.items():
        weight = weights.get(name, 1.0)
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return scores
