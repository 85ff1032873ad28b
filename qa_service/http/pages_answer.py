"""An outcome as an operator reads it: what was found, how sure the service is, and why it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from indexer.calibration import Thresholds
from knowledge.conversation import Clarification, Known
from knowledge.entry import EntryText, InsuredGroup
from knowledge.region import name as region_name
from qa_service.ask import Answered, Choices, Outcome, Ranked, Unanswered
from qa_service.conversation.facets import OTHERS as OTHER_AUDIENCE
from qa_service.conversation.reply import Reply
from qa_service.explaining import explain_outcome, told, told_of
from qa_service.http.pages_highlight import highlight, highlight_html
from qa_service.markdown import to_html
from qa_service.misses import Filed

OTHERS = 5
"""How many further entries are shown below the answer, or when there is none."""


@dataclass(frozen=True)
class Card:
    """One entry found, with the words of the question marked in it; `why` explains it, (what, text) a line."""

    id: int
    external_id: str
    revision: int
    question: Markup
    answer: Markup
    phrasing: Markup | None
    text: EntryText
    department: str
    scope: str
    percent: int
    confidence: str
    copied: str
    doubted: bool
    why: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shown:
    """The outcome: `kind` is answered, choices or unanswered. `first` are what it consists of, `others` the rest."""

    kind: str
    title: str
    advice: str
    first: tuple[Card, ...]
    others: tuple[Card, ...]
    warning: str
    took_ms: float
    filed: Filed | None
    department: str


@dataclass(frozen=True)
class ShownPart:
    """One of several questions asked in one breath."""

    question: str
    shown: Shown


@dataclass(frozen=True)
class Talk:
    """What only a conversation has: how the question was understood, what to ask the caller, several questions."""

    understood: str = ""
    asked: Clarification | None = None
    several: tuple[ShownPart, ...] = ()


def talk_of(reply: Reply, departments: Mapping[str, str]) -> Talk:
    """What the page shows of a reply beside its outcome. No entry stands in two of several parts."""
    several, met = [], set[int]()
    for part in reply.parts:
        whole = shown(part.outcome, departments)
        fresh = tuple(card for card in whole.first if card.id not in met)
        met |= {card.id for card in fresh}
        several.append(ShownPart(part.outcome.question, replace(whole, first=fresh, others=())))
    asked = None if reply.parts else reply.clarification
    return Talk("" if reply.parts else reply.understood_as, asked, tuple(several))


def known_of(known: Known, presets: Mapping[str, str]) -> tuple[str, ...]:
    """What is known of the caller, preset or told, as it is shown."""
    region, group = presets.get("region", ""), presets.get("insured_group", "") or known.insured_group
    place = region or (known.region if known.region is not None else "")
    audience = presets.get("audience", "") or known.audience
    told = (
        "仅全国性规定" if place == "000000" else region_name(place) if place else "",
        f"{InsuredGroup(group).label}医保" if group in {each.value for each in InsuredGroup if each} else "",
        audience if audience != OTHER_AUDIENCE else "",
    )
    return tuple(each for each in told if each)


def shown(outcome: Outcome, departments: Mapping[str, str]) -> Shown:
    """What the page shows of an outcome."""
    kind, title, advice = _WORDS[type(outcome)]
    first: Sequence[Ranked] = ()
    if isinstance(outcome, Answered):
        first = outcome.hits[:1]
    elif isinstance(outcome, Choices):
        first = outcome.options
    rest = [hit for hit in outcome.hits if hit not in first]
    filed = outcome.filed if isinstance(outcome, Unanswered) else None
    why = _explained(outcome)
    return Shown(
        kind=kind,
        title=title,
        advice=outcome.note or advice,
        first=tuple(
            replace(_card(hit, outcome.thresholds, departments), why=why.get(hit.entry.id, ()))
            for hit in first
        ),
        others=tuple(_card(hit, outcome.thresholds, departments) for hit in rest[:OTHERS]),
        warning=outcome.warning,
        took_ms=outcome.took_ms,
        filed=filed,
        department=departments.get(filed.department, filed.department) if filed else "",
    )


_WORDS: dict[type[Outcome], tuple[str, str, str]] = {
    Answered: ("answered", "已找到答案", ""),
    Choices: ("choices", "请选择", "有几条可能符合，请与来电人核对后选用"),
    Unanswered: ("unanswered", "未找到", "知识库里没有有把握的答案"),
}


def _explained(outcome: Outcome) -> dict[int, tuple[tuple[str, str], ...]]:
    """Entry → why it is there."""
    explanation = explain_outcome(outcome)
    if explanation is None:
        return {}
    return {of.entry.id: (*told_of(of), *told(explanation)) for of in explanation.entries}


def _card(hit: Ranked, thresholds: Thresholds, departments: Mapping[str, str]) -> Card:
    text = hit.entry.text
    phrasings, nearest = text.phrasings(), hit.candidate.hit.phrasing
    return Card(
        id=hit.entry.id,
        external_id=hit.entry.external_id,
        revision=hit.entry.revision,
        question=highlight(text.question, hit.matched),
        answer=highlight_html(to_html(text.answer), hit.matched),
        phrasing=highlight(phrasings[nearest], hit.matched) if 0 < nearest < len(phrasings) else None,
        text=text,
        department=departments.get(text.department, text.department),
        scope=_scope(text),
        percent=round(hit.confidence * 100),
        confidence=_level(hit.confidence, thresholds),
        copied=_copied(text),
        doubted=hit.doubted,
    )


def _level(confidence: float, thresholds: Thresholds) -> str:
    if confidence >= thresholds.answer:
        return "high"
    return "middle" if confidence >= thresholds.answer / 4 else "low"


def _scope(text: EntryText) -> str:
    """Whom the entry is for, as far as it is restricted."""
    parts = [region_name(text.region)]
    if text.insured_group:
        parts.append(text.insured_group.label)
    if text.audience:
        parts.append(text.audience)
    return " · ".join(parts)


def _copied(text: EntryText) -> str:
    """Question, answer and sources for pasting into a work order."""
    answer = text.answer.replace("**", "").strip()
    sources = "；".join(str(citation) for citation in text.citations)
    return f"{text.question}\n{answer}" + (f"\n依据：{sources}" if sources else "")
