"""文号: the number by which a Chinese official document is cited.

Three families exist. Most documents carry an issuer code, a year in brackets and a serial
(`国办发〔2021〕14号`); laws and orders carry an issuer and a running number (`国务院令第735号`); announcements
carry the issuer's name and a number within the year (`国家医疗保障局公告2021年第22号`), and are often cited
without the name (`2021年第22号`).
"""

import re
import unicodedata
from dataclasses import dataclass

from knowledge.errors import InvalidValue

_YEARLY = re.compile(r"^(?P<issuer>[^\d()〔\[]{1,30})[(\[〔](?P<year>\d{4})[)\]〕]第?(?P<serial>\d{1,5})号?$")
_ORDER = re.compile(
    r"^(?P<issuer>[^\d()〔\[]{1,40}?)第?(?P<serial>\d{1,5}|[〇零一二三四五六七八九十百]{1,7})号$"
)
_WITHIN_YEAR = re.compile(
    r"^(?P<issuer>[^\d()〔\[]{0,40})[(\[]?(?P<year>\d{4})年第?(?P<serial>\d{1,5})号[)\]]?(?P<kind>公告|通告|令)?$"
)
_NUMBERED_WITHIN_YEAR = ("公告", "通告", "令")
_BRACKETS = str.maketrans(
    {"【": "[", "】": "]", "﹝": "[", "﹞": "]", "〔": "[", "〕": "]", "{": "[", "}": "]"}
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0}


@dataclass(frozen=True)
class DocumentNumber:
    """A parsed 文号. `year` is None for laws and orders, which are numbered without one.

    `issuer` is "" for an announcement that is cited without its issuer's name.
    """

    issuer: str
    year: int | None
    serial: int

    @classmethod
    def parse(cls, text: str) -> "DocumentNumber":
        """Read a 文号 in any of the bracket and digit forms that people type.

        Raises InvalidValue when the text is not a 文号.
        """
        plain = unicodedata.normalize("NFKC", text.translate(_BRACKETS)).translate(_BRACKETS)
        plain = re.sub(r"\s+", "", plain).removeprefix("中华人民共和国")
        plain = re.sub(r"^国令", "国务院令", plain)
        if found := _YEARLY.match(plain):
            if _plausible(found["year"]):
                return cls(found["issuer"], int(found["year"]), int(found["serial"]))
        elif found := _WITHIN_YEAR.match(plain):
            name, kind = found["issuer"], found["kind"] or ""
            if _plausible(found["year"]):
                issuer = name.removesuffix(kind) + kind if name else ""
                return cls(issuer, int(found["year"]), int(found["serial"]))
        elif found := _ORDER.match(plain):
            return cls(found["issuer"], None, _number(found["serial"]))
        raise InvalidValue("文号", text, "应形如“国办发〔2021〕14号”或“国务院令第735号”")

    def __str__(self) -> str:
        if self.year is None:
            return f"{self.issuer}第{self.serial}号"
        if not self.issuer or self.issuer.endswith(_NUMBERED_WITHIN_YEAR):
            return f"{self.issuer}{self.year}年第{self.serial}号"
        return f"{self.issuer}〔{self.year}〕{self.serial}号"


def canonical(text: str) -> str:
    """The one printed form of a 文号; text that is not one comes back trimmed, as it is."""
    try:
        return str(DocumentNumber.parse(text))
    except InvalidValue:
        return text.strip()


def _plausible(year: str) -> bool:
    return 1949 <= int(year) <= 2100


def _number(text: str) -> int:
    """A number in Arabic digits, in Chinese ones below 1,000 (二百〇五), or digit by digit (二〇五)."""
    if text.isdigit():
        return int(text)
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
