"""The facets of every indexed entry as columns, and the mask of those in a scope.

The mask is the one truth about scope for words and for vectors alike. Rows are only ever appended; an entry that
changes gets a new row and its old one dies, so a mask computed before a change is merely shorter.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from indexer.scope import Scope
from knowledge.entry import Channel, InsuredGroup, PublishedEntry
from knowledge.policy import Disclosure
from knowledge.region import level, lineage

Mask = NDArray[np.bool_]

_GROUPS = {InsuredGroup.BOTH: 0, InsuredGroup.EMPLOYEE: 1, InsuredGroup.RESIDENT: 2}
_CHANNEL_BITS = {Channel.HOTLINE: 1, Channel.WEBSITE: 2, Channel.API: 4}
_ALL_CHANNELS = 7
_FOREVER = 4_000_000  # an ordinal day beyond the year 9999
_COLUMNS = (
    "entry",
    "revision",
    "region",
    "group",
    "audience",
    "channels",
    "since",
    "until",
    "public",
    "alive",
)
_GROWTH = 1024
_MASKS = 512
"""How many scopes are remembered: every city of the country and some more."""


class FacetTable:
    """Columns of shape (rows,), one row an indexed entry."""

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[np.int64]] = {
            name: np.zeros(_GROWTH, dtype=np.int64) for name in _COLUMNS
        }
        self._size = 0
        self._row_of: dict[int, int] = {}
        self._regions: dict[str, int] = {}
        self._levels: list[int] = []
        self._audiences: dict[str, int] = {"": 0}
        self._version = 0
        self._masks: dict[Scope, tuple[int, Mask]] = {}

    def __len__(self) -> int:
        """How many entries are alive."""
        return len(self._row_of)

    @property
    def rows(self) -> int:
        """How many rows there are, dead ones included."""
        return self._size

    def add(self, entry: PublishedEntry) -> int:
        """Append a row for the entry, retiring the row it had; returns the new row."""
        self.remove(entry.id)
        if self._size == len(self._columns["entry"]):
            for name, column in self._columns.items():
                self._columns[name] = np.concatenate([column, np.zeros(max(_GROWTH, len(column)), np.int64)])
        row, text = self._size, entry.text
        channels = sum(_CHANNEL_BITS[channel] for channel in text.channels) or _ALL_CHANNELS
        values = (
            entry.id,
            entry.revision,
            self._region(text.region),
            _GROUPS[text.insured_group],
            self._audiences.setdefault(text.audience, len(self._audiences)),
            channels,
            text.effective_from.toordinal() if text.effective_from else 0,
            text.effective_until.toordinal() if text.effective_until else _FOREVER,
            text.disclosure is Disclosure.ON_INITIATIVE,
            True,
        )
        for name, value in zip(_COLUMNS, values, strict=True):
            self._columns[name][row] = value
        self._size += 1
        self._row_of[entry.id] = row
        self._changed()
        return row

    def remove(self, entry_id: int) -> None:
        """Retire the entry's row, if it has one."""
        row = self._row_of.pop(entry_id, None)
        if row is not None:
            self._columns["alive"][row] = 0
            self._changed()

    def row(self, entry_id: int) -> int | None:
        """The living row of the entry."""
        return self._row_of.get(entry_id)

    def entry_ids(self) -> NDArray[np.int64]:
        """The entry of each row, shape (rows,)."""
        return self._columns["entry"][: self._size]

    def revisions(self) -> dict[int, int]:
        """Entry → revision of all that are alive."""
        return {entry: int(self._columns["revision"][row]) for entry, row in self._row_of.items()}

    def nearness(self, row: int) -> int:
        """0 for a national entry, 1 for a provincial, 2 for a municipal one."""
        return self._levels[int(self._columns["region"][row])]

    def mask(self, scope: Scope) -> Mask:
        """Which rows are in scope, shape (rows,). The answer may be shared: do not write to it."""
        version, cached = self._masks.get(scope, (-1, None))
        if cached is not None and version == self._version:
            return cached
        mask = self._compute(scope)
        self._masks.pop(scope, None)
        while len(self._masks) >= _MASKS:
            self._masks.pop(next(iter(self._masks)))
        self._masks[scope] = (self._version, mask)
        return mask

    def _compute(self, scope: Scope) -> Mask:
        column = {name: values[: self._size] for name, values in self._columns.items()}
        today = scope.on.toordinal()
        mask = (column["alive"] == 1) & (column["since"] <= today) & (today <= column["until"])
        if scope.region is not None:
            applies = np.zeros(len(self._regions), np.bool_)
            applies[[self._regions[code] for code in lineage(scope.region) if code in self._regions]] = True
            mask &= applies.take(column["region"])
        if scope.insured_group:
            group = _GROUPS[InsuredGroup(scope.insured_group)]
            mask &= (column["group"] == 0) | (column["group"] == group)
        if scope.audience:
            audience = self._audiences.get(scope.audience, -1)
            mask &= (column["audience"] == 0) | (column["audience"] == audience)
        if scope.channel is not None:
            mask &= (column["channels"] & _CHANNEL_BITS[scope.channel]) > 0
        if scope.channel is Channel.WEBSITE:
            mask &= column["public"] == 1
        return cast(Mask, mask)

    def restricts_region(self, scope: Scope) -> tuple[str, ...] | None:
        """The regions in scope when they leave some out, else None."""
        if scope.region is None:
            return None
        allowed = tuple(code for code in lineage(scope.region) if code in self._regions)
        return None if len(allowed) == len(self._regions) else allowed

    def _region(self, code: str) -> int:
        """The number of the region, given out when it is first met."""
        if code not in self._regions:
            self._regions[code] = len(self._regions)
            self._levels.append(level(code))
        return self._regions[code]

    def _changed(self) -> None:
        self._version += 1

    def save(self, path: Path) -> None:
        """Write the living and dead rows to an .npz file."""
        columns: dict[str, Any] = {name: column[: self._size] for name, column in self._columns.items()}
        columns["regions"] = np.array(list(self._regions), dtype=str)
        columns["audiences"] = np.array(list(self._audiences), dtype=str)
        np.savez(path, **columns)

    @classmethod
    def load(cls, path: Path) -> "FacetTable":
        """Read what `save` wrote."""
        table = cls()
        with np.load(path, allow_pickle=False) as saved:
            table._columns = {name: saved[name].astype(np.int64) for name in _COLUMNS}
            table._regions = {str(code): place for place, code in enumerate(saved["regions"])}
            table._levels = [level(code) for code in table._regions]
            table._audiences = {str(name): place for place, name in enumerate(saved["audiences"])}
        table._size = len(table._columns["entry"])
        alive = np.flatnonzero(table._columns["alive"])
        table._row_of = {int(table._columns["entry"][row]): int(row) for row in alive}
        return table

    @classmethod
    def of(cls, entries: Iterable[PublishedEntry]) -> "FacetTable":
        """A table of these entries, in their order."""
        table = cls()
        for entry in entries:
            table.add(entry)
        return table
