"""Words that stand against each other in the field: who asks about one of them does not mean the other.

A bureau's entries often ask the same of both. When a caller names neither, that is what to ask back.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile

from indexer.normalise import normalise
from indexer.segment import Segmenter, bigrams

_Contrast = Mapping[str, re.Pattern[str]]


def _contrast(**alternatives: str) -> _Contrast:
    return {label: re.compile(pattern) for label, pattern in alternatives.items()}


CONTRASTS: tuple[_Contrast, ...] = (
    # Where one pattern stands inside another's words, the narrower comes first: the first that fits is meant.
    _contrast(慢特病="慢特病|慢性病|慢病|特病", 药店购药="药店|药房", 住院="住院", 门诊="门诊"),
    _contrast(
        未经转诊="未经转诊|未按规定转诊|没有?转诊|自行到|自己去",
        按规定转诊="转诊|转院",
        异地长期居住="长期居住|长期备案|安置",
        临时外出就医="临时",
    ),
    _contrast(出院以后="已.{0,6}出院|出院后|出院以后|结算出院", 出院以前="出院前|住院期间|还在住院"),
    _contrast(备案以前="备案前|未备案|没有备案", 备案以后="备案后|备案以后|已备案|办好后"),
    _contrast(跨省="跨省|外省|省外", 省内="省内|本省|省份内"),
    _contrast(外地="异地|外地|跨统筹", 本地="统筹地区内|同一统筹|本地|本市"),
    _contrast(境外="境外|国外|出国|港澳台", 境内="境内|国内"),
    _contrast(没有第三方责任="(没有|无)第三方", 有第三方责任="第三方|交通事故|他人致伤|肇事"),
    _contrast(解除="解除|解绑|取消", 办理="绑定|办理|激活|开通"),
    _contrast(复审="复审|到期|续期", 变更="变更|更换", 首次申请="首次|申请"),
    _contrast(
        新参保="首次参加|首次参保|新参保|参保登记",
        停保="停保|注销|减员|终止",
        变更="变更|修改",
        转移="转移|转入|接续",
    ),
    _contrast(断保后再参保="断保|断缴|中断", 错过集中缴费期="集中缴费|固定待遇等待期"),
    _contrast(退休="退休", 在职="在职"),
    _contrast(低保边缘和因病致贫="边缘|因病致贫", 低保和特困="低保|特困"),
    _contrast(零售药店="药店", 医疗机构="医疗机构|医院|诊所"),
    _contrast(灵活就业="灵活就业|个人身份|自由职业", 单位="用人单位|单位"),
    _contrast(两病="两病", 普通门诊="普通门诊|门诊统筹"),
    _contrast(借给他人="借给|出借|转借", 用他人的="冒用|冒名|用他人|用别人"),
    _contrast(转卖药品="转卖|倒卖", 重复享受="重复享受"),
    _contrast(实名="实名", 匿名="匿名"),
    _contrast(信访="信访", 信息公开="信息公开", 留言="留言", 行政复议="复议", 举报="举报"),
    _contrast(待遇期还没开始="还没有开始|尚未开始|开始前", 待遇期已经开始="开始后|已经开始"),
    _contrast(超过90天参保="超过90天|90天后", 出生90天内参保="90天内|多久内|出生之日"),
    _contrast(职工医保和居民医保="职工医保.*居民医保|居民医保.*职工医保", 都是居民医保="居民医保"),
    _contrast(本人="本人", 他人代办="代办|委托|代为"),
    _contrast(老年人="老年人|老人", 未成年子女="未成年|孩子|子女", 本人="本人"),
    _contrast(进口="进口", 国产="国产"),
    _contrast(甲类="甲类", 乙类="乙类"),
)
ALIKE = 0.5
LONGEST_LABEL = 14
_REMEMBERED = 4_000
"""Texts of which it is kept what they are made of."""


def by_contrast(asked: str, questions: Sequence[str]) -> list[tuple[str, ...]]:
    """For each contrast of which `asked` names no side: the side that each question is on, "" for none.

    Only contrasts that tell some of the questions apart are given.
    """
    of_each = zip(*map(_sides, questions), strict=True)
    return [
        sides
        for named, sides in zip(_sides(asked), of_each, strict=True)
        if not named and len({*sides} - {""}) > 1
    ]


def without_sides(asked: str, questions: Sequence[str]) -> list[str]:
    """The questions without the words for their sides of the first contrast that tells them apart and of which `asked`
    names no side; nothing when there is no such contrast.
    """
    of_each = zip(*map(_sides, questions), strict=True)
    for contrast, named, sides in zip(CONTRASTS, _sides(asked), of_each, strict=True):
        if all(sides) and len({*sides}) > 1 and not named:
            return [contrast[side].sub("", q) for side, q in zip(sides, questions, strict=True)]
    return []


def dice(left: str, right: str) -> float:
    """Dice's coefficient of the pairs of characters of two texts, 0 to 1."""
    a, b = _pairs(left), _pairs(right)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


@lru_cache(_REMEMBERED)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(bigrams(normalise(text)))


@lru_cache(_REMEMBERED)
def _sides(text: str) -> tuple[str, ...]:
    """The side of each contrast that the text is on, "" for none: the same entries are compared again and again."""
    return tuple(
        next((label for label, pattern in contrast.items() if pattern.search(text)), "")
        for contrast in CONTRASTS
    )


def difference(left: str, right: str, segmenter: Segmenter) -> tuple[str, str] | None:
    """What two questions that are otherwise alike have between their common beginning and their common end.

    None when they share less than half, or when a side has nothing there, or too much to be read as a choice.
    """
    one, other = words_of(left, segmenter), words_of(right, segmenter)
    before = len(_common(one, other))
    after = len(_common(one[before:][::-1], other[before:][::-1]))
    middles = ["".join(text[before : len(text) - after]) for text in (one, other)]
    shared = len("".join(one)) - len(middles[0])
    if not all(0 < len(middle) <= LONGEST_LABEL for middle in middles):
        return None
    if shared < ALIKE * max(len("".join(one)), len("".join(other))):
        return None
    return middles[0], middles[1]


def words_of(text: str, segmenter: Segmenter) -> list[str]:
    """The text, normalised, cut into its longest words; they join to the text again."""
    plain, known = normalise(text), {*segmenter.words(text)}
    longest = max(map(len, known), default=1)
    found, place = [], 0
    while place < len(plain):
        word = next(
            (plain[place : place + n] for n in range(longest, 1, -1) if plain[place : place + n] in known),
            plain[place],
        )
        found.append(word)
        place += len(word)
    return found


def _common(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]
