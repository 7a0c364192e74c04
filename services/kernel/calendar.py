"""Working time 工作时间: State Council days off and make-up days, opening hours, any time zone. Pure.

Days are `date`, instants are aware `datetime` (UTC out), amounts of working time are minutes.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from services.kernel.calendar_days import (
    DAYS_MAX,
    YEARS_MAX,
    Calendar,
    add_calendar_days,
    add_days,
    add_months,
    closing_of,
    is_working_day,
    local_day,
    months_later,
    pieces_on,
    roll_back,
    roll_forward,
    season_on,
    shifted,
    utc,
    windows_of,
    working_days_between,
)
from services.kernel.calendar_minutes import add_minutes, merged, minutes_between, without
from services.kernel.calendar_seasons import Season, hours_of, seasons_of
from services.kernel.calendar_windows import Piece, week_of, zone_of
from services.kernel.calendar_years import CalendarError, Year, Years, years_of

__all__ = [
    "DAYS_MAX",
    "YEARS_MAX",
    "Calendar",
    "CalendarError",
    "Piece",
    "Season",
    "add_calendar_days",
    "add_days",
    "add_minutes",
    "add_months",
    "calendar_of",
    "closing_of",
    "hours_of",
    "is_working_day",
    "local_day",
    "merged",
    "minutes_between",
    "months_later",
    "pieces_on",
    "roll_back",
    "roll_forward",
    "season_on",
    "shifted",
    "utc",
    "windows_of",
    "without",
    "working_days_between",
]


def calendar_of(
    years: Sequence[Year],
    *,
    timezone: str,
    windows: Mapping[str, Sequence[Sequence[str]]],
    seasons: Sequence[Mapping[str, Any]] = (),
    region: str | None = None,
    known_on: date | None = None,
) -> Calendar:
    """From parsed calendar files (policies/calendars). `region`: district or province code, '42…' = Hubei.

    `known_on`: the calendar as anybody could know it that day; None = everything in the files.
    `windows`, `seasons`: opening hours as in policies/office.toml.
    """
    zone, week = zone_of(timezone), week_of(windows)
    changing = seasons_of(seasons, week)
    known = years_of(years, region, known_on)
    return Calendar(
        version=_version(known, f"{timezone}{week}{changing or ''}", known_on),
        timezone=timezone,
        week=week,
        days_off=MappingProxyType(known.off),
        makeup=MappingProxyType(known.makeup),
        published_from=known.published_from,
        published_until=known.published_until,
        zone=zone,
        seasons=changing,
    )


def _version(known: Years, hours: str, known_on: date | None) -> str:
    """`2015-2026/all/3f2a…`: published years, the day of knowledge, a hash of what decides.

    Not of the festivals' names: of a day an amendment took away nobody states the name any more.
    """
    data = (sorted(known.off), sorted(known.makeup), known.published_from, hours)
    digest = sha256(repr((data, known.published_until)).encode()).hexdigest()[:12]
    if known.published_until == date.min:
        return f"weekly/{digest}"
    span = f"{known.published_from.year}-{known.published_until.year}"
    return f"{span}/{known_on or 'all'}/{digest}"
