"""From text to index terms: jieba's words with a domain dictionary, and character bigrams.

Both are kept. Words tell apart what policy tells apart; bigrams forgive a caller's slips and words that no
dictionary knows. A two-character word is a word and a bigram and so counts twice, which favours pairs of
characters that form a word over pairs that merely meet.
"""

import logging
import marshal
import os
import re
import tempfile
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path

import jieba

from indexer.normalise import CJK, HAN_RUN, normalise
from indexer.wording import Wording, bundled, lines_of

jieba.setLogLevel(logging.WARNING)

_SHORT = 150
"""Characters of the longest text of which is remembered how it is cut."""
_REMEMBERED = 2_048
_LATIN = re.compile(rf"[a-z][a-z0-9.%]*|[0-9][0-9.]*(?:[{CJK}]|[a-z%][a-z0-9.%]*|(?![0-9.%a-z{CJK}]))")
_NUMBER_BEFORE = re.compile(r"(?<![a-z0-9.%])[0-9][0-9.]*\Z")


class Segmenter:
    """Cuts texts into index terms with the terms and names of a wording, the bundled one unless given."""

    def __init__(self, wording: Wording | None = None) -> None:
        wording = wording if wording is not None else bundled()
        self.dictionary_hash = wording.dictionary_hash
        self._jieba = _tokenizer()
        for name in wording.names:
            # As rare as keeps it whole: 保定 is a city, and 担保定点 has nothing to do with it.
            self._jieba.add_word(name)
        for term in wording.terms:
            self._jieba.add_word(term, freq=20_000)
        # A question is cut several times on its way, and the tickets that wait with every one that is not answered.
        self._short = lru_cache(maxsize=_REMEMBERED)(self._cut)

    def words(self, text: str) -> list[str]:
        """The words of `text` in order, with the shorter words inside long ones."""
        return [word for word in self.words_and_terms(text)[0] if word.strip()]

    def informative_words(self, text: str) -> list[str]:
        """The distinct words that carry the meaning of a question, in order."""
        seen = dict.fromkeys(
            word
            for word in self.words(text)
            if word not in function_words() and (len(word) > 1 or word.isdigit())
        )
        return list(seen)

    def everyday_count(self, word: str) -> int:
        """How often the general dictionary counted a word, 0 for what is none; the domain's terms count 20,000."""
        return int(self._jieba.FREQ.get(word, 0))

    def terms(self, text: str) -> list[str]:
        """The index terms of `text`: its words but the single characters, and its character bigrams."""
        return self.words_and_terms(text)[1]

    def words_and_terms(self, text: str) -> tuple[list[str], list[str]]:
        """The words of `text` and its index terms, for the price of one cut."""
        words, terms = self._short(text) if len(text) <= _SHORT else self._cut(text)
        return list(words), list(terms)

    def _cut(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        plain = normalise(text)
        words = self._jieba.lcut_for_search(plain)
        terms = [word for word in words if len(word) > 1 or (word.isalnum() and word.isascii())]
        return tuple(words), (*terms, *bigrams(plain))


def _tokenizer() -> jieba.Tokenizer:
    """A tokenizer with the general dictionary, to which words can be added."""
    words, total = _general_dictionary()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dict(words), total, True
    return tokenizer


@cache
def _general_dictionary() -> tuple[dict[str, int], int]:
    """The words of jieba's dictionary and what they begin with, with their counts, and the sum: loaded once a process.

    jieba keeps them in a file, which it reads a few bytes at a time: at once takes half as long.
    """
    kept = Path(tempfile.gettempdir()) / "jieba.cache"
    with suppress(OSError, EOFError, ValueError, TypeError):
        if kept.stat().st_uid == os.getuid():  # what others put there is not for us
            words, total = marshal.loads(kept.read_bytes())
            return words, total
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer.FREQ, tokenizer.total


def bigrams(normalised: str) -> list[str]:
    """Overlapping pairs of characters of each Chinese run, a run of one character alone, Latin words whole, numbers
    with what they count (3个 and 个月 of 3个月).
    """
    found: list[str] = []
    for run in HAN_RUN.finditer(normalised):
        text, start = run.group(), run.start()
        if len(text) > 1:
            found += [text[i : i + 2] for i in range(len(text) - 1)]
        elif not _NUMBER_BEFORE.search(normalised, max(0, start - 12), start):
            found.append(text)
    return found + _LATIN.findall(normalised)


@cache
def function_words() -> frozenset[str]:
    """Words that a question has whatever it is about."""
    return frozenset(word for line in lines_of("function_words.txt") for word in line.split())
