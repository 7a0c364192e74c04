"""A year on the screen: twelve months, days off 休 and make-up days 班 marked."""

from calendar import Calendar as Weeks
from collections.abc import Iterable
from datetime import date

from rich.columns import Columns
from rich.table import Table

from services.kernel.calendar import Calendar, is_working_day

_WEEKDAYS = "一二三四五六日"


def grid(calendar: Calendar, year: int) -> Columns:
    """As many months abreast as the screen is wide."""
    return Columns([_month(calendar, year, month) for month in range(1, 13)], padding=(1, 2))


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in order as first and last of each unbroken run."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and (day - runs[-1][1]).days == 1:
            runs[-1] = runs[-1][0], day
        else:
            runs.append((day, day))
    return runs


def _month(calendar: Calendar, year: int, month: int) -> Table:
    table = Table(*_WEEKDAYS, title=f"{month}月", box=None, padding=(0, 1, 0, 0))
    for week in Weeks().monthdatescalendar(year, month):
        table.add_row(*(_cell(calendar, day) if day.month == month else "" for day in week))
    return table


def _cell(calendar: Calendar, day: date) -> str:
    """A mark, not only a colour: the page may be printed."""
    ordinal = day.toordinal()
    if ordinal in calendar.makeup and is_working_day(calendar, day):
        return f"[bold green]{day.day:2}班[/]"
    if ordinal in calendar.days_off:
        return f"[red]{day.day:2}休[/]"
    return f"{day.day:2}  " if is_working_day(calendar, day) else f"[dim]{day.day:2}  [/]"
