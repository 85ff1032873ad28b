"""The vectors of whole entries: of all that each is asked by, and of its answer."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.answers import ANSWER_LENGTH
from indexer.confidence import WORDS_ALONE, family_of
from indexer.encoders import Encoder, Vectors
from indexer.vector_cache import VectorCache
from knowledge.entry import PublishedEntry

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EncodedEntries:
    """`phrasings` (n, dimension) with the `owners`, entries' ids, and the `numbers` of each among its entry's, and
    `answers` (entries, dimension) in the entries' order, None where there are none.
    """

    phrasings: Vectors
    owners: list[int]
    numbers: list[int]
    answers: Vectors | None


def encode_entries(cache: VectorCache, encoder: Encoder, entries: Sequence[PublishedEntry]) -> EncodedEntries:
    """Encode entries. Raises what the encoder raises for their phrasings."""
    said = [(text, entry.id, n) for entry in entries for n, text in enumerate(entry.text.phrasings())]
    phrasings = cache.encode(encoder, [text for text, _, _ in said])
    answers = encode_answers(cache, encoder, [answer_text(entry) for entry in entries], phrasings.shape[1])
    return EncodedEntries(phrasings, [owner for _, owner, _ in said], [n for _, _, n in said], answers)


def encode_answers(
    cache: VectorCache,
    encoder: Encoder,
    answers: Sequence[str],
    dimension: int,
    progress: Callable[[int], None] | None = None,
) -> Vectors | None:
    """The vectors (answers, dimension); None where nothing is weighed by them, or an encoder that can do with short
    texts cannot with these: the phrasings are found all the same.
    """
    if not weighs_answers(encoder):
        return None
    try:
        vectors = cache.encode(encoder, answers, progress)
    except Exception as error:  # noqa: BLE001 - whatever breaks in a model
        log.warning("without the vectors of answers: %s", error)
        return None
    return vectors if vectors.shape[1] == dimension else None


def weighs_answers(encoder: Encoder) -> bool:
    """Whether there are weights for what this encoder makes of answers."""
    return family_of(encoder.name) != WORDS_ALONE


def answer_text(entry: PublishedEntry) -> str:
    """What of an entry's answer is encoded."""
    return entry.text.answer[:ANSWER_LENGTH]
