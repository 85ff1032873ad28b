"""Published texts that were read from the record and are still true.

Whatever changes what an entry serves is numbered in the publication stream, in the same transaction. So while the
stream has not moved since a text was read, the text is what reading it again would give, in this process or another.
"""

import threading
from collections.abc import Iterable
from datetime import date

from knowledge.entry import PublishedEntry
from knowledge.store import Store

Known = dict[int, PublishedEntry | None]
_MOST = 2_000
"""Entries that are kept; about 5 KB each."""


class CheckedEntries:
    """The texts last served, and that some entries serve none. One instance a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level: tuple[int, date] = (-1, date.min)
        self._kept: Known = {}

    def current(
        self, store: Store, sequence: int, ids: Iterable[int], on: date
    ) -> tuple[int, dict[int, PublishedEntry]]:
        """What `records.publications.current` gives, and the publication sequence at which it does: that given, which
        was read a moment before, or a later one where the record had to be read.
        """
        wanted, level = list(ids), (sequence, on)
        known = self._known(level)
        if any(entry_id not in known for entry_id in wanted):
            level, known = self._read(store, wanted, on)
        found = ((entry_id, known[entry_id]) for entry_id in wanted)
        return level[0], {entry_id: entry for entry_id, entry in found if entry is not None}

    def _read(self, store: Store, wanted: list[int], on: date) -> tuple[tuple[int, date], Known]:
        with store.reading() as records:
            level = (records.publications.seq(), on)
            known = self._known(level)
            missing = [entry_id for entry_id in wanted if entry_id not in known]
            read = records.publications.current(missing, on)
        known = known | {entry_id: read.get(entry_id) for entry_id in missing}
        self._keep(level, known)
        return level, known

    def _known(self, level: tuple[int, date]) -> Known:
        with self._lock:
            if self._level < level:
                self._level, self._kept = level, {}
            # A transaction that began before the last change sees the record as it was, and reads it itself.
            return self._kept if self._level == level else {}

    def _keep(self, level: tuple[int, date], known: Known) -> None:
        with self._lock:
            if self._level == level:
                self._kept = known if len(known) <= _MOST else {}
