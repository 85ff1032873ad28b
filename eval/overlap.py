"""How much of a question stands in another text already: Jaccard's coefficient of character bigrams.

Texts are normalised first, so script, case and punctuation make no difference. A measure that is a near-copy of what it
measures is worth nothing.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from eval.questions import Question
from indexer.normalise import normalise
from qa_service.samples import SAMPLES

NEAR_COPY_OF_ENTRY = 0.5
NEAR_COPY = 0.8


def bigrams(text: str) -> frozenset[str]:
    """The overlapping pairs of characters of a normalised text without spaces; a shorter text is its own pair."""
    plain = normalise(text).replace(" ", "")
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1)) or frozenset({plain})


def overlap(one: str, other: str) -> float:
    """Jaccard's coefficient of the bigrams, 0 to 1."""
    return jaccard(bigrams(one), bigrams(other))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """What both have of what either has."""
    return len(one & other) / len(one | other)


class NearCopies:
    """Finds, among many texts, those that nearly equal a given one, through an inverted file of their bigrams."""

    def __init__(self, texts: Iterable[str], least: float = NEAR_COPY) -> None:
        self._least = least
        self._texts = [text for text in texts if normalise(text)]
        self._sizes: list[int] = []
        self._having: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(self._texts):
            pairs = bigrams(text)
            self._sizes.append(len(pairs))
            for pair in pairs:
                self._having[pair].append(place)

    def of(self, text: str) -> list[tuple[str, float]]:
        """The texts that overlap by at least the given share, with how much, most first."""
        pairs = bigrams(text)
        shared = Counter(place for pair in pairs for place in self._having.get(pair, ()))
        found = [
            (self._texts[place], common / (len(pairs) + self._sizes[place] - common))
            for place, common in shared.items()
        ]
        return sorted(
            ((text, share) for text, share in found if share >= self._least), key=lambda each: -each[1]
        )


def with_entries(
    asked: Iterable[Question], phrasings: Mapping[str, Sequence[str]]
) -> dict[str, tuple[float, ...]]:
    """Style → of each answerable question the greatest overlap with a phrasing of an entry that answers it.

    `phrasings` are those of each entry by external id.
    """
    known = {external_id: [bigrams(text) for text in texts] for external_id, texts in phrasings.items()}
    found: dict[str, list[float]] = {}
    for question in asked:
        near = [jaccard(bigrams(question.text), each) for i in question.relevant for each in known.get(i, ())]
        if near:
            found.setdefault(question.style, []).append(max(near))
    return {style: tuple(shares) for style, shares in found.items()}


def distribution(overlaps: Mapping[str, Sequence[float]]) -> tuple[list[str], list[list[str]]]:
    """A header, and for each style a row: how many questions, and the quantiles of their overlaps."""
    parts = {"median": 0.5, "p90": 0.9, "p99": 0.99, "greatest": 1.0}
    rows = [
        [style, str(len(shares)), *(f"{share:.2f}" for share in np.quantile(shares, list(parts.values())))]
        for style, shares in overlaps.items()
    ]
    return ["style", "questions", *parts], rows


def sample_phrasings() -> dict[str, tuple[str, ...]]:
    """External id → question and similar questions of every sample entry, as they are written."""
    rows = [
        json.loads(line)
        for file in SAMPLES.joinpath("entries").glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return {row["external_id"]: (row["question"], *row["similar_questions"]) for row in rows}
