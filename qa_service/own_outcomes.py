"""A bureau's own outcomes: how probable an answer was held to be, and what people then said of it.

An operator's pick and an asker's "this helped" say which entry answers; a report says that the one given did not. Each
is laid beside the question as it was logged, which has the probability of what came first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from indexer.platt import Judged
from knowledge.learning import Confirmed, Resolution, Source, WrongReport
from knowledge.store import GivenFirst, Records

RECENT = timedelta(days=365)
"""Older outcomes were given by another base."""
_SAID_WITHIN = timedelta(days=1)
_PAGE = 1000
_STILL_WRONG = (Resolution.OPEN, Resolution.MISMATCH)

T = TypeVar("T")
_Given = Mapping[str, Sequence[GivenFirst]]


def own_outcomes(records: Records, now: datetime) -> tuple[Judged, ...]:
    """Each logged question of the last year of which it is known whether what came first for it was right.

    Of several people's words on one, that it was wrong weighs most. Words of closed tickets are left out: nothing had
    been given there. So are reports that the department found unfounded, or answered with a new text.
    """
    since = now - RECENT
    confirmed = [
        each
        for _, each in _all(records.learning.confirmed, lambda row: row[0])
        if each.at >= since and each.source is not Source.TICKET
    ]
    reports = [
        each
        for each in _all(records.learning.all_reports, lambda row: row.id)
        if each.at >= since and each.resolution in _STILL_WRONG
    ]
    everything: tuple[Confirmed | WrongReport, ...] = (*confirmed, *reports)
    given = _given(records, {said.question for said in everything}, since - _SAID_WITHIN)
    right: dict[int, bool] = {}
    first: dict[int, GivenFirst] = {}
    for said in everything:
        found = _spoken_of(said, given)
        wrong = isinstance(said, WrongReport)
        if found is None or (wrong and found.entry_id != said.entry_id):
            continue
        first[found.id] = found
        right[found.id] = right.get(found.id, True) and not wrong and found.entry_id == said.entry_id
    return tuple(Judged(first[i].confidence, float(answered)) for i, answered in right.items())


def _given(records: Records, questions: set[str], since: datetime) -> _Given:
    by_question = defaultdict(list)
    for given in records.questions.given_first(sorted(questions), since):
        by_question[given.question].append(given)
    return by_question


def _spoken_of(said: Confirmed | WrongReport, given: _Given) -> GivenFirst | None:
    """The last time that the question was asked on that channel before, within a day."""
    before = [
        each
        for each in given.get(said.question, ())
        if each.channel is said.channel and timedelta(0) <= said.at - each.asked_at <= _SAID_WITHIN
    ]
    return max(before, key=lambda each: (each.asked_at, each.id)) if before else None


def _all(read: Callable[[int, int], Sequence[T]], number: Callable[[T], int]) -> Iterator[T]:
    """Every row, a page at a time."""
    after = 0
    while rows := read(_PAGE, after):
        yield from rows
        after = number(rows[-1])
