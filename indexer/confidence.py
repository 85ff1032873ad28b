"""How likely it is that an entry answers a question: one probability for each candidate and one for none of them.

A conditional logit (McFadden, "Conditional Logit Analysis of Qualitative Choice Behavior", 1974): each candidate has a
score, linear in its features, and so has "nothing here answers", in those of the search; the probabilities are the
exponentials of the scores by their sum. So they add up to one, and what one entry gains the others lose.
`eval/fit_confidence.py` fits the weights, one set an encoder and one for words alone.
"""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from indexer.features import candidate_features, phrasings, search_features, whole_text
from indexer.normalise import normalise
from indexer.search import Hit, SearchResult
from knowledge.entry import PublishedEntry

log = logging.getLogger(__name__)

WORDS_ALONE = "words"
VERBATIM = 0.99
"""What a question is worth that the department itself wrote down as one that the entry answers."""
CANDIDATES = 10
"""How many of a search's hits are weighed."""


@dataclass(frozen=True)
class Candidate:
    """A hit with its entry, the probability that it answers, and the question's words that it contains.

    `verbatim` tells that the entry alone has the very question among its phrasings.
    """

    hit: Hit
    entry: PublishedEntry
    confidence: float
    matched: tuple[str, ...]
    verbatim: bool = False


@dataclass(frozen=True)
class Weighed:
    """The candidates of a search, most probable first, and `reach`, the probability that one of them answers.

    `encoder` names what they were weighed by, "" when that was words alone. `rows` are the features of each entry, by
    its id, `whole` those of the search and `model` the weights: what an explanation tells the parts of the scores from.
    """

    candidates: tuple[Candidate, ...]
    reach: float
    encoder: str = ""
    rows: Mapping[int, Mapping[str, float]] = field(default_factory=dict, repr=False, compare=False)
    whole: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
    model: "Model | None" = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Model:
    """Weights of the features of a candidate, and of those of the search with a `bias`, for none of them."""

    candidate: Mapping[str, float]
    none: Mapping[str, float]

    def probabilities(self, rows: Sequence[Mapping[str, float]], whole: Mapping[str, float]) -> list[float]:
        """The probability that each candidate answers; what they lack to one is that none does."""
        scores = [self.score(row) for row in rows]
        none = self.score_of_none(whole)
        greatest = max(none, *scores) if scores else none
        parts = [math.exp(score - greatest) for score in scores]
        total = math.exp(none - greatest) + sum(parts)
        return [part / total for part in parts]

    def score(self, row: Mapping[str, float]) -> float:
        """The score of a candidate; the difference of two is the logarithm of how much likelier the one is."""
        return sum(weight * row[name] for name, weight in self.candidate.items())

    def score_of_none(self, whole: Mapping[str, float]) -> float:
        """The score of "nothing here answers"."""
        return sum(weight * whole.get(name, 1.0) for name, weight in self.none.items())


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
    if not hits:
        return Weighed((), 0.0)
    rows = candidate_features(question, result, hits, entries)
    by_meaning = any(hit.dense_rank for hit in hits)
    weighed_by = encoder if by_meaning else ""
    model = model_for(weighed_by)
    whole = search_features(question, result, rows, hits)
    probabilities = model.probabilities(rows, whole)
    verbatim = _asked_verbatim(question, [entries[hit.entry_id] for hit in hits])
    if verbatim is not None:
        place = next(place for place, hit in enumerate(hits) if hit.entry_id == verbatim)
        probabilities = _with_verbatim(probabilities, place)
    candidates = []
    for hit, probability in zip(hits, probabilities, strict=True):
        entry = entries[hit.entry_id]
        matched = matched_words(words, entry)
        candidates.append(Candidate(hit, entry, probability, matched, entry.id == verbatim))
    candidates.sort(key=lambda c: (-c.confidence, -c.hit.score))
    reach = min(1.0, sum(probabilities))
    by_entry = {hit.entry_id: row for hit, row in zip(hits, rows, strict=True)}
    return Weighed(tuple(candidates), reach, weighed_by, by_entry, whole, model)


def _with_verbatim(probabilities: Sequence[float], place: int) -> list[float]:
    """The probabilities with at least `VERBATIM` at a place; what is left is shared as before."""
    own = probabilities[place]
    if own >= VERBATIM:
        return list(probabilities)
    share = (1 - VERBATIM) / (1 - own)
    return [VERBATIM if other == place else p * share for other, p in enumerate(probabilities)]


def _asked_verbatim(question: str, entries: Sequence[PublishedEntry]) -> int | None:
    """The one entry that has the question, normalised, among its phrasings; None when none or several have."""
    asked = normalise(question)
    having = [entry.id for entry in entries if asked in phrasings(entry)]
    return having[0] if len(having) == 1 else None


def matched_words(words: Sequence[str], entry: PublishedEntry) -> tuple[str, ...]:
    """Which of the words stand in the entry."""
    text = whole_text(entry)
    return tuple(word for word in words if word in text)


def model_for(encoder: str) -> Model:
    """The weights for an encoder."""
    return _models()[family_of(encoder)]


def family_of(encoder: str) -> str:
    """By which weights an encoder's vectors are weighed: the name before `#`, since one tuned further gives vectors
    like those it came from. For an encoder that nothing was fitted with, and for none, words decide.
    """
    family = encoder.partition("#")[0]
    return family if family in _models() else WORDS_ALONE


@cache
def fitted() -> dict[str, Any]:
    """What `eval/fit_confidence.py` wrote."""
    read: dict[str, Any] = json.loads(
        files("indexer").joinpath("confidence.json").read_text(encoding="utf-8")
    )
    return read


@cache
def _models() -> dict[str, Model]:
    """Encoder family → weights, as fitted."""
    return {name: Model(**weights) for name, weights in fitted()["models"].items()}
