"""An outcome as an operator reads it: what was found, how sure the service is, and why it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from knowledge.entry import EntryText
from knowledge.region import name as region_name
from qa_service.ask import Answered, Choices, Outcome, Ranked, Unanswered
from qa_service.http.pages_highlight import highlight, highlight_html
from qa_service.markdown import to_html
from qa_service.misses import Filed
from qa_service.settings import Settings

OTHERS = 5
"""How many further entries are shown below the answer, or when there is none."""


@dataclass(frozen=True)
class Card:
    """One entry found, with the words of the question marked in it."""

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


def shown(outcome: Outcome, settings: Settings, departments: Mapping[str, str]) -> Shown:
    """What the page shows of an outcome."""
    kind, title, advice = _WORDS[type(outcome)]
    first: Sequence[Ranked] = ()
    if isinstance(outcome, Answered):
        first = outcome.hits[:1]
    elif isinstance(outcome, Choices):
        first = outcome.options
    rest = [hit for hit in outcome.hits if hit not in first]
    filed = outcome.filed if isinstance(outcome, Unanswered) else None
    return Shown(
        kind=kind,
        title=title,
        advice=advice,
        first=tuple(_card(hit, settings, departments) for hit in first),
        others=tuple(_card(hit, settings, departments) for hit in rest[:OTHERS]),
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


def _card(hit: Ranked, settings: Settings, departments: Mapping[str, str]) -> Card:
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
        confidence=_level(hit.confidence, settings),
        copied=_copied(text),
    )


def _level(confidence: float, settings: Settings) -> str:
    if confidence >= settings.answer_threshold:
        return "high"
    return "middle" if confidence >= settings.answer_threshold / 4 else "low"


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
