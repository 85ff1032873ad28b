"""What callers say of themselves and of whom they ask for: insured group, audience, region, in their own words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from knowledge import region
from knowledge.conversation import Known
from knowledge.entry import InsuredGroup
from knowledge.errors import InvalidValue

GROUP_WORDS: Mapping[str, tuple[str, ...]] = {
    InsuredGroup.EMPLOYEE.value: (
        "职工基本医疗保险", "职工基本医保", "城镇职工医保", "企业职工", "城镇职工", "职工医保", "职工", "在职", "上班族", "上班的",
        "单位交的", "单位给交的", "五险",
    ),
    InsuredGroup.RESIDENT.value: (
        "城乡居民基本医疗保险", "城乡居民基本医保", "城乡居民医保", "城镇居民医保", "城乡居民", "居民医保", "居民", "新农合", "农村合作医疗",
        "农村医保", "农合", "农民", "农村的", "村里交的",
    ),
}  # fmt: skip
"""Insured group → what it is called, the official name without the insurance first among equals."""
GROUP_NAMES = {InsuredGroup.EMPLOYEE.value: "职工", InsuredGroup.RESIDENT.value: "居民"}

AUDIENCE_WORDS: Mapping[str, tuple[str, ...]] = {
    "退休人员": ("退休人员", "退休职工", "退休的", "退休了", "退休后", "已退休", "退休"),
    "灵活就业人员": ("灵活就业人员", "灵活就业", "自由职业者", "自由职业", "个体户"),
    "新生儿": ("新生儿", "新生婴儿", "刚出生的", "宝宝", "婴儿"),
    "未成年人": ("未成年人", "未成年子女", "小孩子", "小孩", "孩子", "儿童"),
    "学生": ("大学生", "中小学生", "学生"),
    "老年人": ("老年人", "老人家", "老人"),
    "残疾人": ("残疾人", "残疾"),
    "失能人员": ("失能人员", "失能老人", "失能"),
    "失业人员": ("失业人员", "失业的", "失业"),
    "孕产妇": ("孕产妇", "孕妇"),
    "女职工": ("女职工",),
    "男职工": ("男职工",),
    "农民工": ("农民工",),
    "退役军人": ("退役军人", "退伍军人"),
    "困难群众": ("困难群众",),
    "低保、特困人员": ("低保对象", "低保户", "低保", "特困人员", "特困"),
    "用人单位": ("用人单位", "企业", "公司"),
    "医疗机构": ("医疗机构", "医院", "诊所"),
    "零售药店": ("零售药店", "药店", "药房"),
}
"""Audience of entries → what it is called."""
OTHERS = "其他"
"""The value of "none of the audiences named"."""

_SELF = re.compile(
    r"(?:我|本人|俺|他|她|我妈|我爸|孩子|家里人|来电人|对方)们?(?:是|属于|参加的是|参加的|交的是|交的|缴的是|缴的|买的是|上的是|用的是)"
    r"(?:(?:上班|单位|自己)交的)?(?:一个|一名)?(?P<what>[^，。？?！!,；;]{1,12})"
)


@dataclass(frozen=True)
class Mentioned:
    """What a text names; `groups` are values of InsuredGroup."""

    groups: frozenset[str]
    audiences: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.groups or self.audiences)


def mentioned(text: str) -> Mentioned:
    """Which insured groups and audiences the text names."""
    return Mentioned(frozenset(_named(text, GROUP_WORDS)), frozenset(_named(text, AUDIENCE_WORDS)))


def told_of_self(text: str) -> Known:
    """What somebody says of himself: “我是居民”, “我交的职工医保”. Nothing for a question that merely names a group."""
    found = _SELF.search(text)
    if found is None:
        return Known()
    groups = _named(found["what"], GROUP_WORDS)
    audiences = [
        a for a in _named(found["what"], AUDIENCE_WORDS) if a not in ("医疗机构", "零售药店", "用人单位")
    ]
    return Known(
        insured_group=groups[0] if len(groups) == 1 else "",
        audience=audiences[0] if len(audiences) == 1 else "",
    )


@lru_cache(4_000)
def without(text: str) -> str:
    """The text without the words for insured groups and audiences; the same entries are compared again and again."""
    return _any(_all_words()).sub("", text)


def swapped(text: str, group: str) -> str:
    """The text asking about another insured group: every name of a group becomes that of `group`.

    Where it names none, the name is put first.
    """
    others = tuple(word for value, words in GROUP_WORDS.items() if value != group for word in words)
    insured = GROUP_NAMES[group]

    def renamed(found: re.Match[str]) -> str:
        return insured + ("医保" if found.group().endswith(("医保", "保险", "农合", "医疗")) else "")

    changed = _any(others).sub(renamed, text)
    return changed if _named(changed, {group: GROUP_WORDS[group]}) else f"{insured}医保{text}"


def audience_of(text: str, offered: Iterable[str]) -> str:
    """Which of the audiences offered the text names, "" for none or several."""
    named = {audience for audience in offered if audience in text} | (
        set(_named(text, AUDIENCE_WORDS)) & set(offered)
    )
    return named.pop() if len(named) == 1 else ""


def region_of(text: str) -> str | None:
    """The region that a short answer names (“我在杭州”), None when it names none."""
    bare = re.sub(
        r"^(我是?|我们)?(是?在|住在?|来自)?|(参保|交的|缴的|这边|这里|的|人)+$", "", text.strip(" ，。！!")
    )
    try:
        return region.parse(bare) if bare else None
    except InvalidValue:
        return None


def _named(text: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [value for value, names in words.items() if any(name in text for name in names)]


@cache
def _all_words() -> tuple[str, ...]:
    return tuple(
        name for table in (GROUP_WORDS, AUDIENCE_WORDS) for names in table.values() for name in names
    )


@cache
def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)))
