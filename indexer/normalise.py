"""One form for every way of typing the same words.

Full-width and compatibility characters (NFKC), Traditional to Simplified, case, punctuation, spaces, numerals.
"""

import re
import unicodedata
from functools import cache

import opencc

from indexer.numerals import in_digits

# Halves of a surrogate pair are among them: command lines and JSON bring them in, and nothing can encode them.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\ud800-\udfff]")
_NOT_WORD = re.compile(r"[^\w%.]+|_+|\.(?!\d)|(?<!\d)[.%]")
CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CJK_GAP = re.compile(rf"(?<=[{CJK}]) +| +(?=[{CJK}])")
HAN_RUN = re.compile(rf"[{CJK}]+")


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """`text` in NFKC and Simplified characters, otherwise as it is."""
    plain = unicodedata.normalize("NFKC", text)
    if not plain.isprintable():  # as a rule it is, and an expression takes ten times as long to find that out
        plain = _INVISIBLE.sub("", plain)
    once = _to_simplified().convert(plain)
    # Again, because a few characters take two steps: 薴 becomes 苧, which becomes 苎.
    return str(_to_simplified().convert(once)) if once != plain else once


def normalise(text: str) -> str:
    """The form in which texts are compared and indexed: words and numbers in lower case, one space between
    what is not Chinese, no punctuation, amounts in digits. The empty string when nothing of that is left.
    """
    words = " ".join(_NOT_WORD.sub(" ", simplify(text).lower()).split())
    return in_digits(_CJK_GAP.sub("", words) if " " in words else words)
