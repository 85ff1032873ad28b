"""Published texts that were read from the record and are still true.

Whatever changes what an entry serves is numbered in the publication stream, in the same transaction. So while the
stream has not moved since a text was read, the text is what reading it again would give, in this process or another.
"""

import threading
from collections.abc import Iterable
from datetime import date

from knowledge.entry import PublishedEntry
from knowledge.store import Records

_MOST = 2_000
"""Entries that are kept; about 5 KB each."""


class CheckedEntries:
    """The texts last served, and that some entries serve none. One instance a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level: tuple[int, date] = (-1, date.min)
        self._kept: dict[int, PublishedEntry | None] = {}

    def current(
        self, records: Records, ids: Iterable[int], on: date
    ) -> tuple[int, dict[int, PublishedEntry]]:
        """The publication sequence in this transaction, and `records.publications.current` at that."""
        wanted, level = list(ids), (records.publications.seq(), on)
        known = self._known(level)
        missing = [entry_id for entry_id in wanted if entry_id not in known]
        if missing:
            read = records.publications.current(missing, on)
            known = known | {entry_id: read.get(entry_id) for entry_id in missing}
            self._keep(level, known)
        found = ((entry_id, known[entry_id]) for entry_id in wanted)
        return level[0], {entry_id: entry for entry_id, entry in found if entry is not None}

    def _known(self, level: tuple[int, date]) -> dict[int, PublishedEntry | None]:
        with self._lock:
            if self._level < level:
                self._level, self._kept = level, {}
            # A transaction that began before the last change sees the record as it was, and reads it itself.
            return self._kept if self._level == level else {}

    def _keep(self, level: tuple[int, date], known: dict[int, PublishedEntry | None]) -> None:
        with self._lock:
            if self._level == level:
                self._kept = known if len(known) <= _MOST else {}
