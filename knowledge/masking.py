"""Personal data is masked before a question is written down anywhere.

What is masked: identity numbers (18 digits with a valid checksum, and the old 15 digits with a valid
birth date), mobile and landline numbers, bank cards (valid Luhn sum), e-mail addresses.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date

_BETWEEN_CLAUSES = "，。；！,;! \n"
_CLAUSES = re.compile(f"[^{_BETWEEN_CLAUSES}？?]+[？?]*[{_BETWEEN_CLAUSES}]*")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_GAP = r"[\s-]?"


def _anywhere(pattern: str) -> re.Pattern[str]:
    """Finds the pattern from every position, so that a candidate that fails hides none that begins within it."""
    return re.compile(f"(?=({pattern}))")


_EMAIL = _anywhere(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_ID18 = _anywhere(rf"(?<!\d)(?:\d{_GAP}){{17}}[\dXx](?![\dXx])")
_ID15 = _anywhere(r"(?<!\d)\d{15}(?!\d)")
_CARDS = tuple(_anywhere(rf"(?<!\d)\d(?:{_GAP}\d){{{more}}}(?!\d)") for more in range(18, 13, -1))
_MOBILE = _anywhere(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")
_LANDLINE = _anywhere(r"(?<!\d)(?:0\d{2,3}[\s-]?)[2-8]\d{6,7}(?!\d)")


def mask(text: str) -> str:
    """`text` with personal data replaced by what kind it was; full-width digits are recognised too."""
    plain = "".join(_narrow(char) for char in text)
    for pattern, is_one, label in _RULES:
        for start, end in reversed(list(_spans(pattern, is_one, plain))):
            plain = plain[:start] + label + plain[end:]
            text = text[:start] + label + text[end:]
    return text


def _spans(pattern: re.Pattern[str], is_one: Callable[[str], bool], plain: str) -> Iterator[tuple[int, int]]:
    """Where it occurs, from the left, without overlaps."""
    end = 0
    for found in pattern.finditer(plain):
        if found.start() >= end and is_one(re.sub(r"[\s-]", "", found[1])):
            end = found.end(1)
            yield found.start(), end


def is_masked(text: str) -> bool:
    """Whether something was masked in the text: it is then no wording to show to others."""
    return any(label in text for _, _, label in _RULES)


def without_masked(text: str) -> str:
    """The clauses of a masked text in which nothing was masked, "" when there are none."""
    kept = [clause for clause in _CLAUSES.findall(text) if not is_masked(clause)]
    return "".join(kept).strip(_BETWEEN_CLAUSES)


def _narrow(char: str) -> str:
    narrow = unicodedata.normalize("NFKC", char)
    return narrow if len(narrow) == 1 else char


def _valid_id18(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == number[17].upper()


def _valid_id15(number: str) -> bool:
    try:
        date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))
    except ValueError:
        return False
    return True


def _valid_luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(int(char) for char in reversed(number)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and len(set(number)) > 1


def _always(_: str) -> bool:
    return True


_RULES = (
    (_EMAIL, _always, "【邮箱】"),
    (_ID18, _valid_id18, "【身份证号】"),
    *((card, _valid_luhn, "【银行卡号】") for card in _CARDS),
    (_ID15, _valid_id15, "【身份证号】"),
    (_MOBILE, _always, "【电话】"),
    (_LANDLINE, _always, "【电话】"),
)
