"""The calendar as a value, and counting in days. 期间: Civil Code 民法典 §200-204, State Council days off."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.kernel.calendar_seasons import Season
from services.kernel.calendar_windows import Piece, Week, Window, pieces_of
from services.kernel.calendar_years import CalendarError

YEARS_MAX = 50
DAYS_MAX = YEARS_MAX * 366
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Working time of one place as known on one day; equal when `version` (a hash of the data) is.

    `days_off`, `makeup`: ordinal → festival. Days outside published_from..published_until are 暂定.
    """

    version: str
    timezone: str
    week: Week
    days_off: Mapping[int, str]
    makeup: Mapping[int, str]
    published_from: date
    published_until: date
    zone: ZoneInfo
    seasons: tuple[Season, ...] = ()
    # Memo of what the fields above imply: year → ordinals of its working days; bounded by the years.
    tables: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False)
    # And ordinal → its opening hours as instants; at most DAYS_MAX of them.
    pieces: dict[int, tuple[Piece, ...]] = field(default_factory=dict, init=False, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)


def windows_of(calendar: Calendar, day: date) -> tuple[Window, ...]:
    """Opening hours of `day`, as time of day; a make-up day 调休上班 has Monday's."""
    ordinal = day.toordinal()
    if ordinal in calendar.makeup:
        return _week(calendar, day)[0]
    return () if ordinal in calendar.days_off else _week(calendar, day)[day.weekday()]


def season_on(calendar: Calendar, day: date) -> Season | None:
    """作息时间 of its own in force on `day`; None = the common hours."""
    for season in reversed(calendar.seasons):
        if season.covers(day):
            return season
    return None


def is_working_day(calendar: Calendar, day: date) -> bool:
    return bool(windows_of(calendar, day))


def pieces_on(calendar: Calendar, day: date) -> tuple[Piece, ...]:
    """Opening hours of `day` as instants (UTC)."""
    ordinal = day.toordinal()
    known = calendar.pieces.get(ordinal)
    if known is not None:
        return known
    if len(calendar.pieces) >= DAYS_MAX:
        calendar.pieces.clear()
    found = tuple(pieces_of(calendar.zone, day, windows_of(calendar, day)))
    calendar.pieces[ordinal] = found
    return found


def utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise CalendarError("an instant needs its time zone")
    return instant.astimezone(UTC)


def local_day(calendar: Calendar, instant: datetime) -> date:
    return utc(instant).astimezone(calendar.zone).date()


def closing_of(calendar: Calendar, day: date) -> datetime:
    """The instant (UTC) the last window of a working day ends: 停止业务活动的时间, Civil Code §203."""
    pieces = pieces_on(calendar, day)
    if not pieces:
        raise CalendarError(f"{day} has no opening hours")
    return pieces[-1][1]


def add_days(calendar: Calendar, day: date, amount: int) -> date:
    """The `amount`-th working day after `day`, which itself is not counted (§201); negative: before it."""
    if amount == 0:
        return day
    year, ordinal = day.year, day.toordinal()
    table = calendar.tables.get(year) or _table(calendar, year)
    if amount > 0:
        place, step = bisect_right(table, ordinal) + amount - 1, 1
    else:
        place, step = bisect_left(table, ordinal) + amount, -1
    while not 0 <= place < len(table):
        if abs(year + step - day.year) > YEARS_MAX:
            raise CalendarError(f"{amount} working days from {day} is beyond {YEARS_MAX} years")
        place -= len(table) if step > 0 else 0
        year += step
        table = calendar.tables.get(year) or _table(calendar, year)
        place += len(table) if step < 0 else 0
    return date.fromordinal(table[place])


def working_days_between(calendar: Calendar, start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; 0 where `end` is not later."""
    if end <= start:
        return 0
    if end.year - start.year > YEARS_MAX:
        raise CalendarError(f"{start} to {end} is beyond {YEARS_MAX} years")
    whole = sum(len(_table(calendar, year)) for year in range(start.year, end.year))
    passed = bisect_right(_table(calendar, start.year), start.toordinal())
    return whole - passed + bisect_right(_table(calendar, end.year), end.toordinal())


def add_calendar_days(calendar: Calendar, day: date, amount: int) -> date:
    """`day` not counted; a last day that is a rest day gives way to the next working day (§203)."""
    return roll_forward(calendar, shifted(day, amount))


def add_months(calendar: Calendar, day: date, amount: int) -> date:
    """The corresponding day, else the month's last (§202), then rolled forward; a year is 12 months."""
    return roll_forward(calendar, months_later(day, amount))


def months_later(day: date, amount: int) -> date:
    if abs(amount) > YEARS_MAX * 12:
        raise CalendarError(f"{amount} months is beyond {YEARS_MAX} years")
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    _in_bounds(year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shifted(day: date, amount: int) -> date:
    if abs(amount) > DAYS_MAX:
        raise CalendarError(f"{amount} days is beyond {YEARS_MAX} years")
    ordinal = day.toordinal() + amount
    later = date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))
    _in_bounds(later.year)
    return later


def roll_forward(calendar: Calendar, day: date) -> date:
    return day if is_working_day(calendar, day) else add_days(calendar, day, 1)


def roll_back(calendar: Calendar, day: date) -> date:
    return day if is_working_day(calendar, day) else add_days(calendar, day, -1)


def _week(calendar: Calendar, day: date) -> Week:
    season = season_on(calendar, day)
    return season.week if season else calendar.week


def _table(calendar: Calendar, year: int) -> tuple[int, ...]:
    known = calendar.tables.get(year)
    if known is not None:
        return known
    _in_bounds(year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = (first + _DAY * n for n in range((last - first).days + 1))
    table = tuple(day.toordinal() for day in days if is_working_day(calendar, day))
    calendar.tables[year] = table
    return table


def _in_bounds(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise CalendarError(f"the year {year} is outside {_FIRST_YEAR}..{_LAST_YEAR}")
