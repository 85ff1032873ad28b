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
    return " ".join(word for run in _runs(text) for word in (*_pairs(run), *_last(run)))


def query(text: str) -> str:
    """What to put after MATCH to find texts with all the words of `text`; "" when there is none."""
    return " ".join(_phrase(run) for run in _runs(text))


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def _is_chinese(run: str) -> bool:
    return _IS_HAN.match(run) is not None


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] if _is_chinese(run) else [run]


def _last(run: str) -> list[str]:
    """The last character by itself: every other one is found as the beginning of a pair."""
    return [run[-1]] if _is_chinese(run) else []


def _phrase(run: str) -> str:
    if _is_chinese(run) and len(run) == 1:
        return f'"{run}"*'
    return '"' + " ".join(_pairs(run)) + '"'
