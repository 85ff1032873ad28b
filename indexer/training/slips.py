"""Typing slips, made as people and input methods make them: homophones, dropped, doubled and swapped characters.

A word becomes another of the same sound (without tones, now and then with the confusions of southern accents), drawn
by how common it is. Used to vary training material, never on questions that measure.
"""

import re
from collections import defaultdict
from functools import cache
from random import Random

import jieba
from pypinyin import lazy_pinyin

_COMMON = 200
"""How often a word stands in jieba's dictionary to be offered by an input method."""
_LONGEST = 3
_CHINESE = re.compile("[\u4e00-\u9fff]+")
_ACCENTS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("n", "l"), ("f", "h"))


def slip(text: str, random: Random) -> str:
    """`text` with one to three slips in its Chinese words. Numbers and Latin letters stay: 12393 is not 1293."""
    words = list(jieba.cut(text))
    places = [place for place, word in enumerate(words) if _CHINESE.fullmatch(word)]
    for _ in range(1 + (random.random() < 0.5) + (random.random() < 0.2)):
        place = random.choice(places) if places else -1
        if place >= 0 and words[place]:
            words[place] = _slipped(words[place], random)
    return "".join(words)


def _slipped(word: str, random: Random) -> str:
    kind = random.random()
    place = random.randrange(len(word))
    if kind < 0.7:
        whole = len(word) == 1 or (len(word) <= _LONGEST and random.random() < 0.5)
        return (
            _homophone(word, random)
            if whole
            else word[:place] + _homophone(word[place], random) + word[place + 1 :]
        )
    if len(word) == 1:
        return word + word if kind > 0.9 else word
    if kind < 0.8:
        return word[:place] + word[place + 1 :]
    if kind < 0.9:
        return word[: place + 1] + word[place:]
    place = random.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _homophone(word: str, random: Random) -> str:
    sound = " ".join(lazy_pinyin(word))
    if random.random() < 0.25:
        one, other = random.choice(_ACCENTS)
        sound = sound.replace(one, other) if random.random() < 0.5 else sound.replace(other, one)
    offered = [(w, weight) for w, weight in _by_sound().get((len(word), sound), ()) if w != word]
    if not offered:
        return word
    words, weights = zip(*offered, strict=True)
    return str(random.choices(words, weights)[0])


@cache
def _by_sound() -> dict[tuple[int, str], list[tuple[str, float]]]:
    """(characters, syllables) → common words with their weights."""
    jieba.initialize()
    table: dict[tuple[int, str], list[tuple[str, float]]] = defaultdict(list)
    for word, count in jieba.dt.FREQ.items():
        if count > _COMMON and len(word) <= _LONGEST and _CHINESE.fullmatch(word):
            table[len(word), " ".join(lazy_pinyin(word))].append((word, count**0.5))
    return dict(table)
