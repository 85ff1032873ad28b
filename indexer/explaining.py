"""Why an entry was found: the words that matched and through what, the nearest phrasing, the parts of its score.

The score of a candidate is a sum of weight times feature (`indexer/confidence.py`), so its parts can be told as they
are; and since the difference of two scores is the logarithm of how much likelier the one is to answer than the other,
they are told beside the strongest other candidate. Plain data, made only when somebody asks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from indexer.confidence import Weighed, matched_words
from indexer.features import whole_text
from indexer.normalise import normalise
from indexer.reading import Expansion, Reading
from indexer.search import Hit
from knowledge.entry import PublishedEntry


class How(StrEnum):
    """Through what a word matched: as it was typed, a synonym, a corrected slip, letters that spell it."""

    VERBATIM = "verbatim"
    SYNONYM = "synonym"
    SLIP = "slip"
    PINYIN = "pinyin"


class PartName(StrEnum):
    """What the features of a candidate come to, in a handful of names."""

    MEANING = "meaning"
    WORDS = "words"
    COVERAGE = "coverage"
    LEAD = "lead"
    REGION = "region"
    GROUP = "group"
    NUMBERS = "numbers"
    MATTER = "matter"
    ALONE = "alone"
    NONE = "none"


PARTS: Mapping[PartName, tuple[str, ...]] = {
    PartName.MEANING: ("similarity", "similarity_rise", "support_rise", "answer_rise", "late", "late_rise"),
    PartName.WORDS: ("lexical", "lexical_share"),
    PartName.COVERAGE: ("coverage_asked", "coverage_all"),
    PartName.LEAD: (
        "similarity_lead",
        "support_lead",
        "answer_lead",
        "late_lead",
        "dense_first",
        "both_first",
        "lexical_lead",
        "lexical_first",
        "coverage_lead",
        "reciprocal_rank",
    ),
    PartName.REGION: ("nearness", "figure_of_place"),
    PartName.GROUP: ("group_conflict",),
    PartName.NUMBERS: ("number_missing",),
    PartName.MATTER: ("matter_missing",),
    PartName.ALONE: ("alone",),
}
"""Which features make a part; each stands in one."""
_HOW = {"synonym": How.SYNONYM, "pinyin": How.PINYIN, "initials": How.PINYIN}
"""What a reading calls it → what people are told; everything else is a slip."""


@dataclass(frozen=True)
class MatchedWord:
    """`said` stands in the question, `matched` in the entry; `weight` is what it counts beside 1 of a word that the
    question itself holds.
    """

    said: str
    matched: str
    how: How
    weight: float


@dataclass(frozen=True)
class Nearest:
    """The phrasing nearest in meaning, and its cosine with the question."""

    text: str
    similarity: float


@dataclass(frozen=True)
class Part:
    """What one part of the score contributes to the lead, in natural logarithms of odds."""

    name: PartName
    contribution: float


@dataclass(frozen=True)
class Comparison:
    """How a candidate stands beside the strongest other one, `rival`, an entry's id.

    Without another one it stands beside "nothing here answers", whose own score is the part `NONE`. `lead` is the sum
    of the parts: the candidate is exp(lead) times as probable.
    """

    rival: int | None
    parts: tuple[Part, ...]
    lead: float


def matched(words: Sequence[str], reading: Reading | None, entry: PublishedEntry) -> tuple[MatchedWord, ...]:
    """The words of a question that the entry contains, and those that a synonym, a slip or letters stand for.

    `words` are the informative words of the question as it was read. A word inside a longer one is left out.
    """
    held = _longest(matched_words(words, entry))
    return (*(_held(word, reading) for word in held), *through_expansions(reading, entry))


def through_expansions(reading: Reading | None, entry: PublishedEntry) -> tuple[MatchedWord, ...]:
    """The words that the question does not hold and the entry does, with what stands for them in the question."""
    if reading is None or not reading.expansions:
        return ()
    text, terms = whole_text(entry), defaultdict[Expansion, list[str]](list)
    for term, expansion in reading.expansions.items():
        terms[expansion].append(term)
    found = []
    for expansion, its_terms in terms.items():
        meant = normalise(expansion.meant)
        there = [meant] if meant in text else _longest([term for term in its_terms if term in text])
        how = _HOW.get(expansion.how, How.SLIP)
        found += [MatchedWord(expansion.said, word, how, expansion.weight) for word in there]
    return tuple(found)


def nearest(hit: Hit, entry: PublishedEntry) -> Nearest | None:
    """The phrasing of the entry nearest to the question, None when the entry was found by words alone."""
    texts = entry.text.phrasings()
    return Nearest(texts[hit.phrasing], hit.similarity) if 0 <= hit.phrasing < len(texts) else None


def comparison(weighed: Weighed, entry_id: int) -> Comparison | None:
    """What makes an entry likelier or less likely than the strongest other one; None when it was not weighed."""
    row = weighed.rows.get(entry_id)
    model = weighed.model
    if row is None or model is None:
        return None
    others = {other: model.score(features) for other, features in weighed.rows.items() if other != entry_id}
    rival = max(others, key=lambda other: others[other], default=None)
    beside = weighed.rows[rival] if rival is not None else {}
    parts = [Part(name, _contribution(model.candidate, names, row, beside)) for name, names in PARTS.items()]
    if rival is None:
        parts.append(Part(PartName.NONE, -model.score_of_none(weighed.whole)))
    return Comparison(rival, tuple(parts), sum(part.contribution for part in parts))


def _contribution(
    weights: Mapping[str, float], names: Sequence[str], row: Mapping[str, float], beside: Mapping[str, float]
) -> float:
    """The sum of weight * (own feature - the other's) over the names that have a weight."""
    return sum(
        weights[name] * (row[name] - beside.get(name, 0.0))
        for name in names
        if name in weights and name in row
    )


def _held(word: str, reading: Reading | None) -> MatchedWord:
    """A word that the question holds as it was read, with the slip that hid it, if one did."""
    slips = reading.slips if reading is not None and word not in normalise(reading.asked) else ()
    for slip in slips:
        meant = normalise(slip.meant)
        if slip.certain and (word in meant or meant in word):
            return MatchedWord(slip.typed, word, _HOW.get(slip.how, How.SLIP), 1.0)
    return MatchedWord(word, word, How.VERBATIM, 1.0)


def _longest(words: Sequence[str]) -> list[str]:
    """The words that stand in no other one of them."""
    return [word for word in words if not any(word != other and word in other for other in words)]
