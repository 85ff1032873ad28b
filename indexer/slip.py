"""What a corrector and a speller find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Slip:
    """Characters that say no word, the word that they mean, and how it was found: "sound", "doubled", "missing",
    "pinyin" (syllables in letters) or "initials" (their first letters).

    A `certain` one is corrected; one that is only possible adds a word to search for.
    """

    typed: str
    meant: str
    how: str
    certain: bool = True
