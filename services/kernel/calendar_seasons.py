"""作息时间 that changes with the season, from a date on, and by office. 工作日 stay those of the State Council."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.kernel.calendar_windows import Week, week_of
from services.kernel.calendar_years import CalendarError

Windows = Mapping[str, Sequence[Sequence[str]]]
MonthDay = tuple[int, int]
_KEYS = {"name", "from", "to", "since", "until", "windows"}
_LEAP_YEAR = 2000  # in which every day of a year exists


@dataclass(frozen=True, slots=True)
class Season:
    """Opening hours from `since` to `until`, there every year from `first` to `last`; all four included."""

    name: str
    week: Week
    first: MonthDay
    last: MonthDay
    since: date
    until: date

    def covers(self, day: date) -> bool:
        """A season may pass over new year: 11-01 to 02-28."""
        if not self.since <= day <= self.until:
            return False
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


def seasons_of(entries: Sequence[Mapping[str, Any]], base: Week) -> tuple[Season, ...]:
    """From `[[seasons]]` of policies/office.toml; of two that cover a day the later one in the file holds."""
    return tuple(_season(entry, base) for entry in entries)


def hours_of(office: Mapping[str, Any], *names: str) -> tuple[Windows, Sequence[Mapping[str, Any]]]:
    """`windows` and `seasons` of the first of `names` (unit code or post) with hours of its own, else the common ones.

    Own windows come with their own seasons or none; an office that gives seasons alone keeps the common windows.
    """
    common, offices = office["windows"], office.get("offices", {})
    own: Mapping[str, Any] = next((offices[name] for name in names if name in offices), {})
    stray = set(own) - {"windows", "seasons"}
    if stray:
        raise CalendarError(f"an office has windows and seasons, not {sorted(stray)}")
    if "windows" not in own:
        return common, own.get("seasons", office.get("seasons", ()))
    _same_days(week_of(own["windows"]), week_of(common), f"the hours of {'/'.join(names)}")
    return own["windows"], own.get("seasons", ())


def _season(entry: Mapping[str, Any], base: Week) -> Season:
    name = str(entry.get("name", ""))
    stray = set(entry) - _KEYS
    if stray or not name or "windows" not in entry:
        raise CalendarError(f"a season has name, windows, from, to, since, until: {dict(entry)!r}")
    season = Season(
        name=name,
        week=week_of(entry["windows"]),
        first=_month_day(entry.get("from", "01-01")),
        last=_month_day(entry.get("to", "12-31")),
        since=_date(entry.get("since", date.min)),
        until=_date(entry.get("until", date.max)),
    )
    if season.since > season.until:
        raise CalendarError(f"season {name}: it ends before it begins")
    _same_days(season.week, base, f"season {name}")
    return season


def _same_days(week: Week, base: Week, what: str) -> None:
    """Else a legal deadline in working days would depend on an office's hours."""
    other = [number for number in range(7) if bool(week[number]) != bool(base[number])]
    if other:
        raise CalendarError(f"{what}: open on other weekdays than the common windows: {other}")


def _month_day(text: object) -> MonthDay:
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError as error:
        raise CalendarError(f"not a day of the year, MM-DD: {text!r}") from error
    return day.month, day.day


def _date(value: object) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise CalendarError(f"not a date, YYYY-MM-DD: {value!r}") from error
