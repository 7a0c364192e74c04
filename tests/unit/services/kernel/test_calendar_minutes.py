from datetime import UTC, date, datetime, timedelta

import pytest

from services.kernel.calendar import (
    CalendarError,
    add_minutes,
    calendar_of,
    is_working_day,
    minutes_between,
    pieces_on,
)

ALWAYS = {str(day): [["00:00", "24:00"]] for day in range(7)}
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def office():
    return calendar_of([], timezone="UTC", windows=OFFICE)


def test_a_budget_that_ends_at_closing_time_ends_there():
    assert add_minutes(office(), at(23, 10), 120) == at(23, 12)
    assert add_minutes(office(), at(23, 10), 121) == at(23, 14, 31)
    assert add_minutes(office(), at(23, 8, 30), 390) == at(23, 17, 30)


def test_going_back_ends_at_opening_time():
    assert add_minutes(office(), at(23, 17, 30), -390) == at(23, 8, 30)
    assert add_minutes(office(), at(23, 9), -60) == at(20, 17)
    assert add_minutes(office(), at(23, 17), -120, [(at(23, 15), at(23, 16))]) == at(23, 11, 30)


def test_nothing_added_is_the_start_itself_even_at_night():
    assert add_minutes(office(), at(22, 3), 0) == at(22, 3)


def test_pauses_may_overlap_touch_and_lie_outside_opening_hours():
    pauses = [(at(23, 11), at(23, 13)), (at(23, 9), at(23, 10)), (at(23, 9, 30), at(23, 10, 30))]
    assert minutes_between(office(), at(23, 8, 30), at(23, 17, 30), pauses) == 390 - 90 - 60
    assert add_minutes(office(), at(23, 8, 30), 61, pauses) == at(23, 14, 31)


def test_an_end_before_the_start_counts_nothing():
    assert minutes_between(office(), at(24, 9), at(23, 9)) == 0


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Sao_Paulo", date(2015, 10, 18), 23),  # midnight itself is skipped
        ("America/Sao_Paulo", date(2015, 2, 21), 25),
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("America/St_Johns", date(2006, 10, 28), 25 - 1 / 60),  # falls back over midnight
        ("Pacific/Apia", date(2011, 12, 30), 0),  # never was
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_is_as_long_as_it_was_there(zone, day, hours):
    pieces = pieces_on(calendar_of([], timezone=zone, windows=ALWAYS), day)
    length = sum((high - low for low, high in pieces), timedelta())
    assert abs(length - timedelta(hours=hours)) <= timedelta(seconds=1)


def test_an_opening_time_the_clock_skips_opens_when_the_clock_has_passed_it():
    spring = calendar_of([], timezone="Europe/Berlin", windows={"6": [["02:30", "04:00"]]})
    assert pieces_on(spring, date(2026, 3, 29)) == ((at(29, 1, month=3), at(29, 2, month=3)),)


def test_a_make_up_day_has_mondays_hours():
    year = {"year": 0, "status": "own", "makeup": {"2026-11-28": "调休"}}
    windows = {"0": [["09:00", "11:00"]], "4": [["08:00", "18:00"]]}
    made_up = calendar_of([year], timezone="UTC", windows=windows)
    assert is_working_day(made_up, date(2026, 11, 28))
    assert pieces_on(made_up, date(2026, 11, 28)) == ((at(28, 9), at(28, 11)),)


@pytest.mark.parametrize(
    "count",
    [
        lambda c: add_minutes(c, at(23, 9).replace(tzinfo=None), 60),
        lambda c: add_minutes(c, at(23, 9), 60, [(at(24, 9), at(23, 9))]),
        lambda c: add_minutes(c, at(23, 9), 1e9),
        lambda c: add_minutes(c, at(23, 9), float("nan")),
        lambda c: add_minutes(c, at(23, 9), float("inf")),
        lambda c: minutes_between(c, datetime(1900, 1, 1, tzinfo=UTC), at(23, 9)),
    ],
)
def test_what_cannot_be_counted_is_refused(count):
    with pytest.raises(CalendarError):
        count(office())
