"""What people write in a cell, read as what it means.

Every function raises InvalidValue for a cell that means nothing; its message says what would.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

from knowledge import region
from knowledge.document_number import DocumentNumber, canonical
from knowledge.entry import MAX_ANSWER, MAX_QUESTION, MAX_VARIANTS, Channel, InsuredGroup
from knowledge.errors import InvalidValue
from knowledge.policy import Citation, Disclosure, Validity
from qa_service.tables.cells import (
    Cell,
    clean,
    one_line,
    require_writable,
    split_aligned,
    split_list,
    split_words,
)

T = TypeVar("T")

MAX_NAME = 100
MAX_TITLE = 300
MAX_TEXT = 200_000
_MAX_LEVELS = 6
_MAX_ITEMS = 100

_YEAR_FIRST = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?([T ].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"^(\d{5})(\.0*)?$")
_SPREADSHEET_DAY_ZERO = date(1899, 12, 30)
_FOR_EVER = {"长期", "长期有效", "永久", "永久有效", "至今", "9999-12-31", "9999/12/31", "9999年12月31日"}

_GROUPS = {
    "": InsuredGroup.BOTH,
    **dict.fromkeys(
        ("全部", "不限", "职工和居民", "职工、居民", "职工/居民", "both", "all"), InsuredGroup.BOTH
    ),
    **dict.fromkeys(
        ("employee", "职工", "职工医保", "职工基本医疗保险", "城镇职工", "城镇职工基本医疗保险"),
        InsuredGroup.EMPLOYEE,
    ),
    **dict.fromkeys(
        ("resident", "居民", "居民医保", "城乡居民", "城乡居民医保", "城乡居民基本医疗保险", "城镇居民"),
        InsuredGroup.RESIDENT,
    ),
}
_DISCLOSURES = {
    "": Disclosure.ON_INITIATIVE,
    "公开": Disclosure.ON_INITIATIVE,
    "不公开": Disclosure.NOT_DISCLOSED,
    **{each.label: each for each in Disclosure},
    **{each.value.casefold(): each for each in Disclosure},
}
_VALIDITIES = {
    "": Validity.IN_FORCE,
    "有效": Validity.IN_FORCE,
    "修改": Validity.AMENDED,
    "部分修改": Validity.AMENDED,
    "废止": Validity.REPEALED,
    "失效": Validity.EXPIRED,
    **{each.label: each for each in Validity},
    **{each.value.casefold(): each for each in Validity},
}
_CHANNELS = {
    **dict.fromkeys(("热线", "12393", "12393热线", "电话"), Channel.HOTLINE),
    **dict.fromkeys(("官网", "网上"), Channel.WEBSITE),
    **{each.label: each for each in Channel},
    **{each.value: each for each in Channel},
}


def text(label: str, cell: Cell, most: int = MAX_NAME) -> str:
    """Text on one line; "" for an empty cell."""
    return _at_most(label, one_line(_single(label, cell)), most)


def long_text(label: str, cell: Cell, most: int = MAX_TEXT) -> str:
    """Text with its line breaks; "" for an empty cell."""
    return _at_most(label, _single(label, cell), most)


def question(label: str, cell: Cell) -> str:
    """A question, which may not be empty."""
    return _required(label, text(label, cell, MAX_QUESTION))


def answer(label: str, cell: Cell) -> str:
    """An answer, which may not be empty."""
    return _required(label, long_text(label, cell, MAX_ANSWER))


def name(label: str, cell: Cell, most: int = MAX_NAME) -> str:
    """Text on one line, which may not be empty."""
    return _required(label, text(label, cell, most))


def variants(label: str, cell: Cell) -> tuple[str, ...]:
    """Similar questions, each once."""
    return _list(label, split_list(_writable(label, cell)), MAX_QUESTION, MAX_VARIANTS)


def keywords(label: str, cell: Cell) -> tuple[str, ...]:
    """Words, each once."""
    return _list(label, split_words(_writable(label, cell)), MAX_NAME, _MAX_ITEMS)


def names(label: str, cell: Cell) -> tuple[str, ...]:
    """Names, each once."""
    return _list(label, split_words(_writable(label, cell)), MAX_NAME, _MAX_ITEMS)


def numbers(label: str, cell: Cell) -> tuple[str, ...]:
    """文号 in their canonical form, each once."""
    items = _list(label, split_list(_writable(label, cell)), MAX_NAME, _MAX_ITEMS)
    return tuple(dict.fromkeys(map(canonical, items)))


def category(label: str, cell: Cell) -> tuple[str, ...]:
    """A path such as “待遇保障/生育保险”."""
    cell = _writable(label, cell)
    joined = "/".join(cell) if isinstance(cell, tuple) else cell
    parts = tuple(part for part in map(one_line, re.split("[/／]", joined)) if part)
    if len(parts) > _MAX_LEVELS:
        raise InvalidValue(label, joined, f"最多{_MAX_LEVELS}级，各级之间用“/”分隔")
    return tuple(_at_most(label, part, MAX_NAME) for part in parts)


def insured_group(label: str, cell: Cell) -> InsuredGroup:
    """险种."""
    return _one_of(_GROUPS, label, cell, "请填“职工”或“居民”，两者都适用时留空")


def disclosure(label: str, cell: Cell) -> Disclosure:
    """公开属性."""
    return _one_of(_DISCLOSURES, label, cell, "请填“主动公开”“依申请公开”或“不予公开”，留空为主动公开")


def validity(label: str, cell: Cell) -> Validity:
    """效力."""
    return _one_of(_VALIDITIES, label, cell, "请填“现行有效”“已修改”“已废止”或“已失效”，留空为现行有效")


def channels(label: str, cell: Cell) -> tuple[Channel, ...]:
    """渠道, in their own order."""
    found = {
        _one_of(_CHANNELS, label, item, "请填“热线”“网站”“接口”，多个用“|”分隔，都适用时留空")
        for item in split_words(_writable(label, cell))
    }
    return tuple(channel for channel in Channel if channel in found)


def region_code(label: str, cell: Cell) -> str:
    """地区, by name or code."""
    return _region(text(label, cell))


def day(label: str, cell: Cell) -> date | None:
    """A date in any of the forms people write, or a spreadsheet's day number; None for an empty cell."""
    written = unicodedata.normalize("NFKC", text(label, cell))
    try:
        return _day(written)
    except ValueError as error:
        expected = "不是有效的日期，请写成 2024-01-05、2024/1/5 或 2024年1月5日，不限日期时留空"
        raise InvalidValue(label, written, expected) from error


