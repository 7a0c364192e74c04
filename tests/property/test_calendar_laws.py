"""Laws any calendar keeps: counting back undoes counting on, nothing ends on a rest day, more is later."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.kernel.calendar import (
    Calendar,
    add_calendar_days,
    add_days,
    add_minutes,
    add_months,
    calendar_of,
    closing_of,
    is_working_day,
    local_day,
    minutes_between,
    working_days_between,
)

YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}


def cn(**changes: object) -> Calendar:
    return calendar_of(YEARS, **({"timezone": "Asia/Shanghai", "windows": OFFICE} | changes))


ALWAYS = {str(day): [["00:00", "24:00"]] for day in range(7)}
CALENDARS = [
    cn(),
    cn(region="42"),
    cn(timezone="Europe/Berlin"),
    cn(timezone="America/Havana", windows=ALWAYS),
    cn(timezone="Australia/Lord_Howe", windows=ALWAYS),
]
calendars = st.sampled_from(CALENDARS)
days = st.dates(date(2015, 1, 1), date(2027, 12, 31))
first = datetime(2015, 1, 1, tzinfo=UTC)
instants = st.integers(0, 12 * 365 * 86_400).map(lambda s: first + timedelta(seconds=s))
amounts = st.integers(1, 300)
pause = st.tuples(instants, st.integers(0, 10_000)).map(
    lambda pair: (pair[0], pair[0] + timedelta(minutes=pair[1]))
)


@given(calendars, days, amounts)
def test_day_by_day_says_the_same(calendar, day, amount):
    end, left = day, amount
    while left:
        end += timedelta(days=1)
        left -= is_working_day(calendar, end)
    assert add_days(calendar, day, amount) == end
    assert working_days_between(calendar, day, end) == amount


@given(calendars, days, amounts, amounts)
def test_days_add_up_and_come_back(calendar, day, first, second):
    end = add_days(calendar, day, first)
    assert add_days(calendar, end, second) == add_days(calendar, day, first + second)
    if is_working_day(calendar, day):
        assert add_days(calendar, end, -first) == day


@given(calendars, days, amounts)
def test_no_period_ends_on_a_rest_day(calendar, day, amount):
    for end in (
        add_days(calendar, day, amount),
        add_calendar_days(calendar, day, amount),
        add_months(calendar, day, amount % 40),
    ):
        assert is_working_day(calendar, end)
        assert local_day(calendar, closing_of(calendar, end) - timedelta(seconds=1)) == end


@settings(deadline=None)
@given(calendars, instants, st.integers(1, 6000), st.lists(pause, max_size=3))
def test_what_was_added_is_what_lies_between(calendar, start, amount, pauses):
    end = add_minutes(calendar, start, amount, pauses)
    assert minutes_between(calendar, start, end, pauses) == amount
    back = add_minutes(calendar, end, -amount, pauses)
    assert back >= start
    assert minutes_between(calendar, start, back, pauses) == 0


@settings(deadline=None)
@given(calendars, instants, st.integers(1, 3000), st.integers(1, 3000))
def test_minutes_add_up(calendar, start, first, second):
    once = add_minutes(calendar, start, first + second)
    assert add_minutes(calendar, add_minutes(calendar, start, first), second) == once


@settings(deadline=None)
@given(calendars, instants, st.integers(1, 3000), pause)
def test_a_pause_never_brings_an_end_nearer(calendar, start, amount, stop):
    assert add_minutes(calendar, start, amount, [stop]) >= add_minutes(calendar, start, amount)


@given(days, days)
def test_what_was_known_earlier_knows_no_later_year(day, known_on):
    assume(known_on.year >= 2016)
    then = cn(known_on=known_on)
    assert then.published_until <= CALENDARS[0].published_until
    assert then.published_until.year >= known_on.year or known_on.year > 2026
    if day.year < known_on.year <= 2026:
        assert is_working_day(then, day) == is_working_day(CALENDARS[0], day)
