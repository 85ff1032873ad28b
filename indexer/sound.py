"""How words sound and how they are spelt in pinyin, and words found by either.

Toneless syllables, with what many speakers and their input methods do not tell apart made the same: zh z, ch c,
sh s, ang an, eng en, ing in, n l, f hu.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

_LONGEST = 12
"""Characters of the longest word that is found by its sound."""


@cache
def _syllables() -> dict[str, str]:
    """Character → its most common toneless syllable, for every character that pypinyin knows."""
    from pypinyin.constants import PINYIN_DICT

    # Some have only sounds that are no syllable of today's language: ḿ, ń, ê.
    found = {chr(code): toneless(readings.partition(",")[0]) for code, readings in PINYIN_DICT.items()}
    return {character: syllable for character, syllable in found.items() if is_syllable(syllable)}


def syllable_of(character: str) -> str:
    """The most common toneless syllable of a character, "" when it has none."""
    return _syllables().get(character, "")


@cache
def syllable_prefixes() -> dict[str, bool]:
    """What syllables begin with → whether it is a whole one."""
    whole = set(_syllables().values())
    return {
        syllable[:end]: syllable[:end] in whole for syllable in whole for end in range(1, len(syllable) + 1)
    }


@cache
def _phrases() -> dict[str, list[list[str]]]:
    """Words of more than one character with the readings that they have in this word."""
    from pypinyin.constants import PHRASES_DICT

    return dict(PHRASES_DICT)


_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvnnnm")


def toneless(syllable: str) -> str:
    """`syllable` in plain letters: lǜ is lv."""
    return "".join(letter for letter in syllable.translate(_TONES) if letter.isascii())


def syllables(word: str) -> list[str] | None:
    """The syllables of a word of Chinese characters, None when one has no known sound."""
    readings = _phrases().get(word)
    if readings is not None and len(readings) == len(word):
        return [toneless(reading[0]) for reading in readings]
    return plain_syllables(word)


def plain_syllables(text: str) -> list[str] | None:
    """The most common syllable of each character by itself, None when one has no known sound."""
    table = _syllables()
    found = [table.get(character, "") for character in text]
    return found if all(found) else None


@cache
def folded(syllable: str) -> str:
    """The syllable as those hear it who do not tell zh from z, ang from an, n from l, f from hu."""
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    if syllable.endswith(("ang", "eng", "ing")):
        syllable = syllable[:-1]
    if syllable[0] == "n":
        syllable = "l" + syllable[1:]
    if syllable[0] == "f":
        syllable = {"fu": "hu", "fo": "huo", "fei": "hui", "fen": "hun"}.get(syllable, "hu" + syllable[1:])
    return syllable


def sound_key(found: Sequence[str]) -> str:
    """What syllables that sound alike have in common."""
    return " ".join(map(folded, found))


def initials(found: Iterable[str]) -> str:
    """The first letters of the syllables."""
    return "".join(syllable[0] for syllable in found)


_SYLLABLE = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|van|ai|ei|ui|ao|ou|iu|ie|ve|ue|er|an|en|in|un|vn|ia|ua|uo|a|o|e|i|u|v)"
)


def is_syllable(letters: str) -> bool:
    """Whether letters can be one syllable of pinyin."""
    return _SYLLABLE.fullmatch(letters) is not None


@dataclass
class BySound:
    """Words found by how they sound and how they are spelt: whole, or by the first letters of their syllables."""

    sounds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spelt: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Iterable[str]) -> "BySound":
        """The index of these words."""
        sounds, spelt = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for word in words:
            if not 1 < len(word) <= _LONGEST:
                continue
            for found in _readings(word):
                sounds[sound_key(found)].append(word)
                spelt["".join(found)].append(word)
                spelt[initials(found)].append(word)
        return cls({k: _once(v) for k, v in sounds.items()}, {k: _once(v) for k, v in spelt.items()})

    def add(self, word: str) -> None:
        """Take in one more word. Lists are replaced and never changed: others may be reading them."""
        for where, more in ((self.sounds, BySound.of([word]).sounds), (self.spelt, BySound.of([word]).spelt)):
            for key, words in more.items():
                where[key] = _once([*where.get(key, ()), *words])


def _readings(word: str) -> list[list[str]]:
    """The word's own reading and that of its characters one by one, by which it is looked for: one when equal."""
    found = [reading for reading in (syllables(word), plain_syllables(word)) if reading is not None]
    return found[:1] if len(found) == 2 and found[0] == found[1] else found


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
