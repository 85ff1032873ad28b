"""How likely it is that an entry answers a question, and that anything here does: probabilities, never raw scores.

Logistic regression over features of one candidate among the others found. No feature names an entry, a word or a
base, so what was fitted on one knowledge base holds for another. Features about vectors depend on the encoder, so
there is one set of weights an encoder and one for words alone. `eval/fit_confidence.py` fits them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from indexer.normalise import normalise
from indexer.search import Hit, SearchResult
from knowledge.entry import PublishedEntry

WORDS_ALONE = "words"
VERBATIM = 0.99
"""What a question is worth that the department itself wrote down as one that the entry answers."""
CANDIDATES = 10
"""How many of a search's hits are weighed."""

FEATURES = (
    "lexical",
    "lexical_lead",
    "lexical_first",
    "similarity",
    "similarity_rise",
    "similarity_lead",
    "dense_first",
    "both_first",
    "coverage_asked",
    "coverage_all",
    "coverage_lead",
    "unseen",
    "reciprocal_rank",
    "nearness",
    "length",
)


REACH_FEATURES = ("coverage_asked", "coverage_all", "unseen", "similarity", "background", "lexical", "length")
"""Features of the search as a whole: is this a question for this base at all?"""


@dataclass(frozen=True)
class Candidate:
    """A hit with its entry, the probability that it answers, and the question's words that it contains."""

    hit: Hit
    entry: PublishedEntry
    confidence: float
    matched: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """The candidates of a search, most probable first, and `reach`, the probability that any of the first few answers.

    A short general question has many candidates, none of them probable, and a high reach; a question for another
    agency may come near one entry and has a low reach.
    """

    candidates: tuple[Candidate, ...]
    reach: float


def weigh(
    question: str,
    words: Sequence[str],
    result: SearchResult,
    entries: Mapping[int, PublishedEntry],
    encoder: str,
) -> Weighed:
    """Weigh what a search found.

    `words` are the question's informative words; `entries` those hits that may be served; `encoder` names what made
    the vectors, "" for a search by words alone.
    """
    hits = [hit for hit in result.hits if hit.entry_id in entries][:CANDIDATES]
    rows = features(question, result, hits, entries)
    models = _models()
    model = models.get(encoder if any(hit.dense_rank for hit in hits) else WORDS_ALONE, models[WORDS_ALONE])
    verbatim = _asked_verbatim(question, [entries[hit.entry_id] for hit in hits])
    reach = probability(reach_features(rows, result), model.reach) if rows else 0.0
    if verbatim:
        reach = max(reach, VERBATIM)
    candidates = []
    for hit, row in zip(hits, rows, strict=True):
        # That this one answers is no more probable than that any does.
        entry, confidence = entries[hit.entry_id], min(probability(row, model.answers), reach)
        if entry.id == verbatim:
            confidence = max(confidence, VERBATIM)
        candidates.append(Candidate(hit, entry, confidence, matched_words(words, entry)))
    candidates.sort(key=lambda c: (-c.confidence, -c.hit.score))
    return Weighed(tuple(candidates), reach)


def _asked_verbatim(question: str, entries: Sequence[PublishedEntry]) -> int | None:
    """The one entry that has the question, normalised, among its phrasings; None when none or several have."""
    asked = normalise(question)
    having = [entry.id for entry in entries if asked in _phrasings(entry)]
    return having[0] if len(having) == 1 else None


def features(
    question: str, result: SearchResult, hits: Sequence[Hit], entries: Mapping[int, PublishedEntry]
) -> list[dict[str, float]]:
    """The features of each hit among the others, in the order of `hits`."""
    asked = [_coverage(result.weights, _asked_text(entries[hit.entry_id])) for hit in hits]
    everything = [
        _coverage(result.weights, _asked_text(entries[hit.entry_id]) + _answer_text(entries[hit.entry_id]))
        for hit in hits
    ]
    length = math.log1p(len(normalise(question)))
    unseen = _unseen(result)
    rows = []
    for place, hit in enumerate(hits):
        others = [other for other in hits if other is not hit]
        rows.append(
            {
                "lexical": hit.lexical,
                "lexical_lead": _lead(hit.lexical, [other.lexical for other in others]),
                "lexical_first": float(hit.lexical_rank == 1),
                "similarity": hit.similarity,
                "similarity_rise": hit.similarity - result.background if hit.dense_rank else 0.0,
                "similarity_lead": _lead(hit.similarity, [other.similarity for other in others]),
                "dense_first": float(hit.dense_rank == 1),
                "both_first": float(hit.dense_rank == 1 and hit.lexical_rank == 1),
                "coverage_asked": asked[place],
                "coverage_all": everything[place],
                "coverage_lead": _lead(asked[place], asked[:place] + asked[place + 1 :]),
                "unseen": unseen,
                "reciprocal_rank": 1.0 / (place + 1),
                "nearness": hit.nearness / 2,
                "length": length,
            }
        )
    return rows


def _lead(own: float, others: Sequence[float]) -> float:
    """How far a score is ahead of the best other; a hit alone leads by all that it has."""
    return own - max(others, default=0.0)


def reach_features(rows: Sequence[Mapping[str, float]], result: SearchResult) -> dict[str, float]:
    """The features of a search as a whole, from those of its candidates, of which there is at least one."""
    best = ("coverage_asked", "coverage_all", "similarity", "lexical")
    return {
        **{name: max(row[name] for row in rows) for name in best},
        "unseen": rows[0]["unseen"],
        "background": result.background,
        "length": rows[0]["length"],
    }


def probability(row: Mapping[str, float], model: Mapping[str, float]) -> float:
    """The logistic function of the weighted features."""
    total = model.get("bias", 0.0) + sum(
        weight * row[name] for name, weight in model.items() if name != "bias"
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def matched_words(words: Sequence[str], entry: PublishedEntry) -> tuple[str, ...]:
    """Which of the words stand in the entry."""
    text = _asked_text(entry) + _answer_text(entry)
    return tuple(word for word in words if word in text)


def _coverage(weights: Mapping[str, float], text: str) -> float:
    """The share of the question's terms, by rarity, that stand in the text."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in text) / total if total else 0.0


def _unseen(result: SearchResult) -> float:
    """The share of the question's terms, by rarity, that no entry holds."""
    total = sum(result.weights.values())
    return sum(w for w in result.weights.values() if w >= result.unseen_weight) / total if total else 1.0


@lru_cache(maxsize=4096)
def _phrasings(entry: PublishedEntry) -> tuple[str, ...]:
    return tuple(map(normalise, entry.text.phrasings()))


@lru_cache(maxsize=4096)
def _asked_text(entry: PublishedEntry) -> str:
    return "\n".join((*_phrasings(entry), *map(normalise, entry.text.keywords))) + "\n"


@lru_cache(maxsize=4096)
def _answer_text(entry: PublishedEntry) -> str:
    return normalise(entry.text.answer)


@dataclass(frozen=True)
class _Model:
    """Feature weights of the two probabilities."""

    answers: dict[str, float]
    reach: dict[str, float]


@cache
def _models() -> dict[str, _Model]:
    """Encoder name → weights, as fitted."""
    fitted = json.loads(files("indexer").joinpath("confidence.json").read_text(encoding="utf-8"))
    return {name: _Model(**weights) for name, weights in fitted["models"].items()}
