"""The vectors of whole entries: of all that each is asked by, and of its answer."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from indexer.answers import ANSWER_LENGTH
from indexer.confidence import WORDS_ALONE, family_of
from indexer.encoders import Encoder, Vectors
from indexer.late_interaction import Packed
from indexer.vector_cache import VectorCache
from knowledge.entry import PublishedEntry

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EncodedEntries:
    """`phrasings` (n, dimension) with the `owners`, entries' ids, and the `numbers` of each among its entry's, and
    `answers` (entries, dimension) in the entries' order, None where there are none. `tokens` has those of each entry's
    phrasings and answer, in the entries' order.
    """

    phrasings: Vectors
    owners: list[int]
    numbers: list[int]
    answers: Vectors | None
    tokens: list[Packed]


def encode_entries(cache: VectorCache, encoder: Encoder, entries: Sequence[PublishedEntry]) -> EncodedEntries:
    """Encode entries. Raises what the encoder raises for their phrasings."""
    said = [(text, entry.id, n) for entry in entries for n, text in enumerate(entry.text.phrasings())]
    owners = [owner for _, owner, _ in said]
    phrasings, said_tokens = cache.encode_with_tokens(encoder, [text for text, _, _ in said])
    answers = encode_answers(cache, encoder, [answer_text(entry) for entry in entries], phrasings.shape[1])
    of_each: dict[int, list[Packed]] = defaultdict(list)
    for owner, tokens in zip(owners, said_tokens, strict=True):
        of_each[owner].append(tokens)
    for entry, tokens in zip(entries, answers.tokens if answers else (), strict=False):
        of_each[entry.id].append(tokens)
    return EncodedEntries(
        phrasings,
        owners,
        [number for _, _, number in said],
        answers.vectors if answers else None,
        [np.concatenate(of_each[entry.id]) for entry in entries],
    )


class EncodedAnswers(NamedTuple):
    """The vectors (answers, dimension), and those of each answer's tokens."""

    vectors: Vectors
    tokens: list[Packed]


def encode_answers(
    cache: VectorCache,
    encoder: Encoder,
    answers: Sequence[str],
    dimension: int,
    progress: Callable[[int], None] | None = None,
) -> EncodedAnswers | None:
    """The vectors of answers; None where nothing is weighed by them, or an encoder that can do with short
    texts cannot with these: the phrasings are found all the same.
    """
    if not weighs_answers(encoder):
        return None
    try:
        encoded = EncodedAnswers(*cache.encode_with_tokens(encoder, answers, progress))
    except Exception as error:  # noqa: BLE001 - whatever breaks in a model
        log.warning("without the vectors of answers: %s", error)
        return None
    return encoded if encoded.vectors.shape[1] == dimension else None


def weighs_answers(encoder: Encoder) -> bool:
    """Whether there are weights for what this encoder makes of answers."""
    return family_of(encoder.name) != WORDS_ALONE


def answer_text(entry: PublishedEntry) -> str:
    """What of an entry's answer is encoded."""
    return entry.text.answer[:ANSWER_LENGTH]
