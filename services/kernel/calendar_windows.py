"""Opening hours of a weekday as written, and of one dated day as instants (exact across clock changes)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.kernel.calendar_years import CalendarError

Window = tuple[timedelta, timedelta]
Week = tuple[tuple[Window, ...], ...]
Piece = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# Offsets lie between -12 h and +14 h, so every instant of a local day is within these of its date.
_BEFORE, _AFTER = timedelta(hours=15), timedelta(hours=37)


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError, AttributeError) as error:
        raise CalendarError(f"unknown time zone {name!r}") from error


def week_of(windows: Mapping[str, Sequence[Sequence[str]]]) -> Week:
    """`{"0": [["08:30", "12:00"], …]}`, 0 = Monday, "24:00" = end of day; overlapping ones are joined."""
    stray = set(windows) - set("0123456")
    if stray:
        raise CalendarError(f"no weekday: {sorted(stray)}")
    return tuple(_joined(_window(pair) for pair in windows.get(str(n), ())) for n in range(7))


def pieces_of(zone: ZoneInfo, day: date, windows: tuple[Window, ...]) -> list[Piece]:
    """The instants (UTC) whose local date is `day` and local time in `windows`, in order.

    An hour the clock skips is not there; an hour it repeats counts twice: elapsed time is absolute.
    """
    midnight = datetime.combine(day, time(), UTC)  # local wall time, written as if it were UTC
    spans = _spans(zone, midnight - _BEFORE, midnight + _AFTER)
    pieces = [
        (max(low, midnight + opens - offset), min(high, midnight + closes - offset))
        for low, high, offset in spans
        for opens, closes in windows
    ]
    return [piece for piece in pieces if piece[0] < piece[1]]


def _spans(
    zone: ZoneInfo, low: datetime, high: datetime
) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Stretches of one offset; two days hold one clock change at most."""
    before, after = _offset(zone, low), _offset(zone, high)
    if before == after:
        return ((low, high, before),)
    left, right = low, high
    while right - left > _SECOND:  # halves 52 hours: 18 turns
        middle = left + (right - left) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == before:
            left = middle
        else:
            right = middle
    return ((low, right, before), (right, high, after))


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _window(pair: Sequence[str]) -> Window:
    if len(pair) != 2:
        raise CalendarError(f"a window is [opens, closes]: {pair!r}")
    opens, closes = _clock(pair[0]), _clock(pair[1])
    if opens >= closes:
        raise CalendarError(f"a window closes after it opens, on one day: {pair!r}")
    return opens, closes


def _clock(text: str) -> timedelta:
    if text in ("24:00", "24:00:00"):
        return _DAY
    try:
        at = time.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise CalendarError(f"not a time of day: {text!r}") from error
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def _joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    joined: list[Window] = []
    for opens, closes in sorted(windows):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(closes, joined[-1][1])
        else:
            joined.append((opens, closes))
    return tuple(joined)
