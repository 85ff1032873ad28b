"""Why this outcome: every entry that it names explained, and the thresholds that made it an answer, choices or neither.

For the people who answer for it. A key that stands in a web page gets the matched words alone: with scores and
thresholds anybody could find out, question by question, how to word one so that a certain text comes.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum, StrEnum
from typing import Any

from indexer.calibration import Thresholds
from indexer.explaining import (
    Comparison,
    How,
    MatchedWord,
    Nearest,
    Part,
    PartName,
    comparison,
    matched,
    nearest,
)
from knowledge.entry import PublishedEntry
from qa_service.ask import Answered, Choices, Found, Outcome, Ranked, says_nothing


class Detail(Enum):
    """How much of an explanation is given."""

    NOTHING = 0
    WORDS = 1
    EVERYTHING = 2


class Reason(StrEnum):
    """Why the outcome is what it is."""

    SURE = "sure"
    VERBATIM = "verbatim"
    TOLD = "told"
    UNSURE = "unsure"
    DOUBTED = "doubted"
    DEPENDS = "depends"
    SAYS_NOTHING = "says_nothing"
    RENAMED = "renamed"
    OUT_OF_REACH = "out_of_reach"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True)
class EntryExplanation:
    """One entry explained. `nearest` is None when words alone found it; `comparison` is None, and `rival` with it,
    when it came too late in the search to be weighed.
    """

    entry: PublishedEntry
    confidence: float
    verbatim: bool
    words: tuple[MatchedWord, ...]
    nearest: Nearest | None
    comparison: Comparison | None
    rival: PublishedEntry | None


@dataclass(frozen=True)
class Explanation:
    """An outcome explained: `read_as` is the question as it was searched, `removed` what only greeted in it."""

    reason: Reason
    text: str
    confidence: float
    reach: float
    thresholds: Thresholds
    by_meaning: bool
    snapshot: str
    read_as: str
    removed: tuple[str, ...]
    entries: tuple[EntryExplanation, ...]

    @property
    def words(self) -> tuple[MatchedWord, ...]:
        """The words that the first entry has in common with the question."""
        return self.entries[0].words if self.entries else ()


def explain_outcome(outcome: Outcome) -> Explanation | None:
    """Why this outcome: of the answer, of each choice, or of the nearest entry where nothing answers.

    None where nothing was searched.
    """
    found = outcome.found
    if found is None:
        return None
    reading, reason = found.result.reading, _reason(outcome)
    named = outcome.options if isinstance(outcome, Choices) else outcome.hits[:1]
    renamed = outcome.renamed if isinstance(outcome, Choices) else {}
    return Explanation(
        reason=reason,
        text=_said(reason, outcome),
        confidence=outcome.confidence,
        reach=outcome.reach,
        thresholds=outcome.thresholds,
        by_meaning=any(candidate.hit.dense_rank for candidate in found.weighed.candidates),
        snapshot=outcome.snapshot,
        read_as=reading.bare if reading else outcome.question,
        removed=reading.removed if reading else (),
        entries=tuple(_explained(hit, found, renamed) for hit in named),
    )


def _explained(hit: Ranked, found: Found, renamed: Mapping[str, str]) -> EntryExplanation:
    compared = comparison(found.weighed, hit.entry.id)
    rival = compared.rival if compared else None
    return EntryExplanation(
        entry=hit.entry,
        confidence=hit.confidence,
        verbatim=hit.candidate.verbatim,
        words=tuple(
            _as_said(word, renamed) for word in matched(found.words, found.result.reading, hit.entry)
        ),
        nearest=nearest(hit.candidate.hit, hit.entry),
        comparison=compared,
        rival=next((c.entry for c in found.weighed.candidates if c.entry.id == rival), None),
    )


def _as_said(word: MatchedWord, renamed: Mapping[str, str]) -> MatchedWord:
    """The word with what the asker said for it, where the question was searched for by another name."""
    said = next((said for said, meant in renamed.items() if word.matched in meant), None)
    return word if said is None else replace(word, said=said, how=How.SYNONYM)


def _renamed(outcome: Outcome) -> str:
    names = outcome.renamed if isinstance(outcome, Choices) else {}
    return "、".join(f"把“{said}”换成“{meant}”" for said, meant in names.items())


def _reason(outcome: Outcome) -> Reason:
    if not outcome.hits:
        return Reason.NOTHING_FOUND
    first, thresholds = outcome.hits[0], outcome.thresholds
    enough = thresholds.answers(outcome.confidence, first.candidate.verbatim)
    if isinstance(outcome, Answered):
        if enough:
            return Reason.VERBATIM if first.candidate.verbatim else Reason.SURE
        return Reason.TOLD
    if isinstance(outcome, Choices):
        if first.doubted:
            return Reason.DOUBTED
        if outcome.renamed:
            return Reason.RENAMED
        if enough and outcome.found and says_nothing(outcome.found):
            return Reason.SAYS_NOTHING
        return Reason.DEPENDS if enough else Reason.UNSURE
    return Reason.OUT_OF_REACH


def _said(reason: Reason, outcome: Outcome) -> str:
    """The reason in a sentence."""
    sure, reach = f"首条的把握{_share(outcome.confidence)}", f"这几条中有能回答的把握{_share(outcome.reach)}"
    answer = f"直接作答的标准{_share(outcome.thresholds.answer)}"
    offer = f"给出选项的标准{_share(outcome.thresholds.choices)}"
    return {
        Reason.SURE: f"{sure}，达到{answer}，直接作答",
        Reason.VERBATIM: "所问就是这一条的标准问或相似问，直接作答",
        Reason.TOLD: f"{sure}，不到{answer}；提问人说明情况后只有这一条相符，直接作答",
        Reason.UNSURE: f"{sure}，不到{answer}；{reach}，达到{offer}，给出选项",
        Reason.DOUBTED: "首条有反映答错、尚未核实，只作为选项，不直接作答",
        Reason.DEPENDS: f"{sure}，达到{answer}；但哪一条适用要看提问人的情况，先给出选项",
        Reason.RENAMED: f"照原话查找，没有能回答的；{_renamed(outcome)}后{reach}，达到{offer}，只给出选项",
        Reason.SAYS_NOTHING: "问题里没有可以辨认的词语，只给出选项",
        Reason.OUT_OF_REACH: f"{reach}，不到{offer}，不作答",
        Reason.NOTHING_FOUND: "没有找到可用的条目，不作答",
    }[reason]


LABELS: Mapping[PartName, str] = {
    PartName.MEANING: "语义相近",
    PartName.WORDS: "词语相同",
    PartName.COVERAGE: "问题用词的覆盖",
    PartName.LEAD: "领先程度",
    PartName.REGION: "地区远近",
    PartName.GROUP: "险种冲突",
    PartName.NUMBERS: "数字不符",
    PartName.MATTER: "事项不符",
    PartName.ALONE: "没有相似问",
    PartName.NONE: "无一能答的可能",
}
_HOWS = {How.SYNONYM: "同义词", How.SLIP: "更正错字", How.PINYIN: "拼音"}
_LEAST_SHOWN = 0.005
"""A part that rounds to nothing is not worth a place in a sentence."""


def told(explanation: Explanation) -> list[tuple[str, str]]:
    """What holds of the outcome as a whole, as people read it: (what, text) a line."""
    removed = "、".join(explanation.removed)
    return [
        ("判定", explanation.text),
        ("检索所用的问题", explanation.read_as + (f"（略去：{removed}）" if removed else "")),
        ("阈值", _thresholds(explanation)),
        ("索引快照", explanation.snapshot),
    ]


def told_of(of: EntryExplanation) -> list[tuple[str, str]]:
    """The same of one entry; a line that would say nothing is left out."""
    near = of.nearest
    lines = [
        ("相同的词语", "、".join(map(_word, of.words)) or "没有"),
        ("最接近的问法", f"{near.text}（余弦相似度{near.similarity:.3f}）" if near else ""),
        ("得分构成", _compared(of)),
        ("版本", f"{of.entry.external_id} 第{of.entry.revision}版"),
    ]
    return [(label, text) for label, text in lines if text]


def _word(word: MatchedWord) -> str:
    if word.how is How.VERBATIM:
        return word.matched
    return f"“{word.said}”即{word.matched}（{_HOWS[word.how]}，按{word.weight:g}计）"


def _compared(of: EntryExplanation) -> str:
    """The parts of the score, the greatest first."""
    if of.comparison is None:
        return ""
    beside = f"与“{of.rival.text.question}”相比" if of.rival else "与“无一能答”相比"
    parts = sorted(of.comparison.parts, key=lambda part: -abs(part.contribution))
    said = "、".join(_part(part) for part in parts if abs(part.contribution) >= _LEAST_SHOWN) or "没有差别"
    exact = "；与该条的问法一字不差，把握另计" if of.verbatim else ""
    return f"{beside}：{said}；合计{of.comparison.lead:+.2f}，{_times(of.comparison.lead)}{exact}"


def _part(part: Part) -> str:
    return f"{LABELS[part.name]}{part.contribution:+.2f}"


def _times(lead: float) -> str:
    """How much likelier the one is than the other: exp(lead) times."""
    factor = f"{math.exp(abs(lead)):.3g}" if abs(lead) < math.log(100) else ""
    times = f"约为{{}}的{factor}倍" if factor else "是{}的100倍以上"
    return "可能性" + times.format("后者") if lead >= 0 else "后者的可能性" + times.format("本条")


def _thresholds(explanation: Explanation) -> str:
    by = "按词语和语义检索" if explanation.by_meaning else "仅按词语检索"
    thresholds = explanation.thresholds
    return f"直接作答{_share(thresholds.answer)}、给出选项{_share(thresholds.choices)}（{by}）"


def _share(share: float) -> str:
    return f"{share:.1%}"


def explanation_json(outcome: Outcome, detail: Detail) -> dict[str, Any] | None:
    """An outcome's explanation as the API gives it, None where there is none to give."""
    explanation = explain_outcome(outcome) if detail is not Detail.NOTHING else None
    if explanation is None:
        return None
    words = _words_json(explanation.words)
    if detail is Detail.WORDS:
        return {"words": words, "decision": None, "entries": []}
    return {
        "words": words,
        "decision": {
            "reason": explanation.reason.value,
            "text": explanation.text,
            "confidence": round(explanation.confidence, 4),
            "reach": round(explanation.reach, 4),
            "answer_threshold": explanation.thresholds.answer,
            "choices_threshold": explanation.thresholds.choices,
            "by_meaning": explanation.by_meaning,
            "snapshot": explanation.snapshot,
            "read_as": explanation.read_as,
            "removed": list(explanation.removed),
        },
        "entries": [_entry_json(each) for each in explanation.entries],
    }


def _words_json(words: tuple[MatchedWord, ...]) -> list[dict[str, Any]]:
    return [asdict(word) | {"how": word.how.value} for word in words]


def _entry_json(of: EntryExplanation) -> dict[str, Any]:
    near, compared, rival = of.nearest, of.comparison, of.rival
    return {
        "entry_id": of.entry.id,
        "external_id": of.entry.external_id,
        "revision": of.entry.revision,
        "confidence": round(of.confidence, 4),
        "verbatim": of.verbatim,
        "words": _words_json(of.words),
        "nearest": {"text": near.text, "similarity": round(near.similarity, 4)} if near else None,
        "parts": [
            {"name": part.name.value, "label": LABELS[part.name], "contribution": round(part.contribution, 4)}
            for part in (compared.parts if compared else ())
        ],
        "lead": round(compared.lead, 4) if compared else None,
        "rival": {"entry_id": rival.id, "question": rival.text.question} if rival else None,
    }
