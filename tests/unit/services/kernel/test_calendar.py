import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from services.kernel.calendar import (
    Calendar,
    CalendarError,
    add_calendar_days,
    add_days,
    add_months,
    calendar_of,
    closing_of,
    is_working_day,
    working_days_between,
)

YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}


def cn(**changes: object) -> Calendar:
    return calendar_of(YEARS, **({"timezone": "Asia/Shanghai", "windows": OFFICE} | changes))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", range(2015, 2027))
def test_every_day_agrees_with_chinesecalendar(year):
    ours = cn()
    differing = [
        day
        for day in days_of(year)
        if is_working_day(ours, day) != chinese_calendar.is_workday(day)
    ]
    assert differing == []


@pytest.mark.parametrize("data", YEARS, ids=lambda data: str(data["year"]))
def test_the_year_has_the_working_days_its_file_states(data):
    year = data["year"]
    alone = calendar_of([data], timezone="Asia/Shanghai", windows=OFFICE)  # guess beside notice
    count = working_days_between(alone, date(year - 1, 12, 31), date(year, 12, 31))
    assert count == data["working_days"]


@pytest.mark.parametrize(
    ("year", "eve", "working_days"),
    [
        (2015, date(2015, 5, 12), 250),
        (2019, date(2019, 3, 21), 250),
        (2020, date(2020, 1, 26), 251),
        (2020, date(2020, 1, 27), 249),
    ],
)
def test_an_amendment_counts_from_the_day_it_was_known(year, eve, working_days):
    then = cn(known_on=eve)
    assert working_days_between(then, date(year - 1, 12, 31), date(year, 12, 31)) == working_days


def test_before_december_2018_nobody_knew_the_new_year_block_of_2019():
    eve, after = cn(known_on=date(2018, 12, 5)), cn(known_on=date(2018, 12, 6))
    assert is_working_day(eve, date(2018, 12, 31))
    assert not is_working_day(eve, date(2018, 12, 29))
    assert not is_working_day(after, date(2018, 12, 31))
    assert is_working_day(after, date(2018, 12, 29))
    assert eve.published_until == date(2018, 12, 31)
    assert after.published_until == date(2019, 12, 31)


def test_hubei_stayed_off_until_13_february_2020():
    assert add_days(cn(), date(2020, 1, 23), 1) == date(2020, 2, 3)
    assert add_days(cn(region="420704"), date(2020, 1, 23), 1) == date(2020, 2, 14)
    assert add_days(cn(region="44"), date(2020, 1, 23), 1) == date(2020, 2, 3)
    before = cn(region="42", known_on=date(2020, 1, 31))
    assert add_days(before, date(2020, 1, 23), 1) == date(2020, 2, 3)


def test_a_published_file_replaces_the_provisional_one():
    guess = {"year": 2030, "status": "provisional", "days_off": {"2030-01-02": "猜"}}
    notice = {"year": 2030, "known_from": date(2029, 11, 1), "days_off": {"2030-01-03": "元旦"}}
    hours = {"timezone": "Asia/Shanghai", "windows": OFFICE}
    early = calendar_of([notice, guess], **hours, known_on=date(2029, 10, 31))
    late = calendar_of([notice, guess], **hours)
    assert not is_working_day(early, date(2030, 1, 2))
    assert early.published_until == date.min
    assert is_working_day(late, date(2030, 1, 2))
    assert not is_working_day(late, date(2030, 1, 3))
    assert late.published_until == date(2030, 12, 31)


def test_years_with_a_gap_are_refused():
    gap = [data for data in YEARS if data["year"] != 2020]
    with pytest.raises(CalendarError, match="consecutive"):
        calendar_of(gap, timezone="Asia/Shanghai", windows=OFFICE)


def test_days_from_the_domain_notes():
    ours = cn()
    assert add_days(ours, date(2026, 9, 30), 3) == date(2026, 10, 10)  # make-up Saturday
    assert add_days(ours, date(2026, 11, 23), 60) == date(2027, 2, 18)  # provisional
    assert add_days(ours, date(2026, 10, 13), -5) == date(2026, 9, 30)
    assert add_days(ours, date(2026, 10, 3), 0) == date(2026, 10, 3)
    assert add_calendar_days(ours, date(2026, 9, 22), 10) == date(2026, 10, 8)
    assert add_months(ours, date(2026, 3, 31), -1) == date(2026, 2, 28)  # make-up Saturday
    assert add_months(ours, date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_closing_time_is_the_end_of_the_last_window():
    assert closing_of(cn(), date(2026, 10, 10)) == datetime(2026, 10, 10, 9, 30, tzinfo=UTC)
    with pytest.raises(CalendarError, match="no opening hours"):
        closing_of(cn(), date(2026, 10, 11))


def test_equal_data_is_an_equal_calendar_and_other_data_another_version():
    assert cn() == cn()
    assert hash(cn()) == hash(cn())
    others = {
        cn(known_on=date(2020, 1, 1)),
        cn(region="42"),
        cn(timezone="Asia/Tokyo"),
        cn(windows=OFFICE | {"5": [["09:00", "12:00"]]}),
    }
    assert len({calendar.version for calendar in others | {cn()}}) == 5


@pytest.mark.parametrize(
    "count",
    [
        lambda c: add_days(c, date(2026, 1, 5), 20_000),
        lambda c: add_days(c, date(2026, 1, 5), -20_000),
        lambda c: add_calendar_days(c, date(2026, 1, 5), 10**9),
        lambda c: add_months(c, date(2026, 1, 5), 10**9),
        lambda c: working_days_between(c, date(1950, 1, 1), date(2026, 1, 1)),
        lambda c: add_days(c, date(9999, 12, 31), 1),
    ],
)
def test_counts_beyond_the_bounds_are_refused(count):
    with pytest.raises(CalendarError):
        count(cn())


def test_a_week_without_opening_hours_ends_in_an_error_not_in_a_loop():
    closed = calendar_of([], timezone="UTC", windows={})
    with pytest.raises(CalendarError, match="50 years"):
        add_days(closed, date(2026, 1, 5), 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"timezone": "Asia/Ezhou"},
        {"timezone": "../etc"},
        {"windows": {"7": [["08:00", "09:00"]]}},
        {"windows": {"0": [["18:00", "08:00"]]}},
        {"windows": {"0": [["08:00"]]}},
        {"windows": {"0": [["8 Uhr", "09:00"]]}},
    ],
)
def test_what_is_no_calendar_is_refused(changes):
    with pytest.raises(CalendarError):
        cn(**changes)


def test_what_a_calendar_remembers_is_not_passed_on_to_one_with_other_days():
    ours, saturday = cn(), date(2026, 3, 14)
    assert not is_working_day(ours, saturday)
    assert add_days(ours, date(2026, 3, 13), 1) == date(2026, 3, 16)
    made_up = replace(ours, version="made up", makeup={saturday.toordinal(): "编造"})
    assert closing_of(made_up, saturday) == datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
    assert add_days(made_up, date(2026, 3, 13), 1) == saturday
