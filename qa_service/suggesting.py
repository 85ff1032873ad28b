"""Typing ahead: published questions that begin with, or contain, what was typed so far, in characters or letters.

Each region's phrasings stand in a list of their own (`indexer/typing_ahead.py`), those of the most asked entries first:
an asker sees those of his city, its province and the nation.
"""

import bisect
import re
import threading
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from indexer.live import LiveIndex
from indexer.normalise import normalise
from indexer.scope import Scope
from indexer.typing_ahead import Lines, Seen, readings
from knowledge.entry import EntryText, PublishedEntry
from knowledge.region import lineage
from knowledge.store import Store

_LETTER = re.compile("[a-z]")
POPULAR = 5_000
_MOST_TYPED = 100


@dataclass(frozen=True)
class Suggestion:
    """A published question; `phrasing` is the wording that matched."""

    entry_id: int
    external_id: str
    question: str
    phrasing: str


@dataclass(frozen=True, slots=True)
class _Listed:
    """An entry as the list needs it; `admission` is its text without what was written in it, shared with others.

    (With slots, as there is one for every entry: 100,000 of them take 4 MB less.)
    """

    entry_id: int
    external_id: str
    phrasings: tuple[str, ...]
    admission: EntryText


class _Region:
    """The entries of one region, the most asked first."""

    def __init__(self, listed: Iterable[_Listed], seen: Seen) -> None:
        self._listed = tuple(listed)
        self._first = array("I")
        lines: list[str] = []
        for item in self._listed:
            self._first.append(len(lines))
            lines += [normalise(phrasing) for phrasing in item.phrasings]
        self._lines = Lines(lines, seen)

    def matching(
        self, typed: str, ways: Sequence[tuple[str, ...]], first: bool
    ) -> Iterator[tuple[_Listed, int]]:
        """Entries and the number of the phrasing that matches."""
        for line in self._lines.matching(typed, ways, first):
            place = bisect.bisect_right(self._first, line) - 1
            yield self._listed[place], line - self._first[place]


class Suggestions:
    """The published questions in memory, kept level with the index. One instance a process."""

    def __init__(self, store: Store, index: LiveIndex, today: Callable[[], date]) -> None:
        self._store = store
        self._index = index
        self._today = today
        self._listed: dict[int, _Listed] = {}
        self._admissions: dict[EntryText, EntryText] = {}
        self._popular: dict[int, int] = {}
        self._regions: dict[str, _Region] = {}
        self._seen = Seen()
        self._level: tuple[date, int] | None = None
        self._refreshing = threading.Lock()

    def suggest(self, typed: str, scope: Scope, limit: int) -> tuple[Suggestion, ...]:
        """At most `limit` published questions in scope, those that begin so first, the most asked first."""
        self.refresh()
        wanted = normalise(typed[:_MOST_TYPED])
        if not wanted:
            return ()
        ways = readings(wanted) if _LETTER.search(wanted) else ()
        found: dict[int, tuple[_Listed, int]] = {}
        # Nobody waits for more than begins with what was typed; the rest is looked for only when there is room.
        for first in (True, False):
            if len(found) < limit:
                found |= self._best(wanted, ways, first, scope, limit - len(found), found.keys())
        return tuple(
            Suggestion(item.entry_id, item.external_id, item.phrasings[0], item.phrasings[number])
            for item, number in found.values()
        )

    def _best(
        self,
        typed: str,
        ways: Sequence[tuple[str, ...]],
        first: bool,
        scope: Scope,
        limit: int,
        besides: Collection[int],
    ) -> dict[int, tuple[_Listed, int]]:
        """Up to `limit` entries that match, the most asked first, the nearest region before others."""
        regions = self._regions
        codes = list(regions) if scope.region is None else lineage(scope.region)
        found: dict[int, tuple[_Listed, int]] = {}
        for code in codes:
            before, region = len(found), regions.get(code)
            for item, number in region.matching(typed, ways, first) if region else ():
                if (
                    item.entry_id not in besides
                    and item.entry_id not in found
                    and scope.admits(item.admission)
                ):
                    found[item.entry_id] = (item, number)
                    if len(found) - before == limit:
                        break
            # From who knows where, the first regions that have enough will do: they are those most asked from.
            if scope.region is None and len(found) >= limit:
                break
        ranked = sorted(found, key=lambda entry_id: self._popular.get(entry_id, POPULAR))
        return {entry_id: found[entry_id] for entry_id in ranked[:limit]}

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
        listed, stale = dict(self._listed), set[str]()
        with self._store.reading() as records:
            sequence = records.publications.seq()
            if self._level is None or self._level[0] != today:
                listed = {entry.id: self._list(entry) for entry in records.publications.all_current(today)}
                stale.update(self._regions, (item.admission.region for item in listed.values()))
            else:
                changed = records.publications.changed_since(self._level[1])
                current = records.publications.current(changed, today)
                gone = [listed.pop(entry_id) for entry_id in changed if entry_id in listed]
                new = {entry.id: self._list(entry) for entry in current.values()}
                listed |= new
                stale.update(item.admission.region for item in (*gone, *new.values()))
            popular = records.questions.popular(POPULAR)
        self._popular = {entry_id: rank for rank, (entry_id, _) in enumerate(popular)}
        self._listed = listed
        self._regions = self._arranged(stale)
        self._level = (today, min(sequence, wanted[1]))

    def _arranged(self, stale: set[str]) -> dict[str, _Region]:
        """The regions with those that changed made anew, the nation first."""
        members: dict[str, list[_Listed]] = {code: [] for code in sorted(stale)}
        for item in self._listed.values():
            if item.admission.region in members:
                members[item.admission.region].append(item)
        made = {
            code: _Region(
                sorted(items, key=lambda item: self._popular.get(item.entry_id, POPULAR)), self._seen
            )
            for code, items in members.items()
            if items
        }
        kept = {code: region for code, region in self._regions.items() if code not in stale}
        return dict(sorted({**kept, **made}.items()))

    def _list(self, entry: PublishedEntry) -> _Listed:
        text = replace(
            entry.text, question="-", answer="-", department="-", variants=(), keywords=(), citations=()
        )
        admission = self._admissions.setdefault(text, text)
        return _Listed(entry.id, entry.external_id, entry.text.phrasings(), admission)
