"""What was typed so far, found in a list of questions: by characters, by pinyin, by first letters, and mixtures.

All questions of a list stand in one string, and the first letters of their syllables in another of the same length, so
that a search is a scan in C: what the letters find is then looked at character by character.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from indexer.sound import syllable_of, syllable_prefixes

SEPARATOR = "\n"
_LETTERS = re.compile("[a-z]+")
_MOST_READINGS = 12
_NEVER_FIRST = frozenset("iuv")


def readings(typed: str) -> list[tuple[str, ...]]:
    """How typed text, normalised, can be read a character a unit: a unit is a character, or letters that a syllable
    begins with. The last letters may be a syllable that is not finished yet. Longer syllables first.
    """
    found: list[tuple[str, ...]] = [()]
    for part in re.findall("[a-z]+|[^a-z]", typed):
        last = typed.endswith(part)
        ways = _syllables_of(part, last) if _LETTERS.fullmatch(part) else [(part,)] if part != " " else [()]
        found = [(*before, *way) for before in found for way in ways][:_MOST_READINGS]
    return found


@cache
def _first_units() -> frozenset[str]:
    """What a syllable may be shortened to."""
    letters = {prefix[0] for prefix in syllable_prefixes()} - _NEVER_FIRST
    return frozenset(letters | {"zh", "ch", "sh"})


def _syllables_of(letters: str, unfinished: bool) -> list[tuple[str, ...]]:
    """Letters cut into syllables and first letters."""
    found: list[tuple[str, ...]] = []

    def cut(start: int, units: tuple[str, ...]) -> None:
        if len(found) >= _MOST_READINGS:
            return
        if start == len(letters):
            found.append(units)
            return
        for end in range(min(len(letters), start + 6), start, -1):
            unit = letters[start:end]
            whole = syllable_prefixes().get(unit)
            if whole or unit in _first_units() or (unfinished and end == len(letters) and whole is not None):
                cut(end, (*units, unit))

    cut(0, ())
    return found


def _says(character: str, unit: str, last: bool) -> bool:
    """Whether a character is what a unit stands for."""
    if character == unit or not _LETTERS.fullmatch(unit):
        return character == unit
    syllable = syllable_of(character)
    return syllable.startswith(unit) if last or len(unit) == 1 or unit in _first_units() else syllable == unit


class Seen:
    """Which characters, and which first letters, follow each other anywhere in many lists: what does not is in none of
    them. It only grows.
    """

    def __init__(self) -> None:
        self._pairs: set[str] = set()
        self._threes: set[str] = set()

    def take_in(self, text: str, letters: str) -> None:
        """Take in a list's text and its first letters."""
        self._pairs.update(map("".join, pairwise(text)))
        self._threes.update(map("".join, zip(letters, letters[1:], letters[2:], strict=False)))

    def has(self, typed: str) -> bool:
        """Whether some list may contain the characters."""
        return all(typed[place : place + 2] in self._pairs for place in range(len(typed) - 1))

    def has_letters(self, letters: str) -> bool:
        """Whether some list may contain the first letters."""
        return all(letters[place : place + 3] in self._threes for place in range(len(letters) - 2))


class Lines:
    """Texts, normalised, one a line, to be found by any part of them. They are numbered from 0."""

    def __init__(self, lines: Iterable[str], seen: Seen | None = None) -> None:
        self._starts = array("I")
        parts, length = [], 1
        for line in lines:
            self._starts.append(length)
            parts.append(line)
            length += len(line) + 1
        self._text = SEPARATOR + SEPARATOR.join(parts) + SEPARATOR
        self._initials = "".join(
            syllable_of(character)[:1] or (character if character.isascii() else "?")
            for character in self._text
        )
        self._first_characters = "".join({self._text[place] for place in self._starts})
        self._first_letters = "".join({self._initials[place] for place in self._starts})
        self._seen = seen or Seen()
        self._seen.take_in(self._text, self._initials)

    def matching(self, typed: str, ways: Sequence[tuple[str, ...]], first: bool) -> Iterator[int]:
        """The lines that contain `typed` or one of its readings; those that begin so if `first`."""
        start = SEPARATOR if first else ""
        if (not first or typed[:1] in self._first_characters) and self._seen.has(typed):
            yield from self._scan(self._text, start + typed, ())
        for way in ways:
            letters = "".join(unit[0] if unit.isascii() else syllable_of(unit)[:1] or "?" for unit in way)
            if (not first or letters[:1] in self._first_letters) and self._seen.has_letters(letters):
                yield from self._scan(self._initials, start + letters, way)

    def _scan(self, text: str, wanted: str, way: tuple[str, ...]) -> Iterator[int]:
        skipped = len(wanted) - len(way) if way else wanted.startswith(SEPARATOR)
        place = text.find(wanted)
        while place >= 0:
            if not way or self._reads(place + skipped, way):
                yield bisect_right(self._starts, place + skipped) - 1
                place = text.find(SEPARATOR, place + 1) - 1
            place = text.find(wanted, place + 1)

    def _reads(self, place: int, way: tuple[str, ...]) -> bool:
        last = len(way) - 1
        return all(_says(self._text[place + i], unit, i == last) for i, unit in enumerate(way))
