"""Deadlines in working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.working_days import WorkingCalendar

# The Spring Festival of 2026: closed from Sunday 15 to Monday 23 February, open on Saturdays 14 and 28.
SPRING_FESTIVAL = WorkingCalendar(
    {date(2026, 2, day): False for day in range(15, 24)} | {date(2026, 2, 14): True, date(2026, 2, 28): True}
)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
calendars = st.builds(WorkingCalendar, st.dictionaries(days, st.booleans(), max_size=40))


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 2), 5, date(2026, 3, 9)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 18), 5, date(2026, 2, 28)),
    ],
)
def test_deadlines_step_over_weekends_and_holidays(day: date, count: int, due: date) -> None:
    assert SPRING_FESTIVAL.after(day, count) == due


def test_without_a_calendar_the_week_decides() -> None:
    week = [date(2026, 3, 2) + timedelta(days=day) for day in range(7)]
    assert [WorkingCalendar().is_working(day) for day in week] == [True] * 5 + [False] * 2


@given(calendars, days, st.integers(1, 60))
def test_a_deadline_is_worked_and_leaves_exactly_that_many_working_days(
    calendar: WorkingCalendar, day: date, count: int
) -> None:
    due = calendar.after(day, count)
    between = [day + timedelta(days=step) for step in range(1, (due - day).days + 1)]
    assert calendar.is_working(due)
    assert sum(map(calendar.is_working, between)) == count
