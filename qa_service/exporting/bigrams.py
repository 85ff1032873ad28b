"""Search in Chinese with SQLite's FTS5, which by itself finds no word of two characters.

Text is indexed as overlapping pairs of characters ("生育津贴" as "生育 育津 津贴"), and a question becomes
a phrase of such pairs. This file needs nothing but Python; its source also lies in every exported database.
"""

import re
import unicodedata

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")


def indexed(text: str) -> str:
    """The words of a text between spaces: pairs of Chinese characters, other words as they are."""
    return " ".join(word for run in _runs(text) for word in _words(run))


def query(text: str) -> str:
    """What to put after MATCH to find texts with all the words of `text`; "" when there is none."""
    return " ".join(_phrase(run) for run in _runs(text))


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def _words(run: str) -> list[str]:
    if len(run) == 1 or not _IS_HAN.match(run):
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _phrase(run: str) -> str:
    phrase = '"' + " ".join(_words(run)) + '"'
    # One character alone is found as the beginning of any pair.
    return phrase + "*" if len(run) == 1 and _IS_HAN.match(run) else phrase
