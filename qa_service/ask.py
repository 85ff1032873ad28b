"""Answering one question: the approved text, or choices, or the admission that nobody here knows.

`ask` is a plain function over the application's parts. Whatever it returns was checked against the record a moment
before: a withdrawn, expired or superseded text never leaves, however far behind the index is.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from indexer.confidence import CANDIDATES, Candidate, weigh
from indexer.live import LiveIndex
from indexer.normalise import normalise
from indexer.scope import Scope
from indexer.search import SearchResult
from knowledge import region
from knowledge.entry import Channel, PublishedEntry
from knowledge.errors import InvalidValue
from knowledge.masking import mask
from knowledge.store import AskedQuestion, Store
from knowledge.working_days import china_date
from qa_service.misses import Filed, Misses
from qa_service.settings import Settings


@dataclass(frozen=True)
class Asker:
    """Who asks and what is known of them. `region` is a GB/T 2260 code, None to take the bureau's own."""

    channel: Channel = Channel.API
    region: str | None = None
    insured_group: str = ""
    audience: str = ""
    session: str = ""
    login: str = ""
    record: bool = True


@dataclass(frozen=True)
class Ranked:
    """One entry found, with its probability of answering."""

    entry: PublishedEntry
    confidence: float
    score: float
    matched: tuple[str, ...]
    candidate: Candidate


@dataclass(frozen=True)
class Findings:
    """What every outcome carries. `confidence` is the probability that the first hit answers, `reach` that any of
    the first few does; `took_ms` is the time from question to outcome, recording included.
    """

    question: str
    confidence: float
    hits: tuple[Ranked, ...]
    snapshot: str
    reach: float = 0.0
    warning: str = ""
    took_ms: float = 0.0


@dataclass(frozen=True)
class Answered(Findings):
    """The first hit answers."""

    @property
    def answer(self) -> Ranked:
        """The entry that answers."""
        return self.hits[0]


@dataclass(frozen=True)
class Choices(Findings):
    """Several entries may be meant."""

    options: tuple[Ranked, ...] = ()


@dataclass(frozen=True)
class Unanswered(Findings):
    """Nothing here answers. `filed` is the ticket that was opened or joined, None when nothing was recorded."""

    filed: Filed | None = None


Outcome = Answered | Choices | Unanswered


@dataclass(frozen=True)
class Found:
    """What a search found and may be served, most probable first."""

    hits: tuple[Ranked, ...]
    reach: float
    result: SearchResult


@dataclass(frozen=True)
class Answering:
    """The parts that answering needs; made once by the composition root."""

    settings: Settings
    store: Store
    index: LiveIndex
    misses: Misses


def ask(question: str, asker: Asker, parts: Answering, now: datetime) -> Outcome:
    """Answer a question. Raises InvalidValue for a question that is empty or too long."""
    started = time.perf_counter()
    question = check_question(question, parts.settings.max_question)
    found = search(question, asker, parts, now, parts.settings.choices + CANDIDATES)
    outcome = decide(question, found, parts.settings)
    if asker.record:
        outcome = _record(outcome, asker, parts, now, started)
    return replace(outcome, took_ms=(time.perf_counter() - started) * 1000)


def check_question(question: str, longest: int) -> str:
    """The question without surrounding space. Raises InvalidValue when there is none or too much of it."""
    trimmed = question.replace("\x00", " ").strip()
    if not trimmed:
        raise InvalidValue("问题", question, "不能为空，请输入要咨询的内容")
    if len(trimmed) > longest:
        raise InvalidValue("问题", trimmed, f"最多{longest}个字，请把问题说得简短一些")
    return trimmed


