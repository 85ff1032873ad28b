"""Which provinces and cities a question names, and whether an entry is for them."""

import re
from functools import cache, lru_cache

from knowledge import region
from knowledge.errors import InvalidValue

_FIGURE = re.compile(
    r"多少|几[个天年次岁块百千万成元]|百分|比例|标准|数额|金额|额度|起付|封顶|限额|门槛|天数|期限|具体|电话|地址"
)

_NOT_ALONE = frozenset(("保定", "天水"))
"""Short names that stand in other words as often: 医保定点, 挂了几天水."""


@lru_cache(4096)
def places_in(text: str) -> tuple[str, ...]:
    """The names of provinces and cities in a text, as they stand there."""
    return tuple(dict.fromkeys(_names().findall(text)))


def asks_for_a_figure(text: str) -> bool:
    """Whether a text asks for a number, or for something else that each city fixes for itself."""
    return bool(_FIGURE.search(text))


def holds_in(place: str, entry_region: str, home: str | None) -> bool:
    """Whether an entry of `entry_region`, a code, holds in the place named: it is of that place, or the place is the
    asker's own `home` (a code, None when not known), for which entries were chosen already. So it is taken to be for a
    name that two cities share.
    """
    code = _code(place)
    if not code:
        return True
    if entry_region and entry_region in region.lineage(code):
        return True
    return bool(home) and (home in region.lineage(code) or code in region.lineage(home or ""))


@cache
def _names() -> re.Pattern[str]:
    longest_first = sorted({*region.spellings()} - _NOT_ALONE, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


@cache
def _code(place: str) -> str:
    try:
        return region.parse(place)
    except InvalidValue:  # a name that two cities share
        return ""
