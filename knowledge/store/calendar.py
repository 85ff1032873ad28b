"""Working days that differ from Monday to Friday, as the office enters them."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from knowledge.store.audit import Audit
from knowledge.store.schema import calendar
from knowledge.store.transaction import Collection, Transaction, writes


class Calendar(Collection):
    """The days that were set; every other day follows the week or the built-in calendar."""

    def __init__(self, transaction: Transaction, audit: Audit) -> None:
        super().__init__(transaction)
        self._audit = audit

    def days(self) -> dict[date, bool]:
        """Each day that was set → whether it is worked."""
        ordered = select(calendar.c.day, calendar.c.working).order_by(calendar.c.day)
        return {row.day: row.working for row in self._tx.rows(ordered)}

    @writes
    def set_day(self, day: date, working: bool, note: str = "") -> None:
        """Set one day."""
        self.set_days({day: working}, note)

    @writes
    def set_days(self, days: Mapping[date, bool], note: str = "") -> None:
        """Set several days at once; each has its own audit line."""
        for day, working in sorted(days.items()):
            self._tx.upsert(calendar, {"day": day, "working": working, "note": note})
        lines = [
            ("day", day.isoformat(), f"{'工作日' if working else '休息日'} {note}")
            for day, working in sorted(days.items())
        ]
        self._audit.add_many("calendar.set", lines)
