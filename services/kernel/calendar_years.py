"""Which days are off and which are made up, as known on a day; from parsed calendar files, one a year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Year = Mapping[str, Any]


class CalendarError(ValueError):
    """Data that is no calendar, or a count beyond the bounds."""


@dataclass(frozen=True, slots=True)
class Years:
    """Days off 放假 and make-up days 调休上班 by ordinal, with the festival; the span that is published."""

    off: Mapping[int, str]
    makeup: Mapping[int, str]
    published_from: date
    published_until: date


def years_of(years: Sequence[Year], region: str | None, known_on: date | None) -> Years:
    """A year not announced by `known_on` is as if it were not there; nothing published = empty span."""
    off: dict[int, str] = {}
    makeup: dict[int, str] = {}
    chosen = _chosen(years, known_on)
    for data in chosen:
        year_off, year_makeup = _named(data, "days_off"), _named(data, "makeup")
        _forget(data, known_on, year_off, year_makeup)
        _regional(data, region, known_on, year_off, year_makeup)
        off |= year_off
        makeup |= year_makeup
    published = [_year(data) for data in chosen if _is_published(data)]
    if published != list(range(published[0], published[0] + len(published)) if published else ()):
        raise CalendarError(f"published years are not consecutive: {published}")
    first = date(published[0], 1, 1) if published else date.max
    return Years(off, makeup, first, date(published[-1], 12, 31) if published else date.min)


def _chosen(years: Sequence[Year], known_on: date | None) -> list[Year]:
    """One file a year, in order: the published one once it is known, else the provisional (暂定) one."""
    chosen: dict[int, Year] = {}
    for data in sorted(years, key=_is_published):
        if not _is_published(data) or _is_known(data, known_on):
            chosen[_year(data)] = data
    return [chosen[year] for year in sorted(chosen)]


def _is_published(data: Year) -> bool:
    return bool(data.get("status", "published") == "published")


def _is_known(data: Year, known_on: date | None) -> bool:
    return known_on is None or _day(data.get("known_from", date.min)) <= known_on


def _forget(data: Year, known_on: date | None, off: dict[int, str], makeup: dict[int, str]) -> None:
    """Undo, newest first, the amendments nobody could know yet."""
    changes = sorted(data.get("amendments", ()), key=lambda c: _day(c["known_from"]), reverse=True)
    for change in changes:
        if _is_known(change, known_on):
            continue
        _drop(off, _days(change, "adds_days_off"))
        off |= dict.fromkeys(_days(change, "removes_days_off"), "放假")
        _drop(makeup, _days(change, "adds_makeup"))
        makeup |= dict.fromkeys(_days(change, "withdraws_makeup"), "调休")


def _regional(
    data: Year,
    region: str | None,
    known_on: date | None,
    off: dict[int, str],
    makeup: dict[int, str],
) -> None:
    """Province-wide additions; a district code starts with its province's (420704 with 42)."""
    for local in data.get("regional", ()):
        if region is None or not region.startswith(local["region"]):
            continue
        if _is_known(local, known_on):
            name = f"{local.get('region_name', '')}延长放假"
            off |= dict.fromkeys(_days(local, "adds_days_off"), name)
            _drop(makeup, _days(local, "withdraws_makeup"))


def _drop(table: dict[int, str], days: Iterable[int]) -> None:
    for day in days:
        table.pop(day, None)


def _named(data: Year, key: str) -> dict[int, str]:
    return {_day(day).toordinal(): str(name) for day, name in data.get(key, {}).items()}


def _days(data: Year, key: str) -> list[int]:
    return [_day(day).toordinal() for day in data.get(key, ())]


def _year(data: Year) -> int:
    year = data.get("year")
    if not isinstance(year, int):
        raise CalendarError(f"a calendar file without a year: {year!r}")
    return year


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise CalendarError(f"not a day: {value!r}") from error
