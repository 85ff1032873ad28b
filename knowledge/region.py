"""统筹区: regions by their GB/T 2260 code, from the nation down to the city.

The code itself holds the hierarchy: two digits for the province, two for the city.
The empty string is the nation.
"""

import csv
import re
from functools import cache
from importlib.resources import files

from knowledge.errors import InvalidValue

NATION = ""
_CODE = re.compile(r"^\d{6}$")
_NATION_WORDS = {"", "全国", "国家", "中国", "000000", "100000"}


def lineage(code: str) -> tuple[str, ...]:
    """The regions whose entries apply in `code`, nearest first: city, province, nation."""
    if code == NATION:
        return (NATION,)
    province = code[:2] + "0000"
    return (code, NATION) if code == province else (code, province, NATION)


def level(code: str) -> int:
    """0 for the nation, 1 for a province, 2 for a city."""
    return len(lineage(code)) - 1


def parse(text: str) -> str:
    """The region code for a code or a name such as “杭州”, “杭州市”, “浙江省杭州市”, “全国”.

    Districts and counties count as their city. Raises InvalidValue for anything else.
    """
    text = text.strip()
    if text in _NATION_WORDS:
        return NATION
    if _CODE.match(text):
        for code in (text, text[:4] + "00"):
            if code in names():
                return code
        if text[:2] + "0000" in _MUNICIPALITIES:
            return text[:2] + "0000"
    elif code := _by_name().get(text, ""):
        return code
    raise InvalidValue("地区", text, "应为六位行政区划代码（GB/T 2260）或省、市名称，留空表示全国")


def name(code: str) -> str:
    """The region's name, “全国” for the nation."""
    return "全国" if code == NATION else names().get(code, code)


_MUNICIPALITIES = {"110000", "120000", "310000", "500000"}


@cache
def names() -> dict[str, str]:
    """Code → official name of every province and city."""
    table = files("knowledge").joinpath("regions.csv").read_text(encoding="utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(table.splitlines())}


def spellings() -> tuple[str, ...]:
    """Every province's and city's official name and its short one (“杭州市”, “杭州”)."""
    short = (_SUFFIXES.sub("", full) for full in names().values())
    return tuple(dict.fromkeys([*names().values(), *(name for name in short if len(name) > 1)]))


_PEOPLES = "维吾尔|壮族|回族|朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|傣族|白族|景颇族|傈僳族|(?<!内)蒙古族?|哈萨克|柯尔克孜|黎族"
_SUFFIXES = re.compile(rf"((?:{_PEOPLES})*自治[区州县]|特别行政区|地区|林区|盟|省|市|县)$")


@cache
def _by_name() -> dict[str, str]:
    """Full names, short names and province-and-city compounds → code.

    A name that a province and a city share means the province (“吉林”); one that two cities share is left out.
    """
    found: dict[str, set[str]] = {}

    def add(spelling: str, code: str) -> None:
        found.setdefault(spelling, set()).add(code)

    for code, full in names().items():
        short = _SUFFIXES.sub("", full)
        add(full, code)
        if len(short) > 1:
            add(short, code)
        if not code.endswith("0000"):
            province = names().get(code[:2] + "0000", "")
            for prefix in (province, _SUFFIXES.sub("", province)):
                add(prefix + full, code)
                add(prefix + short, code)
    return {
        spelling: min(codes, key=level)
        for spelling, codes in found.items()
        if len(codes) == 1 or level(min(codes, key=level)) == 1
    }
