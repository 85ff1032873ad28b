"""Answering one question: the approved text, or choices, or the admission that nobody here knows.

`ask` is a plain function over the application's parts. Whatever it returns was checked against the record a moment
before: a withdrawn, expired or superseded text never leaves, however far behind the index is.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from indexer.calibration import Thresholds, of_entries_alone
from indexer.confidence import CANDIDATES, Candidate, Weighed, weigh
from indexer.explaining import through_expansions
from indexer.features import stands_alone
from indexer.live import LiveIndex
from indexer.normalise import normalise
from indexer.remembering import Recent
from indexer.scope import Scope
from indexer.search import SearchResult
from knowledge import region
from knowledge.entry import Channel, PublishedEntry
from knowledge.errors import InvalidValue
from knowledge.masking import mask
from knowledge.store import AskedQuestion, Store
from knowledge.working_days import china_date
from qa_service.calibrating import Calibrating, Kept, kept_in
from qa_service.checked import CheckedEntries
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
    """One entry found, with its probability of answering.

    `matched` are the words that it contains: those of the question, and those that a synonym or a slip stands for.
    `doubted` tells that it was reported as wrong and nobody has looked yet: it is offered, never served as the answer.
    """

    entry: PublishedEntry
    confidence: float
    score: float
    matched: tuple[str, ...]
    candidate: Candidate
    doubted: bool = False


NEVER = Thresholds(1.0, 1.0)
"""Of what was not searched for."""


@dataclass(frozen=True)
class Findings:
    """What every outcome carries. `confidence` is the probability that the first hit answers, `reach` that any of
    the first few does; `took_ms` is the time from question to outcome, recording included; `note` explains an outcome
    that probability alone would not have had; `thresholds` are those by which it was decided; `found` is what it was
    decided on, for whoever wants it explained, None where nothing was searched.
    """

    question: str
    confidence: float
    hits: tuple[Ranked, ...]
    snapshot: str
    reach: float = 0.0
    warning: str = ""
    took_ms: float = 0.0
    note: str = ""
    thresholds: Thresholds = NEVER
    found: "Found | None" = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Answered(Findings):
    """The first hit answers."""

    @property
    def answer(self) -> Ranked:
        """The entry that answers."""
        return self.hits[0]


@dataclass(frozen=True)
class Choices(Findings):
    """Several entries may be meant. `renamed` tells what was searched for by another name, the formal one: said →
    meant.
    """

    options: tuple[Ranked, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Unanswered(Findings):
    """Nothing here answers. `filed` is the ticket that was opened or joined, None when nothing was recorded."""

    filed: Filed | None = None


Outcome = Answered | Choices | Unanswered
DOUBTED = "首条有反映答错，归属处室正在核实，请核对后再用"
OF_NO_PLACE = "问的是某地的具体规定，首条没有写明该地的，以当地规定为准"
SAYS_NOTHING = "问题里没有可以辨认的词语，请核对是不是要问这些"


@dataclass(frozen=True)
class Found:
    """What a search found and may be served, most probable first, and the thresholds that decide on it.

    `weighed` is what the probabilities came from, `words` the informative words of the question as it was read.
    """

    hits: tuple[Ranked, ...]
    reach: float
    result: SearchResult
    thresholds: Thresholds
    weighed: Weighed
    words: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """How the record stands on a day, as far as answers depend on it: while none of this changes, none of them does.

    `departments` are what the departments are called, by their codes; no answer depends on that.
    """

    today: date
    sequence: int
    doubted: frozenset[int]
    chosen: Kept
    departments: Mapping[str, str] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Considered:
    """A search's result with what of it may be served; true while the publication stream stands at `sequence`."""

    result: SearchResult
    sequence: int
    ranked: tuple[Ranked, ...]
    weighed: Weighed
    words: tuple[str, ...]


@dataclass(frozen=True)
class Answering:
    """The parts that answering needs; made once by the composition root."""

    settings: Settings
    store: Store
    index: LiveIndex
    misses: Misses
    calibrating: Calibrating
    checked: CheckedEntries = field(default_factory=CheckedEntries)
    recent: Recent[Considered] = field(default_factory=lambda: Recent(500))
    replies: Recent[Any] = field(default_factory=lambda: Recent(500))
    """Those of `qa_service.conversation`, which this module knows nothing of."""


def ask(question: str, asker: Asker, parts: Answering, now: datetime) -> Outcome:
    """Answer a question. Raises InvalidValue for a question that is empty or too long."""
    started = time.perf_counter()
    outcome = in_formal_words(consider(question, asker, parts, now), asker, parts, now)
    if asker.record:
        outcome = record(outcome, asker, parts, now, started)
    return replace(outcome, took_ms=(time.perf_counter() - started) * 1000)


def consider(
    question: str, asker: Asker, parts: Answering, now: datetime, level: Level | None = None
) -> Outcome:
    """The outcome for the words as they are: nothing is recorded, and no formal names are tried (`in_formal_words`).
    Raises InvalidValue as `ask` does.

    `level` is how the record stands, for whoever has just looked.
    """
    question = check_question(question, parts.settings.max_question)
    found = search(question, asker, parts, now, parts.settings.choices + CANDIDATES, level)
    return decide(question, found, parts.settings)


