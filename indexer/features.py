"""What there is to tell whether an entry answers a question: features of a candidate among the others of its search,
and of the search as a whole.

No feature names an entry, a word or a base, so that what is learned on one knowledge base holds for another.
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from indexer.matters import matters_of
from indexer.normalise import normalise
from indexer.places import asks_for_a_figure, holds_in, places_in
from indexer.search import Hit, SearchResult
from knowledge.entry import PublishedEntry

CANDIDATE = (
    "similarity",
    "similarity_rise",
    "similarity_lead",
    "support_rise",
    "support_lead",
    "answer_rise",
    "answer_lead",
    "late",
    "late_rise",
    "late_lead",
    "dense_first",
    "both_first",
    "lexical",
    "lexical_lead",
    "lexical_first",
    "lexical_share",
    "coverage_asked",
    "coverage_all",
    "coverage_lead",
    "reciprocal_rank",
    "nearness",
    "group_conflict",
    "number_missing",
    "figure_of_place",
    "matter_missing",
    "alone",
)
SEARCH = (
    "top_similarity",
    "top_support",
    "similarity_margin",
    "background",
    "elsewhere",
    "elsewhere_lead",
    "top_lexical",
    "top_coverage_asked",
    "top_coverage_all",
    "nothing_covered",
    "unseen",
    "length",
    "short",
)
OF_VECTORS = frozenset(
    {
        "similarity",
        "similarity_rise",
        "similarity_lead",
        "support_rise",
        "support_lead",
        "answer_rise",
        "answer_lead",
        "late",
        "late_rise",
        "late_lead",
        "dense_first",
        "both_first",
        "top_similarity",
        "top_support",
        "similarity_margin",
        "background",
        "elsewhere",
        "elsewhere_lead",
    }
)
"""Those that mean something only for the encoder they were learned with."""

_GROUPS = {
    "employee": re.compile("职工|在职|单位参保|上班"),
    "resident": re.compile("居民|新农合|农村医保|农合|学生|新生儿"),
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
_SHORT = 8
_HARDLY_COVERED = 0.1


def candidate_features(
    question: str, result: SearchResult, hits: Sequence[Hit], entries: Mapping[int, PublishedEntry]
) -> list[dict[str, float]]:
    """The features of each hit among the others, in the order of `hits`."""
    asked = [_coverage(result.weights, asked_text(entries[hit.entry_id])) for hit in hits]
    everything = [_coverage(result.weights, whole_text(entries[hit.entry_id])) for hit in hits]
    lexical, similarity = [hit.lexical for hit in hits], [hit.similarity for hit in hits]
    answer, late = [hit.answer for hit in hits], [hit.late for hit in hits]
    mean_late = sum(late) / len(late) if late else 0.0
    support, most = [hit.support for hit in hits], max((hit.lexical for hit in hits), default=0.0)
    plain = normalise(question)
    rows = []
    for place, hit in enumerate(hits):
        found = hit.dense_rank > 0
        rows.append(
            {
                "similarity": hit.similarity,
                "similarity_rise": hit.similarity - result.background if found else 0.0,
                "similarity_lead": _lead(similarity, place),
                "support_rise": hit.support - result.background if found else 0.0,
                "support_lead": _lead(support, place),
                "answer_rise": hit.answer - result.answers if hit.answer else 0.0,
                "answer_lead": _lead(answer, place),
                "late": hit.late,
                "late_rise": hit.late - mean_late,
                "late_lead": _lead(late, place),
                "dense_first": float(hit.dense_rank == 1),
                "both_first": float(hit.dense_rank == 1 and hit.lexical_rank == 1),
                "lexical": hit.lexical,
                "lexical_lead": _lead(lexical, place),
                "lexical_first": float(hit.lexical_rank == 1),
                "lexical_share": hit.lexical / most if most else 0.0,
                "coverage_asked": asked[place],
                "coverage_all": everything[place],
                "coverage_lead": _lead(asked, place),
                "reciprocal_rank": 1.0 / (place + 1),
                "nearness": hit.nearness / 2,
                "group_conflict": _group_conflict(plain, entries[hit.entry_id]),
                "number_missing": _number_missing(plain, entries[hit.entry_id]),
                "figure_of_place": _figure_of_place(plain, entries[hit.entry_id], result.region),
                "matter_missing": _matter_missing(plain, entries[hit.entry_id]),
                "alone": float(stands_alone(entries[hit.entry_id])),
            }
        )
    return rows


def search_features(
    question: str, result: SearchResult, rows: Sequence[Mapping[str, float]], hits: Sequence[Hit]
) -> dict[str, float]:
    """The features of a search as a whole, from its candidates, of which there is at least one."""
    similarities = sorted((hit.similarity for hit in hits), reverse=True)
    length = len(normalise(question))
    covered = max(row["coverage_asked"] for row in rows)
    return {
        "top_similarity": similarities[0],
        "top_support": max(hit.support for hit in hits),
        "similarity_margin": similarities[0] - similarities[1] if len(similarities) > 1 else 0.0,
        "background": result.background,
        "elsewhere": result.elsewhere,
        "elsewhere_lead": max(0.0, result.elsewhere - similarities[0]),
        "top_lexical": max(hit.lexical for hit in hits),
        "top_coverage_asked": covered,
        "top_coverage_all": max(row["coverage_all"] for row in rows),
        "nothing_covered": float(covered < _HARDLY_COVERED),
        "unseen": _unseen(result),
        "length": math.log1p(length),
        "short": float(length < _SHORT),
    }


def _lead(values: Sequence[float], place: int) -> float:
    """How far a value is ahead of the greatest other; one alone leads by all that it has."""
    return values[place] - max((v for other, v in enumerate(values) if other != place), default=0.0)


def _coverage(weights: Mapping[str, float], text: str) -> float:
    """The share of the question's terms, by rarity, that stand in the text."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in text) / total if total else 0.0


