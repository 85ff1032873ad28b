"""From text to index terms: jieba's words with a domain dictionary, and character bigrams.

Both are kept. Words tell apart what policy tells apart; bigrams forgive a caller's slips and words that no
dictionary knows. A two-character word is a word and a bigram and so counts twice, which favours pairs of
characters that form a word over pairs that merely meet.
"""

import hashlib
import logging
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import jieba

from indexer.normalise import HAN_RUN, normalise

jieba.setLogLevel(logging.WARNING)

_LATIN = re.compile(r"[a-z0-9][a-z0-9.%]*")


class Segmenter:
    """Cuts texts into index terms with the bundled dictionary and `extra_terms`, a bureau's own words."""

    def __init__(self, extra_terms: tuple[str, ...] = ()) -> None:
        self._jieba = jieba.Tokenizer()
        terms = (*bundled_terms(), *extra_terms)
        self.dictionary_hash = hashlib.sha256("\n".join(sorted(set(terms))).encode()).hexdigest()[:16]
        self._jieba.initialize()
        for term in terms:
            self._jieba.add_word(term, freq=20_000)

    def words(self, text: str) -> list[str]:
        """The words of `text` in order, with the shorter words inside long ones."""
        return [word for word in self._jieba.cut_for_search(normalise(text)) if word.strip()]

    def informative_words(self, text: str) -> list[str]:
        """The distinct words that carry the meaning of a question, in order."""
        seen = dict.fromkeys(
            word
            for word in self.words(text)
            if word not in function_words() and (len(word) > 1 or word.isdigit())
        )
        return list(seen)

    def terms(self, text: str) -> list[str]:
        """The index terms of `text`: its words but the single characters, and its character bigrams."""
        plain = normalise(text)
        words = [w for w in self._jieba.cut_for_search(plain) if len(w) > 1 or (w.isalnum() and w.isascii())]
        return words + bigrams(plain)


def bigrams(normalised: str) -> list[str]:
    """Overlapping pairs of characters of each Chinese run, a run of one character alone, Latin words whole."""
    found: list[str] = []
    for run in HAN_RUN.findall(normalised):
        found += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return found + _LATIN.findall(normalised)


@cache
def bundled_terms() -> tuple[str, ...]:
    """The domain dictionary's terms, normalised."""
    return tuple(dict.fromkeys(map(normalise, _lines("terms.txt"))))


@cache
def function_words() -> frozenset[str]:
    """Words that a question has whatever it is about."""
    return frozenset(word for line in _lines("function_words.txt") for word in line.split())


def _lines(name: str) -> list[str]:
    text = files("indexer").joinpath("dictionary", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def terms_of_file(path: Path) -> tuple[str, ...]:
    """A bureau's own dictionary: one term a line, `#` starts a comment line."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return tuple(term for line in lines if not line.startswith("#") and (term := normalise(line)))
