"""Hours that change. All hours, seasons and offices here are made up."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.kernel.calendar import (
    Calendar,
    CalendarError,
    add_days,
    add_minutes,
    calendar_of,
    closing_of,
    hours_of,
    minutes_between,
    season_on,
)

COMMON = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}
SUMMER = {str(day): [["08:30", "12:00"], ["15:00", "18:00"]] for day in range(5)}
SHORT = {str(day): [["09:00", "12:00"]] for day in range(5)}
EVERY_SUMMER = {"name": "夏季作息", "from": "06-01", "to": "09-30", "windows": SUMMER}
YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def calendar(*seasons: dict[str, object]) -> Calendar:
    return calendar_of(YEARS, timezone="Asia/Shanghai", windows=COMMON, seasons=seasons)


def closes(ours: Calendar, day: date) -> str:
    return f"{closing_of(ours, day).astimezone(SHANGHAI):%H:%M}"


def test_a_season_comes_every_year_and_its_ends_are_in_it():
    ours = calendar(EVERY_SUMMER)
    days = [(5, 29), (6, 1), (9, 30), (10, 8)]
    assert [closes(ours, date(2026, *at)) for at in days] == ["17:30", "18:00", "18:00", "17:30"]
    assert closes(ours, date(2019, 7, 1)) == "18:00"
    season = season_on(ours, date(2026, 7, 1))
    assert season is not None
    assert season.name == "夏季作息"
    assert season_on(ours, date(2026, 10, 8)) is None


def test_a_make_up_day_has_the_monday_of_its_season():
    made_up = date(2026, 9, 20)  # a Sunday, worked
    assert closes(calendar(EVERY_SUMMER), made_up) == "18:00"
    assert closes(calendar(), made_up) == "17:30"


def test_a_season_may_pass_over_new_year():
    ours = calendar({"name": "冬季作息", "from": "11-01", "to": "02-29", "windows": SHORT})
    days = [date(2026, 10, 30), date(2026, 11, 2), date(2026, 12, 31), date(2026, 2, 27)]
    assert [closes(ours, day) for day in days] == ["17:30", "12:00", "12:00", "12:00"]
    assert closes(ours, date(2024, 2, 29)) == "12:00"
    assert closes(ours, date(2026, 3, 2)) == "17:30"


def test_hours_from_a_date_on_and_the_later_entry_holds():
    anew = {"name": "新作息", "since": date(2026, 7, 1), "until": "2026-12-31", "windows": SHORT}
    both = calendar(EVERY_SUMMER, anew)
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 6, 1)]
    assert [closes(both, day) for day in days] == ["18:00", "12:00", "12:00", "18:00"]
    assert closes(calendar(anew, EVERY_SUMMER), date(2026, 7, 1)) == "18:00"


def test_working_time_is_counted_across_the_change():
    ours = calendar(EVERY_SUMMER)
    start = datetime(2026, 5, 29, 17, 0, tzinfo=SHANGHAI)  # Friday; Monday is summer
    end = add_minutes(ours, start, 60 * 6)
    assert end == datetime(2026, 6, 1, 17, 0, tzinfo=SHANGHAI)
    assert end.tzinfo is UTC
    assert minutes_between(ours, start, end) == 60 * 6
    assert add_minutes(ours, end, -60 * 6) == start


def test_hours_move_no_day_and_make_another_calendar():
    ours, common = calendar(EVERY_SUMMER), calendar()
    start = date(2026, 5, 1)
    assert all(add_days(ours, start, n) == add_days(common, start, n) for n in range(1, 250))
    assert ours != common
    assert calendar() == calendar_of(YEARS, timezone="Asia/Shanghai", windows=COMMON)


@pytest.mark.parametrize(
    ("season", "said"),
    [
        ({"name": "夏"}, "a season has name, windows"),
        ({"windows": SUMMER}, "a season has name, windows"),
        (EVERY_SUMMER | {"untill": "2026-01-01"}, "a season has name, windows"),
        (EVERY_SUMMER | {"from": "06-31"}, "MM-DD: '06-31'"),
        (EVERY_SUMMER | {"since": "soon"}, "YYYY-MM-DD: 'soon'"),
        (EVERY_SUMMER | {"since": "2026-01-01", "until": "2025-01-01"}, "ends before it begins"),
        (EVERY_SUMMER | {"windows": SUMMER | {"5": [["09:00", "12:00"]]}}, r"weekdays .*\[5\]"),
        (EVERY_SUMMER | {"windows": {}}, "other weekdays"),
    ],
)
def test_what_is_no_season_is_refused(season, said):
    with pytest.raises(CalendarError, match=said):
        calendar(season)


def test_an_office_has_its_own_hours_or_the_common_ones():
    office = {
        "windows": COMMON,
        "seasons": [EVERY_SUMMER],
        "offices": {"420704001": {"windows": SHORT}, "centre_duty": {"seasons": []}},
    }
    assert hours_of(office) == (COMMON, [EVERY_SUMMER])
    assert hours_of(office, "420704009", "grid_officer") == (COMMON, [EVERY_SUMMER])
    assert hours_of(office, "420704001", "centre_duty") == (SHORT, ())
    assert hours_of(office, "420704009", "centre_duty") == (COMMON, [])
    assert hours_of({"windows": COMMON}) == (COMMON, ())


def test_an_office_opens_on_the_weekdays_of_all_and_states_nothing_else():
    saturday = {
        "windows": COMMON,
        "offices": {"x": {"windows": COMMON | {"5": [["9:00", "12:00"]]}}},
    }
    with pytest.raises(CalendarError, match="not a time"):
        hours_of(saturday, "x")
    saturday["offices"]["x"]["windows"]["5"] = [["09:00", "12:00"]]
    with pytest.raises(CalendarError, match="hours of x: open on other weekdays"):
        hours_of(saturday, "x")
    with pytest.raises(CalendarError, match="hour"):
        hours_of({"windows": COMMON, "offices": {"x": {"hours": {}}}}, "x")
