"""Other knowledge bases made of the sample one: as a bureau has that begins, or that writes down nothing but questions.

What weighs an entry has to hold for these too, so it is fitted on them as well as on the whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from indexer.encoders import Encoder
from indexer.live import LiveIndex
from indexer.segment import Segmenter
from indexer.wording import Wording, bundled
from knowledge.entry import PublishedEntry

SMALL = 40
"""Entries of a base that begins."""


@dataclass(frozen=True)
class Entries:
    """Entries that never change, as what an index follows."""

    by_id: Mapping[int, PublishedEntry]

    def sequence(self) -> int:
        return 1

    def changed_since(self, sequence: int) -> Mapping[int, int]:
        return {}

    def current(self, ids: Iterable[int], on: date) -> Mapping[int, PublishedEntry]:
        return {entry_id: self.by_id[entry_id] for entry_id in ids if entry_id in self.by_id}

    def all_current(self, on: date) -> Iterator[PublishedEntry]:
        yield from self.by_id.values()

    def count(self) -> int:
        return len(self.by_id)

    def words_sequence(self) -> int:
        return 0

    def wording(self) -> Wording:
        return bundled()


def questions_alone(entries: Iterable[PublishedEntry]) -> list[PublishedEntry]:
    """The entries without similar questions and keywords."""
    return [replace(entry, text=replace(entry.text, variants=(), keywords=())) for entry in entries]


def parts(entries: Sequence[PublishedEntry], count: int, seed: int = 1) -> list[list[PublishedEntry]]:
    """So many bases of `SMALL` entries, drawn at random, no entry in two of them."""
    drawn = Random(seed).sample(list(entries), len(entries))
    return [drawn[number * SMALL : (number + 1) * SMALL] for number in range(min(count, len(drawn) // SMALL))]


@contextmanager
def index_of(
    entries: Iterable[PublishedEntry], segmenter: Segmenter, encoder: Encoder | None, today: date
) -> Iterator[tuple[LiveIndex, Entries]]:
    """An index over the entries, in a folder that is thrown away."""
    source = Entries({entry.id: entry for entry in entries})
    with TemporaryDirectory() as folder:
        index = LiveIndex(Path(folder), source, segmenter, encoder)
        try:
            index.open(today)
            yield index, source
        finally:
            index.close()
