"""Typing ahead: published questions that begin with, or contain, what was typed so far.

All phrasings stand in one string, those of the most asked entries first, so that a search is a scan in C that stops
as soon as it has found enough.
"""

import bisect
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from indexer.live import LiveIndex
from indexer.normalise import normalise
from indexer.scope import Scope
from knowledge.entry import PublishedEntry
from knowledge.store import Store

SEPARATOR = "\n"
POPULAR = 5_000
_MOST_TYPED = 100


@dataclass(frozen=True)
class Suggestion:
    """A published question; `phrasing` is the wording that matched."""

    entry_id: int
    external_id: str
    question: str
    phrasing: str


@dataclass(frozen=True)
class _Listed:
    entry: PublishedEntry
    normalised: tuple[str, ...]


class _Phrasings:
    """The searchable string, and which entry each of its lines belongs to."""

    def __init__(self, listed: Iterable[_Listed]) -> None:
        self._starts: list[int] = []
        self._lines: list[tuple[PublishedEntry, int]] = []
        parts: list[str] = []
        length = 0
        for item in listed:
            for number, phrasing in enumerate(item.normalised):
                self._starts.append(length)
                self._lines.append((item.entry, number))
                parts.append(phrasing)
                length += len(phrasing) + 1
        self._text = SEPARATOR + SEPARATOR.join(parts) + SEPARATOR

    def matching(self, typed: str) -> Iterator[tuple[PublishedEntry, int]]:
        """Lines that begin with `typed`, then lines that contain it."""
        yield from self._scan(SEPARATOR + typed)
        yield from self._scan(typed)

    def _scan(self, wanted: str) -> Iterator[tuple[PublishedEntry, int]]:
        place = self._text.find(wanted)
        while place >= 0:
            # The text starts with a separator, so a line's first character stands one after its start.
            line = bisect.bisect_right(self._starts, max(place - (wanted[0] != SEPARATOR), 0)) - 1
            yield self._lines[line]
            after = self._text.find(SEPARATOR, place + 1)
            place = self._text.find(wanted, after) if after >= 0 else -1


class Suggestions:
    """The published questions in memory, kept level with the index. One instance a process."""

    def __init__(self, store: Store, index: LiveIndex, today: Callable[[], date]) -> None:
        self._store = store
        self._index = index
        self._today = today
        self._listed: dict[int, _Listed] = {}
        self._phrasings = _Phrasings(())
        self._level: tuple[date, int] | None = None
        self._refreshing = threading.Lock()

    def suggest(self, typed: str, scope: Scope, limit: int) -> tuple[Suggestion, ...]:
        """At most `limit` published questions in scope, those that begin so first, the most asked first."""
        self.refresh()
        wanted = normalise(typed[:_MOST_TYPED])
        found: dict[int, Suggestion] = {}
        if not wanted:
            return ()
        for entry, number in self._phrasings.matching(wanted):
            if entry.id not in found and scope.admits(entry.text):
                found[entry.id] = Suggestion(
                    entry.id, entry.external_id, entry.text.question, entry.text.phrasings()[number]
                )
                if len(found) == limit:
                    break
        return tuple(found.values())

    def refresh(self) -> None:
        """Take in what was published since; whoever comes while that is under way is served from the list before."""
        wanted = (self._today(), self._index.sequence)
        if self._level == wanted:
            return
        if not self._refreshing.acquire(blocking=self._level is None):
            return
        try:
            if self._level != wanted:
                self._take_in(wanted)
        finally:
            self._refreshing.release()

    def _take_in(self, wanted: tuple[date, int]) -> None:
        today, _ = wanted
        with self._store.reading() as records:
            sequence = records.publications.seq()
            if self._level is None or self._level[0] != today:
                self._listed = {entry.id: _list(entry) for entry in records.publications.all_current(today)}
            else:
                changed = records.publications.changed_since(self._level[1])
                current = records.publications.current(changed, today)
                for entry_id in changed:
                    self._listed.pop(entry_id, None)
                self._listed |= {entry.id: _list(entry) for entry in current.values()}
            popular = [entry_id for entry_id, _ in records.questions.popular(POPULAR)]
        ahead = [self._listed[entry_id] for entry_id in popular if entry_id in self._listed]
        leading = {item.entry.id for item in ahead}
        rest = (item for entry_id, item in self._listed.items() if entry_id not in leading)
        self._phrasings = _Phrasings(chain(ahead, rest))
        self._level = (today, min(sequence, wanted[1]))


def _list(entry: PublishedEntry) -> _Listed:
    return _Listed(entry, tuple(normalise(phrasing) for phrasing in entry.text.phrasings()))
