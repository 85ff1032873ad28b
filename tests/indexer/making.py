"""What the index is tested with: entries, a record that lives in memory, an encoder small enough to compute by hand."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from indexer.encoders import TOKEN_DIMENSION, Encoder, Vectors
from indexer.lexical import LexicalIndex
from indexer.live import LiveIndex
from indexer.source import KnowledgeSource
from indexer.wording import Wording, wording_of
from knowledge.entry import EntryText, InsuredGroup, PublishedEntry
from knowledge.policy import Disclosure
from knowledge.wording import Word

TODAY = date(2026, 3, 2)


def a_text(question: str = "生育津贴如何申领？", **changes: Any) -> EntryText:
    return replace(EntryText(question=question, answer="由用人单位申请。", department="benefits"), **changes)


def an_entry(
    id: int, question: str = "生育津贴如何申领？", revision: int = 1, **changes: Any
) -> PublishedEntry:
    """A published entry; `changes` are of its text."""
    return PublishedEntry(id, f"ENTRY-{id:06d}", revision, a_text(question, **changes))


class KnowledgeInMemory:
    """A record that lives in memory: what the index follows, without a database. Threads may share it."""

    def __init__(self, entries: Iterable[PublishedEntry] = ()) -> None:
        self._on_the_air: dict[int, PublishedEntry] = {}
        self._changes: list[int] = []
        self._lock = threading.Lock()
        self._words: list[Word] = []
        for entry in entries:
            self.publish(entry)

    def publish(self, *entries: PublishedEntry) -> None:
        with self._lock:
            for entry in entries:
                self._on_the_air[entry.id] = entry
                self._changes.append(entry.id)

    def withdraw(self, entry_id: int) -> None:
        with self._lock:
            del self._on_the_air[entry_id]
            self._changes.append(entry_id)

    def sequence(self) -> int:
        return len(self._changes)

    def changed_since(self, sequence: int) -> Mapping[int, int]:
        with self._lock:
            new = self._changes[sequence:]
        return {entry: number for number, entry in enumerate(new, start=sequence + 1)}

    def current(self, ids: Iterable[int], on: date) -> Mapping[int, PublishedEntry]:
        with self._lock:
            return {id: self._on_the_air[id] for id in ids if id in self._on_the_air}

    def all_current(self, on: date) -> Iterator[PublishedEntry]:
        with self._lock:
            return iter(sorted(self._on_the_air.values(), key=lambda entry: entry.id))

    def count(self) -> int:
        return len(self._on_the_air)

    def say(self, *words: Word) -> None:
        """The bureau adds words."""
        self._words += words

    def words_sequence(self) -> int:
        return len(self._words)

    def wording(self) -> Wording:
        return wording_of(self._words)


class OpenIndex(Protocol):
    """Makes a live index over a folder and a record; it is not opened yet."""

    def __call__(self, root: Path, source: KnowledgeSource, encoder: Encoder | None = None) -> LiveIndex: ...


class CharacterEncoder:
    """Counts characters by their code point: texts are near that share characters. It tells what it was asked."""

    def __init__(self, name: str = "characters", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.encoded: list[str] = []

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        counts = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(counts, texts, strict=True):
            for char in text:
                row[ord(char) % self.dimension] += 1
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(lengths, 1e-9), np.float32)

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return self.encode_questions(texts)


class AnswersToo(CharacterEncoder):
    """The same under the name of one whose vectors of answers are weighed too."""

    def __init__(self) -> None:
        super().__init__("zhengda-e5-small#characters")


class CharacterTokens(CharacterEncoder):
    """The same with a vector for each character, alike for the same and at right angles for others; under the name of
    one whose vectors of answers are weighed too, unless it is given another.
    """

    def __init__(self, name: str = "zhengda-e5-small#characters", dimension: int = 64) -> None:
        super().__init__(name, dimension)

    def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
        return self.encode_phrasings(texts), [character_tokens(text) for text in texts]


def character_tokens(text: str) -> Vectors:
    """What `CharacterTokens` makes of the characters of a text: (characters, TOKEN_DIMENSION)."""
    return np.eye(TOKEN_DIMENSION, dtype=np.float32)[[ord(char) % TOKEN_DIMENSION for char in text]]


def share_said(asked: str, *texts: str) -> float:
    """The share of what is asked that stands in any of the texts: what late interaction of such tokens comes to."""
    said = {ord(char) % TOKEN_DIMENSION for text in texts for char in text}
    return sum(ord(char) % TOKEN_DIMENSION in said for char in asked) / len(asked)


def sample_entries() -> tuple[PublishedEntry, ...]:
    """The sample knowledge base as published entries, numbered from 1."""
    folder = files("knowledge").joinpath("samples", "entries")
    lines = [
        line
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return tuple(_sample(number, json.loads(line)) for number, line in enumerate(lines, start=1))


def _sample(number: int, row: dict[str, Any]) -> PublishedEntry:
    text = EntryText(
        question=row["question"],
        answer=row["answer"],
        department=row["department"],
        variants=tuple(row["similar_questions"]),
        keywords=tuple(row["keywords"]),
        region=row["region"],
        insured_group=InsuredGroup(row["insured_group"]),
        audience=row["audience"],
        disclosure=Disclosure.ON_INITIATIVE,
    )
    return PublishedEntry(number, row["external_id"], 1, text)


def fill(index: LexicalIndex, entries: Iterable[PublishedEntry]) -> LexicalIndex:
    """The index with these entries in it."""
    index.add_new(entries)
    index.finish()
    return index
