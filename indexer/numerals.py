"""Amounts in digits, however they were written: 三个月 is 3个月, 百分之七十 is 70%, 3万元 is 30000元."""

import re

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = frozenset("零〇一二两三四五六七八九十百千")
_NUMERAL = "[零〇一二两三四五六七八九十百千]+"
# 一年 and 一次 are mostly a year and once, which count nothing; 几十年 and 五六年 are no amounts; 一块 is more often
# "together" than a coin.
_AMOUNT = re.compile(
    rf"(?<![\d.几数多零〇一二两三四五六七八九十百千])((?!一(?:年|月|天|日|次|倍)){_NUMERAL})"
    "(?=个月|个工作日|个自然日|工作日|自然日|周岁|小时|年(?!级)|月|天|日|号|岁|次(?!性)|元|块钱|倍|万)"
)
_PERCENT = re.compile(
    rf"百分之({_NUMERAL}(?:点[零〇一二三四五六七八九]+)?|\d+(?:\.\d+)?)(?![\d.%零〇一二两三四五六七八九十百千点])"
)
_TEN_THOUSANDS = re.compile(r"(?<![\d.])(\d{1,4}(?:\.\d{1,4})?)万(?=元|块钱)")


def in_digits(text: str) -> str:
    """`text`, normalised otherwise, with amounts that stand before a unit or after 百分之 in digits."""
    if _NUMERALS.isdisjoint(text):
        return _TEN_THOUSANDS.sub(_ten_thousands, text) if "万" in text else text
    if "百分之" in text:
        text = _PERCENT.sub(_percent, text)
    text = _AMOUNT.sub(lambda found: _value(found.group(1)) or found.group(1), text)
    return _TEN_THOUSANDS.sub(_ten_thousands, text) if "万" in text else text


def _percent(found: re.Match[str]) -> str:
    whole, point, fraction = found.group(1).partition("点")
    value = whole if whole[0].isdigit() and whole.isascii() else _value(whole)
    digits = "".join(str(_DIGITS[character]) for character in fraction)
    return f"{value}{'.' * bool(point)}{digits}%" if value else found.group()


def _ten_thousands(found: re.Match[str]) -> str:
    whole, _, fraction = found.group(1).partition(".")
    return str(int(whole) * 10_000 + int(fraction.ljust(4, "0")))


def _value(numeral: str) -> str:
    """The digits of a numeral, "" for what is none: 十五 is 15, 二〇二五 is 2025, 五六 is no number."""
    if all(character in _DIGITS for character in numeral):
        readable = len(numeral) == 1 or len(numeral) == 4
        return "".join(str(_DIGITS[character]) for character in numeral) if readable else ""
    total, digit, last = 0, 0 if numeral[0] not in _TENS else 1, 10_000
    for character in numeral:
        if character in _DIGITS:
            if digit and _DIGITS[character]:
                return ""
            digit = _DIGITS[character]
            continue
        if _TENS[character] >= last or not digit:
            return ""
        total, last, digit = total + digit * _TENS[character], _TENS[character], 0
    return str(total + digit)
