"""Deadlines are counted in working days (工作日), which the State Council moves around every year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The one time zone of the offices, whatever the machine's own is."""


def china_date(moment: datetime) -> date:
    """The date in China at an aware moment."""
    return moment.astimezone(CHINA).date()


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked. `days` holds what differs from Monday to Friday; other days follow the week."""

    days: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        return self.days.get(day, day.weekday() < 5)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself does not count."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day
