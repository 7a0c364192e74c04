"""What one calendar makes of days otherwise than another: working day or not. Pure; reasons in Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.kernel.calendar_days import Calendar, is_working_day
from services.kernel.calendar_zh import day_zh, stretch_zh


@dataclass(frozen=True, slots=True)
class DayChange:
    """`before`, `after`: what the day is, in words (工作日, 国庆节放假 …); `works`: whether it is worked now."""

    day: date
    before: str
    after: str
    works: bool


def changed_days(old: Calendar, new: Calendar, first: date, last: date) -> tuple[DayChange, ...]:
    """Days of first..last, both included, that became working days or ceased to be."""
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return tuple(
        DayChange(day, day_zh(old, day), day_zh(new, day), is_working_day(new, day))
        for day in days
        if is_working_day(old, day) != is_working_day(new, day)
    )


def changes_zh(changes: Sequence[DayChange]) -> list[str]:
    """A line a stretch of days that changed alike."""
    stretches: list[list[DayChange]] = [[one] for one in changes[:1]]
    for before, one in pairwise(changes):
        if _alike(before, one):
            stretches[-1].append(one)
        else:
            stretches.append([one])
    return [
        f"{stretch_zh(held[0].day, held[-1].day)}由{held[0].before}改为{held[0].after}"
        for held in stretches
    ]


def _alike(one: DayChange, other: DayChange) -> bool:
    near = (other.day - one.day).days == 1
    return near and (one.before, one.after) == (other.before, other.after)