def last_day(label: str, cell: Cell) -> date | None:
    """A date, or None for an empty cell and for words such as “长期有效”."""
    return None if one_line(_single(label, cell)) in _FOR_EVER else day(label, cell)


def citations(numbers: Cell, titles: Cell, clauses: Cell) -> tuple[Citation, ...]:
    """What three aligned columns cite. One document with several clauses is cited once for each.

    Raises InvalidValue for columns that do not line up, and for a clause of no document.
    """
    columns = [
        split_aligned(_writable(label, cell))
        for label, cell in (("文号", numbers), ("文件名", titles), ("条款", clauses))
    ]
    count = max(map(len, columns))
    if count > 1 and len(columns[0]) <= 1 and len(columns[1]) <= 1:
        columns[:2] = [column * count for column in columns[:2]]
    if any(len(column) not in (0, count) for column in columns):
        counts = "、".join(
            f"{label}{len(column)}个"
            for label, column in zip(("文号", "文件名", "条款"), columns, strict=True)
        )
        shown = " / ".join(" | ".join(column) for column in columns)
        raise InvalidValue(
            "文号", shown, f"三列的个数对不上（{counts}），请用“|”逐一对应，没有的留空位，如“A | | C”"
        )
    padded = [column or ("",) * count for column in columns]
    found = [_citation(*items) for items in zip(*padded, strict=True) if any(items)]
    return tuple(dict.fromkeys(found))


def unparsed_numbers(cited: Iterable[Citation]) -> list[str]:
    """Cited 文号 that are not in the form of one, kept as typed."""
    return [
        each.document_number
        for each in cited
        if each.document_number and not is_document_number(each.document_number)
    ]


def _citation(number: str, title: str, clause: str) -> Citation:
    if not number and not title:
        raise InvalidValue("条款", clause, "没有对应的文号或文件名，请补上其中一项")
    title = title[1:-1] if title.startswith("《") and title.find("》") == len(title) - 1 else title
    return Citation(
        _at_most("文号", canonical(number), MAX_NAME),
        _at_most("文件名", title.strip(), MAX_TITLE),
        _at_most("条款", clause, MAX_TITLE),
    )


@lru_cache(4096)
def is_document_number(number: str) -> bool:
    """Whether a text has the form of a 文号."""
    try:
        DocumentNumber.parse(number)
    except InvalidValue:
        return False
    return True


@lru_cache(4096)
def _region(written: str) -> str:
    return region.parse(written)


@lru_cache(4096)
def _day(written: str) -> date | None:
    if not written:
        return None
    if found := _YEAR_FIRST.match(written) or _COMPACT.match(written):
        found_day = date(int(found[1]), int(found[2]), int(found[3]))
    elif found := _SERIAL.match(written):
        found_day = _SPREADSHEET_DAY_ZERO + timedelta(days=int(found[1]))
    else:
        raise ValueError(written)
    if not 1949 <= found_day.year <= 2200:
        raise ValueError(written)
    return found_day


def _single(label: str, cell: Cell) -> str:
    if isinstance(cell, tuple):
        raise InvalidValue(label, "、".join(cell), "应为文字，不能是列表")
    require_writable(label, cell)
    return clean(cell)


def _writable(label: str, cell: Cell) -> Cell:
    for item in (cell,) if isinstance(cell, str) else cell:
        require_writable(label, item)
    return clean(cell) if isinstance(cell, str) else tuple(map(clean, cell))


def _required(label: str, value: str) -> str:
    if not value:
        raise InvalidValue(label, value, "不能为空")
    return value


def _at_most(label: str, value: str, most: int) -> str:
    if len(value) > most:
        raise InvalidValue(label, value, f"最多{most}个字，现有{len(value)}个字，请精简或拆分")
    return value


def _list(label: str, items: tuple[str, ...], longest: int, most: int) -> tuple[str, ...]:
    if len(items) > most:
        raise InvalidValue(label, f"{len(items)}条", f"最多{most}条，请删减")
    return tuple(dict.fromkeys(_at_most(label, item, longest) for item in items))


def _one_of(meanings: dict[str, T], label: str, cell: Cell, expected: str) -> T:
    written = one_line(_single(label, cell))
    plain = unicodedata.normalize("NFKC", written).casefold()
    for spelling in (written, plain, plain.replace(" ", "")):
        if spelling in meanings:
            return meanings[spelling]
    raise InvalidValue(label, written, f"不认得，{expected}")
