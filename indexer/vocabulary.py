"""The words that the entries of an index are asked by: what a slip may have been meant for."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from indexer.normalise import HAN_RUN
from indexer.sound import BySound

_FILE_NAME = "vocabulary.json"
_COMMONLY = 0.005
_SOME = 3


class Vocabulary:
    """The Chinese words of questions, similar questions and keywords.

    It only grows: a word of which the last entry was withdrawn has a frequency of 0 and is not used. `alone` counts the
    entries in which a character is a word by itself, `frequency` tells in how many entries a term stands, `entries` how
    many there are.
    """

    def __init__(
        self,
        words: Iterable[str] = (),
        alone: Counter[str] | None = None,
        frequency: Callable[[str], int] = lambda term: 0,
        entries: Callable[[], int] = lambda: 0,
    ) -> None:
        self.words = set(words)
        self.frequency = frequency
        self.entries = entries
        self._alone = Counter(alone)

    @cached_property
    def sounds(self) -> BySound:
        """The words by their sound."""
        return BySound.of(sorted(self.words))

    def stands_alone(self, character: str) -> bool:
        """Whether the base uses a character as a word by itself."""
        return self._alone[character] >= max(_SOME, _COMMONLY * self.entries())

    def add(self, words: Iterable[str]) -> None:
        """Take in the words of an entry, given once each."""
        for word in words:
            if not HAN_RUN.fullmatch(word):
                continue
            if len(word) == 1:
                self._alone[word] += 1
            elif word not in self.words:
                self.words.add(word)
                # Who builds an index adds many words and looks for none.
                if "sounds" in self.__dict__:
                    self.sounds.add(word)

    def save(self, folder: Path) -> None:
        """Write the words into a folder."""
        written = {"words": sorted(self.words), "alone": dict(sorted(self._alone.items()))}
        # Aside first: a working copy's file is a link to the snapshot's, which never changes.
        aside = folder / f".{_FILE_NAME}"
        aside.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
        aside.replace(folder / _FILE_NAME)

    @classmethod
    def load(cls, folder: Path, frequency: Callable[[str], int], entries: Callable[[], int]) -> "Vocabulary":
        """What was written into a folder. Raises OSError or ValueError when it is not there or not whole."""
        written = json.loads((folder / _FILE_NAME).read_text(encoding="utf-8"))
        return cls(written["words"], Counter(written["alone"]), frequency, entries)