def _unseen(result: SearchResult) -> float:
    """The share of the question's terms, by rarity, that no entry holds."""
    total = sum(result.weights.values())
    return sum(w for w in result.weights.values() if w >= result.unseen_weight) / total if total else 1.0


def _group_conflict(question: str, entry: PublishedEntry) -> float:
    """1 when the question is of one kind of insured alone and the entry for the other."""
    said = [group for group, words in _GROUPS.items() if words.search(question)]
    return float(len(said) == 1 and bool(entry.text.insured_group) and entry.text.insured_group != said[0])


def _number_missing(question: str, entry: PublishedEntry) -> float:
    """The share of the question's numbers that do not stand in the entry; 0 when it has none."""
    asked = set(_NUMBER.findall(question))
    return len(asked - _numbers(entry)) / len(asked) if asked else 0.0


def _figure_of_place(question: str, entry: PublishedEntry, home: str | None) -> float:
    """1 when the question asks for the figure of a place that the entry neither names nor is for."""
    if not asks_for_a_figure(question):
        return 0.0
    return float(
        any(
            place not in whole_text(entry) and not holds_in(place, entry.text.region, home)
            for place in places_in(question)
        )
    )


def _matter_missing(question: str, entry: PublishedEntry) -> float:
    """The share of the schemes and cases that the question names and no wording of the entry does."""
    named = matters_of(question)
    return len(named - matters_of(asked_text(entry))) / len(named) if named else 0.0


@lru_cache(maxsize=4096)
def _numbers(entry: PublishedEntry) -> frozenset[str]:
    return frozenset(_NUMBER.findall(whole_text(entry)))


def stands_alone(entry: PublishedEntry) -> bool:
    """Whether nobody has written down another way of asking what the entry answers: there is less to find it by."""
    return not entry.text.variants


@lru_cache(maxsize=4096)
def phrasings(entry: PublishedEntry) -> tuple[str, ...]:
    """The entry's phrasings, normalised."""
    return tuple(map(normalise, entry.text.phrasings()))


@lru_cache(maxsize=4096)
def asked_text(entry: PublishedEntry) -> str:
    """What the entry is asked by: phrasings and keywords, normalised, one a line."""
    return "\n".join((*phrasings(entry), *map(normalise, entry.text.keywords))) + "\n"


@lru_cache(maxsize=4096)
def whole_text(entry: PublishedEntry) -> str:
    """The same with the answer."""
    return asked_text(entry) + normalise(entry.text.answer)
