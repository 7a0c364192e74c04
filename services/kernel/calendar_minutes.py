"""Counting in working time: instants in, instants out, pauses left out; elapsed time is absolute."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from services.kernel.calendar_days import (
    DAYS_MAX,
    YEARS_MAX,
    Calendar,
    add_days,
    is_working_day,
    local_day,
    pieces_on,
    utc,
)
from services.kernel.calendar_windows import Piece
from services.kernel.calendar_years import CalendarError

_PAUSES_MAX = 1000


def add_minutes(
    calendar: Calendar, start: datetime, amount: float, pauses: Sequence[Piece] = ()
) -> datetime:
    """The first instant by which `amount` minutes of working time have passed (so: at closing time).

    Negative goes back, to the last such instant (at opening time). Zero is `start` itself.
    """
    left = minutes(abs(amount))
    instant, forward = utc(start), amount > 0
    if not left:
        return instant
    stopped = merged(pauses)
    for opens, closes in _pieces_from(calendar, instant, forward):
        piece = (max(opens, instant), closes) if forward else (opens, min(closes, instant))
        free = without(piece, stopped)
        for low, high in free if forward else reversed(free):
            if high - low >= left:
                return low + left if forward else high - left
            left -= high - low
    raise CalendarError(f"{amount} minutes from {start} is beyond {YEARS_MAX} years")


def minutes_between(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Piece] = ()
) -> float:
    """Working minutes from `start` to `end` less `pauses`; 0 where `end` is not later."""
    low_day, high_day = local_day(calendar, start), local_day(calendar, end)
    if (high_day - low_day).days > DAYS_MAX:
        raise CalendarError(f"{start} to {end} is beyond {YEARS_MAX} years")
    stopped, total = merged(pauses), timedelta()
    for ordinal in range(low_day.toordinal(), high_day.toordinal() + 1):
        for opens, closes in pieces_on(calendar, date.fromordinal(ordinal)):
            piece = max(opens, start), min(closes, end)
            for low, high in without(piece, stopped):
                total += high - low
    return total / timedelta(minutes=1)


def minutes(amount: float) -> timedelta:
    try:
        return timedelta(seconds=round(amount * 60, 6))
    except (OverflowError, ValueError) as error:
        raise CalendarError(f"not an amount of minutes: {amount}") from error


def merged(pauses: Iterable[Piece]) -> list[Piece]:
    """Pauses in UTC, in order and apart; one that ends before it begins is refused."""
    apart: list[Piece] = []
    for low, high in sorted((utc(begins), utc(ends)) for begins, ends in pauses):
        if high < low:
            raise CalendarError(f"a pause ends before it begins: {low} {high}")
        if apart and low <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(high, apart[-1][1])
        else:
            apart.append((low, high))
    if len(apart) > _PAUSES_MAX:
        raise CalendarError(f"more than {_PAUSES_MAX} pauses")
    return apart


def without(piece: Piece, stopped: Sequence[Piece]) -> list[Piece]:
    """What the (merged) pauses leave of `piece`, in order."""
    low, high = piece
    left: list[Piece] = []
    for begins, ends in stopped:
        if low < begins < high:
            left.append((low, begins))
        if begins < high and ends > low:
            low = ends
    return [*left, (low, high)] if low < high else left


def _pieces_from(calendar: Calendar, start: datetime, forward: bool) -> Iterator[Piece]:
    """Opening hours in order from the day of `start` on (backwards: in reverse)."""
    day, step = local_day(calendar, start), 1 if forward else -1
    if not is_working_day(calendar, day):
        day = add_days(calendar, day, step)
    for _ in range(DAYS_MAX):
        pieces = pieces_on(calendar, day)
        yield from pieces if forward else reversed(pieces)
        day = add_days(calendar, day, step)