def search(question: str, asker: Asker, parts: Answering, now: datetime, limit: int) -> Found:
    """The entries that may be served for a question, most probable first, checked against the record."""
    today = china_date(now)
    scope = Scope(
        on=today,
        region=asker.region if asker.region is not None else parts.settings.region,
        insured_group=asker.insured_group,
        audience=asker.audience,
        channel=asker.channel if asker.channel is not Channel.API else None,
    )
    result = parts.index.search(question, scope, limit)
    with parts.store.reading() as records:
        current = records.publications.current([hit.entry_id for hit in result.hits], today)
    servable = {entry_id: entry for entry_id, entry in current.items() if scope.admits(entry.text)}
    if scope.region is not None:
        servable = nearest_only(servable)
    words = parts.index.segmenter.informative_words(question)
    weighed = weigh(question, words, result, servable, parts.index.encoder_name)
    rest = [hit for hit in result.hits[CANDIDATES:] if hit.entry_id in servable]
    ranked = [Ranked(c.entry, c.confidence, c.hit.score, c.matched, c) for c in weighed.candidates]
    ranked += [
        Ranked(servable[hit.entry_id], 0.0, hit.score, (), Candidate(hit, servable[hit.entry_id], 0.0, ()))
        for hit in rest
        if all(r.entry.id != hit.entry_id for r in ranked)
    ]
    return Found(tuple(ranked), weighed.reach, result)


def nearest_only(entries: dict[int, PublishedEntry]) -> dict[int, PublishedEntry]:
    """Without the entries that a nearer region answers itself: the same question for the same insured and audience.

    The nation's entry stands back behind the province's, the province's behind the city's.
    """
    nearest: dict[tuple[str, str, str], int] = {}
    for entry in entries.values():
        key = _asks(entry)
        nearest[key] = max(nearest.get(key, 0), region.level(entry.text.region))
    return {
        i: entry for i, entry in entries.items() if region.level(entry.text.region) == nearest[_asks(entry)]
    }


def _asks(entry: PublishedEntry) -> tuple[str, str, str]:
    return (normalise(entry.text.question), entry.text.insured_group, entry.text.audience)


def decide(question: str, found: Found, settings: Settings) -> Outcome:
    """Answer, offer choices or admit not to know, by the thresholds.

    What is not a question for this base is not answered, however near an entry comes.
    """
    confidence = found.hits[0].confidence if found.hits else 0.0
    common = (question, confidence, found.hits, found.result.snapshot, found.reach, found.result.warning)
    if found.reach < settings.choices_threshold or not found.hits:
        return Unanswered(*common)
    if confidence >= settings.answer_threshold:
        return Answered(*common)
    return Choices(*common, options=found.hits[: settings.choices])


def _record(outcome: Outcome, asker: Asker, parts: Answering, now: datetime, started: float) -> Outcome:
    """Write down what was asked, masked, and queue it when it was not answered."""
    masked = mask(outcome.question)
    if isinstance(outcome, Unanswered) and parts.index.segmenter.informative_words(outcome.question):
        filed = parts.misses.queue(
            masked,
            channel=asker.channel,
            region=asker.region or "",
            insured_group=asker.insured_group,
            audience=asker.audience,
            session=asker.session,
            asked_by=asker.login,
            nearest=[(hit.entry.text.department, hit.confidence) for hit in outcome.hits],
            reach=outcome.reach,
            now=now,
        )
        outcome = replace(outcome, filed=filed)
    best = outcome.hits[0] if isinstance(outcome, Answered) else None
    with parts.store.writing(asker.login or "system", now) as records:
        records.questions.add(
            AskedQuestion(
                question=masked,
                outcome=type(outcome).__name__.lower(),
                entry_id=best.entry.id if best else None,
                revision=best.entry.revision if best else None,
                confidence=outcome.confidence,
                channel=asker.channel,
                region=asker.region or "",
                insured_group=asker.insured_group,
                session=asker.session,
                ticket_id=outcome.filed.ticket_id
                if isinstance(outcome, Unanswered) and outcome.filed
                else None,
                took_ms=(time.perf_counter() - started) * 1000,
                asked_at=now,
            )
        )
    return outcome
