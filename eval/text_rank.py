"""PostgreSQL's cover density ranking, `ts_rank_cd`, of a query whose words must all be there.

Clarke, Cormack and Tudhope, "Relevance Ranking for One to Three Term Queries" (1999), as PostgreSQL computes it for
words of one weight (D) and normalisation 32. `tests/eval/test_text_rank.py` holds it to a real PostgreSQL.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

_WEIGHT = 0.1
"""What `ts_rank_cd` gives a word of weight D."""


@dataclass(frozen=True)
class _Cover:
    """A shortest stretch that holds every word of the query: the places of its first and last, and how many
    occurrences of words lie in it.
    """

    first: int
    last: int
    occurrences: int


def text_rank(document: Sequence[str], query: Collection[str]) -> float:
    """`ts_rank_cd(to_tsvector('simple', document), query, 32)` for the words of both; 0 when one is missing.

    Each cover counts 0.1 / (1 + words in it that were not asked for), the sum s is given as s / (s + 1).
    """
    wanted = set(query)
    occurrences = [(place, word) for place, word in enumerate(document, start=1) if word in wanted]
    total = 0.0
    start = 0
    while cover := _next_cover(occurrences, start, wanted):
        place, found = cover
        noise = (found.last - found.first) - (found.occurrences - 1)
        total += _WEIGHT / (1 + noise)
        start = place + 1
    return total / (total + 1)


def _next_cover(
    occurrences: Sequence[tuple[int, str]], start: int, wanted: set[str]
) -> tuple[int, _Cover] | None:
    """The first cover from occurrence `start` on, with the occurrence that it begins at; None when there is none."""
    if not wanted:
        return None
    seen: set[str] = set()
    for end in range(start, len(occurrences)):
        seen.add(occurrences[end][1])
        if seen == wanted:
            break
    else:
        return None
    seen = set()
    for begin in range(end, start - 1, -1):
        seen.add(occurrences[begin][1])
        if seen == wanted:
            return begin, _Cover(occurrences[begin][0], occurrences[end][0], end - begin + 1)
    raise AssertionError("what holds every word forwards holds it backwards")