def in_formal_words(
    outcome: Outcome, asker: Asker, parts: Answering, now: datetime, level: Level | None = None
) -> Outcome:
    """The outcome, unless it is that nothing answers, and what callers call something else has a formal name that finds
    more: then what that finds is offered. It is not given as the answer: nobody said so.
    """
    reading = outcome.found.result.reading if outcome.found else None
    if not isinstance(outcome, Unanswered) or reading is None:
        return outcome
    text, names = reading.formally()
    if not names:
        return outcome
    found = search(text, asker, parts, now, parts.settings.choices + CANDIDATES, level)
    again = decide(outcome.question, found, parts.settings)
    if isinstance(again, Unanswered):
        return outcome
    note = f"按{'、'.join(f'“{name}”' for name in names.values())}查找的，请看是不是要问的"
    behind = {name: getattr(again, name) for name in ("reach", "warning", "thresholds", "found")}
    common = (again.question, again.confidence, again.hits, again.snapshot)
    options = again.hits[: parts.settings.choices]
    return Choices(*common, **behind, note=again.note or note, options=options, renamed=names)


def level_now(parts: Answering, now: datetime) -> Level:
    """How the record stands."""
    least = parts.settings.doubt_staff_reports, parts.settings.doubt_citizen_reports
    with parts.store.reading() as records:
        standings = records.learning.standings()
        doubted = frozenset(i for i, standing in standings.items() if standing.doubted(*least))
        sequence, names = records.publications.seq(), records.people.department_names()
        return Level(china_date(now), sequence, doubted, kept_in(records), names)


def check_question(question: str, longest: int) -> str:
    """The question without surrounding space. Raises InvalidValue when there is none or too much of it."""
    trimmed = question.replace("\x00", " ").strip()
    if not trimmed:
        raise InvalidValue("问题", question, "不能为空，请输入要咨询的内容")
    if len(trimmed) > longest:
        raise InvalidValue("问题", trimmed, f"最多{longest}个字，请把问题说得简短一些")
    return trimmed


def search(
    question: str, asker: Asker, parts: Answering, now: datetime, limit: int, level: Level | None = None
) -> Found:
    """The entries that may be served for a question, most probable first, checked against the record."""
    level = level or level_now(parts, now)
    scope = Scope(
        on=level.today,
        region=asker.region if asker.region is not None else parts.settings.region,
        insured_group=asker.insured_group,
        audience=asker.audience,
        channel=asker.channel if asker.channel is not Channel.API else None,
    )
    result = parts.index.search(question, scope, limit)
    sequence, current = parts.checked.current(
        parts.store, level.sequence, [hit.entry_id for hit in result.hits], level.today
    )
    key = (question, scope, limit)
    last = parts.recent.get(key)
    if last is None or last.result is not result or last.sequence != sequence:
        last = _weighed(question, scope, result, current, parts, sequence)
        parts.recent.put(key, last)
    hits = tuple(replace(hit, doubted=True) if hit.entry.id in level.doubted else hit for hit in last.ranked)
    by = last.weighed.encoder
    if last.ranked and stands_alone(last.ranked[0].entry):
        by = of_entries_alone(by)
    thresholds = parts.calibrating.thresholds(level.chosen, by)
    return Found(hits, last.weighed.reach, result, thresholds, last.weighed, last.words)


def _weighed(
    question: str,
    scope: Scope,
    result: SearchResult,
    current: dict[int, PublishedEntry],
    parts: Answering,
    sequence: int,
) -> Considered:
    """What may be served of a result, `current` at the publication `sequence`, most probable first."""
    servable = {entry_id: entry for entry_id, entry in current.items() if scope.admits(entry.text)}
    if scope.region is not None:
        servable = nearest_only(servable)
    reading = result.reading
    words = tuple(parts.index.segmenter.informative_words(reading.bare if reading else question))
    weighed = weigh(question, words, result, servable, parts.index.encoder_name)
    rest = [hit for hit in result.hits[CANDIDATES:] if hit.entry_id in servable]
    ranked = [
        Ranked(
            c.entry,
            c.confidence,
            c.hit.score,
            (*c.matched, *(word.matched for word in through_expansions(reading, c.entry))),
            c,
        )
        for c in weighed.candidates
    ]
    ranked += [
        Ranked(servable[hit.entry_id], 0.0, hit.score, (), Candidate(hit, servable[hit.entry_id], 0.0, ()))
        for hit in rest
        if all(r.entry.id != hit.entry_id for r in ranked)
    ]
    return Considered(result, sequence, tuple(ranked), weighed, words)


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

    What is not a question for this base is not answered, however near an entry comes; what was reported as wrong is
    only offered, until somebody has looked; and so is what was found for signs and numbers alone.
    """
    thresholds, confidence = found.thresholds, found.hits[0].confidence if found.hits else 0.0
    common = (question, confidence, found.hits, found.result.snapshot, found.reach, found.result.warning)
    if found.reach < thresholds.choices or not found.hits:
        return Unanswered(*common, thresholds=thresholds, found=found)
    first = found.hits[0]
    sure = thresholds.answers(confidence, first.candidate.verbatim)
    silent = says_nothing(found)
    if sure and not silent and not first.doubted:
        return Answered(*common, thresholds=thresholds, found=found)
    note = DOUBTED if first.doubted else SAYS_NOTHING if sure and silent else ""
    if not note and found.weighed.rows.get(first.entry.id, {}).get("figure_of_place"):
        note = OF_NO_PLACE
    options = found.hits[: settings.choices]
    return Choices(*common, note=note, thresholds=thresholds, found=found, options=options)


def says_nothing(found: Found) -> bool:
    """Whether the question is signs and numbers alone, and not one that the department itself wrote down."""
    return not found.hits[0].candidate.verbatim and all(word.isdigit() for word in found.words)


def record(outcome: Outcome, asker: Asker, parts: Answering, now: datetime, started: float) -> Outcome:
    """Write down what was asked, masked, and queue it when it was not answered.

    `started` is the `time.perf_counter()` at which the question came in. Gives the outcome with where it was queued.
    """
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
    best = None if isinstance(outcome, Unanswered) else outcome.hits[0]
    with parts.store.writing(asker.login or "system", now, lasting=False) as records:
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
