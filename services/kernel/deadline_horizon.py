"""Until when a clock's end is certain: the published calendar's last day, seen from each limit."""

from bisect import bisect_left
from datetime import date, datetime, time

from services.kernel.calendar import Calendar
from services.kernel.deadline_due import deadline_of
from services.kernel.deadline_rule import ClockRule


def last_certain_start(rule: ClockRule, calendar: Calendar) -> date | None:
    """The latest day that may start the clock without its end being provisional 暂定; None = there is no such day.

    Found by halves: who begins later ends no sooner.
    """
    days = range(calendar.published_from.toordinal(), calendar.published_until.toordinal() + 1)
    place = bisect_left(days, True, key=lambda ordinal: _provisional(rule, calendar, ordinal))
    return date.fromordinal(days[place - 1]) if place else None


def _provisional(rule: ClockRule, calendar: Calendar, ordinal: int) -> bool:
    late = datetime.combine(date.fromordinal(ordinal), time(23, 59, 59), calendar.zone)
    return deadline_of(rule, late, calendar).provisional
