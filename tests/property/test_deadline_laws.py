"""Laws any deadline keeps: more is later, parts add up, a pause never shortens, who begins later ends no sooner."""

import csv
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from services.kernel.calendar import (
    Calendar,
    calendar_of,
    is_working_day,
    local_day,
    minutes_between,
    working_days_between,
)
from services.kernel.deadline import ClockRule, Span, clock_rule, deadline_of, explain

YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}
ALWAYS = {str(day): [["00:00", "24:00"]] for day in range(7)}
SUMMER = {str(day): [["08:30", "12:00"], ["15:00", "18:00"]] for day in range(5)}
LATE = {str(day): [["13:00", "24:00"]] for day in range(5)}  # closes at midnight
DAYS, HOURS, MONTHS = ("wd", "cd"), ("wh", "h"), ("month", "year")
MOST = {"wd": 120, "cd": 200, "wh": 300, "h": 2000, "month": 30, "year": 3}
MICROSECOND = timedelta(microseconds=1)


def cn(**changes: object) -> Calendar:
    return calendar_of(YEARS, **({"timezone": "Asia/Shanghai", "windows": OFFICE} | changes))


CALENDARS = {
    "cn": cn(),
    "hubei": cn(region="42"),
    "midnight": cn(windows=LATE),
    "summer": cn(
        seasons=[{"name": "编造", "from": "06-01", "to": "09-30", "windows": SUMMER}],
    ),
    "berlin": cn(timezone="Europe/Berlin"),
    "havana": cn(timezone="America/Havana", windows=ALWAYS),
    "lord howe": cn(timezone="Australia/Lord_Howe", windows=ALWAYS),
}
with Path("policies/clocks.csv").open(encoding="utf-8", newline="") as file:
    ROW = next(row for row in csv.DictReader(file) if row["id"] == "S09")


def rule(unit: str, limit: float, *left: Span) -> ClockRule:
    return replace(clock_rule(ROW), unit=unit, limit=float(limit), warn_left=left)


def due(name: str, unit: str, start: datetime, limit: float, pauses=()) -> datetime:
    return deadline_of(rule(unit, limit), start, CALENDARS[name], pauses).due


names = st.sampled_from(sorted(CALENDARS))
first = datetime(2015, 1, 5, tzinfo=UTC)
instants = st.integers(0, 12 * 365 * 86_400).map(lambda s: first + timedelta(seconds=s))
gaps = st.integers(0, 120 * 86_400).map(lambda s: timedelta(seconds=s))


def limits(*units: str) -> st.SearchStrategy[tuple[str, int]]:
    return st.sampled_from(units).flatmap(
        lambda unit: st.tuples(st.just(unit), st.integers(1, MOST[unit]))
    )


@st.composite
def pauses_near(draw, start: datetime, most: int = 3) -> list[tuple[datetime, datetime]]:
    """Where they matter: from a month before the start to some months after it, touching at will."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        begins = start + timedelta(minutes=draw(st.integers(-43_200, 200_000)))
        found.append((begins, begins + timedelta(minutes=draw(st.integers(0, 60_000)))))
    return found


@st.composite
def cases(draw, *units: str):
    """A calendar by name, a unit, a limit, a start, pauses."""
    unit, limit = draw(limits(*units))
    start = draw(instants)
    return draw(names), unit, limit, start, draw(pauses_near(start))


@settings(deadline=None)
@given(cases(*MOST), st.integers(1, 40))
def test_more_time_is_never_due_earlier(case, more):
    name, unit, limit, start, pauses = case
    short = due(name, unit, start, limit, pauses)
    long = due(name, unit, start, limit + more, pauses)
    assert short <= long
    if unit in ("wd", *HOURS):
        assert short < long


@settings(deadline=None)
@given(cases("wd", "wh"))
def test_the_note_counts_day_by_day_what_the_limit_says(case):
    name, unit, limit, start, pauses = case
    deadline = deadline_of(rule(unit, limit), start, CALENDARS[name], pauses)
    note = explain(deadline, CALENDARS[name])
    if unit == "wd":
        counted = [line for line in note if line.endswith("个工作日") and "：" in line]
        assert len(counted) == limit
        assert counted[-1].endswith(f"第{limit}个工作日")
    else:
        assert [line for line in note if "累计" in line][-1].endswith(f"累计{limit}小时")


@settings(deadline=None)
@given(cases("wd"), st.integers(1, 60))
def test_working_days_in_two_parts_are_one_period(case, more):
    name, unit, limit, start, pauses = case
    half = due(name, unit, start, limit, pauses)
    whole = due(name, unit, start, limit + more, pauses)
    assert due(name, unit, half - MICROSECOND, more, pauses) == whole


@settings(deadline=None)
@given(cases(*HOURS), st.integers(1, 200))
def test_hours_in_two_parts_are_one_period(case, more):
    name, unit, limit, start, pauses = case
    half = due(name, unit, start, limit, pauses)
    assert due(name, unit, half, more, pauses) == due(name, unit, start, limit + more, pauses)


@settings(deadline=None)
@given(cases("cd"), st.integers(1, 60))
def test_calendar_days_in_two_parts_are_never_shorter(case, more):
    """Each part may give way to a working day (§203), the whole only once."""
    name, unit, limit, start, pauses = case
    half = due(name, unit, start, limit, pauses)
    whole = due(name, unit, start, limit + more, pauses)
    assert due(name, unit, half - MICROSECOND, more, pauses) >= whole


@settings(deadline=None)
@given(cases(*MOST), st.integers(1, 40))
def test_an_extension_is_one_period_with_the_limit(case, more):
    name, unit, limit, start, pauses = case
    extended = deadline_of(rule(unit, limit), start, CALENDARS[name], pauses, more)
    assert extended.due == due(name, unit, start, limit + more, pauses)
    assert extended.limit == limit + more


@settings(deadline=None)
@given(st.data(), cases(*MOST))
def test_a_pause_never_shortens(data, case):
    name, unit, limit, start, pauses = case
    without = due(name, unit, start, limit, pauses)
    (added,) = data.draw(pauses_near(start, 1).filter(len))
    once = due(name, unit, start, limit, [*pauses, added])
    assert once >= without
    begins, ends = added
    longer = begins, ends + data.draw(gaps)
    assert due(name, unit, start, limit, [*pauses, longer]) >= once


@settings(deadline=None)
@given(cases(*MOST), gaps)
def test_who_begins_later_ends_no_sooner(case, gap):
    """Months and years only without a pause: see the next test."""
    name, unit, limit, start, pauses = case
    stopped = () if unit in MONTHS else pauses
    early = due(name, unit, start, limit, stopped)
    assert due(name, unit, start + gap, limit, stopped) >= early


def test_a_month_that_stood_still_is_as_many_days_as_the_month_it_began_in():
    """§202 gives a month its end by the day it begins; a pause turns it into days, 28 to 31 of them."""
    pause = [(datetime(2026, 1, 29, 1, tzinfo=UTC), datetime(2026, 2, 5, 1, tzinfo=UTC))]
    first, second = (datetime(2026, month, day, 1, tzinfo=UTC) for month, day in ((1, 29), (2, 6)))
    assert local_day(cn(), due("cn", "month", first, 1, pause)) == date(
        2026, 3, 9
    )  # from a Saturday
    assert local_day(cn(), due("cn", "month", second, 1, pause)) == date(2026, 3, 6)


@settings(deadline=None)
@given(cases(*MOST), st.lists(limits("wd", "cd", "wh", "h"), max_size=4))
def test_warnings_rise_after_the_start_and_before_the_end(case, lefts):
    name, unit, limit, start, pauses = case
    spans = [Span(float(amount), left) for left, amount in lefts]
    deadline = deadline_of(rule(unit, limit, *spans), start, CALENDARS[name], pauses)
    assert list(deadline.warn_at) == sorted(set(deadline.warn_at))
    assert all(deadline.start < at < deadline.due for at in deadline.warn_at)


@settings(deadline=None)
@given(cases("wd", "cd"), st.integers(1, 10))
def test_a_warning_leaves_as_many_working_days_as_it_says(case, left):
    name, unit, limit, start, _ = case
    calendar = CALENDARS[name]
    deadline = deadline_of(rule(unit, limit, Span(left, "wd")), start, calendar)
    assume(deadline.warn_at)
    (at,) = deadline.warn_at
    warned, last = (local_day(calendar, one - MICROSECOND) for one in (at, deadline.due))
    assert is_working_day(calendar, warned)
    assert working_days_between(calendar, warned, last) == left


@settings(deadline=None)
@given(cases("wh"), st.integers(1, 60))
def test_a_warning_leaves_as_many_working_hours_as_it_says(case, left):
    name, unit, limit, start, pauses = case
    deadline = deadline_of(rule(unit, limit, Span(left, "wh")), start, CALENDARS[name], pauses)
    if left != limit:  # all of it left: told at opening, where the clock began before
        assert bool(deadline.warn_at) == (left < limit)
    for at in deadline.warn_at:
        assert minutes_between(CALENDARS[name], at, deadline.due, pauses) == left * 60


def later_notices(known_on: date) -> list[dict[str, object]]:
    """The same files once more has been announced after `known_on`: made-up days, a made-up year."""
    eve = known_on + timedelta(days=1)
    changed = []
    for data in YEARS:
        year = data["year"]
        lost = [day for day in data["makeup"] if str(year) in day][:1]
        gone = [day for day in data["days_off"] if date.fromisoformat(day).weekday() < 5][:1]
        off = {day: name for day, name in data["days_off"].items() if day not in gone}
        makeup = {day: name for day, name in data["makeup"].items() if day not in lost}
        more = {
            "known_from": eve,
            "adds_days_off": [f"{year}-06-01", f"{year}-06-02"],
            "removes_days_off": gone,
            "adds_makeup": [f"{year}-11-07"],
            "withdraws_makeup": lost,
        }
        taken = {*off, *makeup, *gone, *lost}
        more["adds_days_off"] = [day for day in more["adds_days_off"] if day not in taken]
        more["adds_makeup"] = [day for day in more["adds_makeup"] if day not in taken]
        changed.append(
            data
            | {
                "days_off": off | dict.fromkeys(more["adds_days_off"], "编造"),
                "makeup": makeup | dict.fromkeys(more["adds_makeup"], "编造"),
                "amendments": [*data.get("amendments", ()), more],
            }
        )
    made_up = {"year": 2027, "known_from": eve, "days_off": {"2027-01-04": "编造"}, "makeup": {}}
    return [*changed, made_up]


@settings(deadline=None)
@given(cases(*MOST), st.dates(date(2016, 1, 1), date(2027, 3, 1)))
@example(("cn", "wd", 5, datetime(2018, 12, 27, tzinfo=UTC), []), date(2018, 12, 5))
@example(("cn", "wd", 1, datetime(2020, 1, 23, tzinfo=UTC), []), date(2020, 1, 26))
def test_what_was_known_on_a_day_no_later_notice_changes(case, known_on):
    _, unit, limit, start, pauses = case
    hours = {"timezone": "Asia/Shanghai", "windows": OFFICE, "known_on": known_on}
    then, now = calendar_of(YEARS, **hours), calendar_of(later_notices(known_on), **hours)
    assert now == then
    clock = rule(unit, limit, Span(1, "wd"))
    assert deadline_of(clock, start, now, pauses) == deadline_of(clock, start, then, pauses)


@settings(deadline=None)
@given(cases(*MOST))
def test_what_is_not_provisional_stays_when_the_next_year_is_announced(case):
    _, unit, limit, start, pauses = case
    shift = timedelta(days=max(0, (datetime(2026, 6, 1, tzinfo=UTC) - start).days))  # near the end
    start, pauses = start + shift, [(low + shift, high + shift) for low, high in pauses]
    notice = {"year": 2027, "known_from": date(2026, 12, 1), "makeup": {"2027-01-02": "编造"}}
    notice["days_off"] = {f"2027-01-{day:02}": "编造" for day in range(4, 30)}
    clock = rule(unit, limit, *([] if unit == "h" else [Span(1, "wd")]))
    hours = {"timezone": "Asia/Shanghai", "windows": OFFICE}
    before = deadline_of(clock, start, calendar_of(YEARS, **hours), pauses)
    after = deadline_of(clock, start, calendar_of([*YEARS, notice], **hours), pauses)
    assert before.provisional or (before.due, before.warn_at) == (after.due, after.warn_at)


@pytest.mark.parametrize("windows", [ALWAYS, LATE])
def test_an_end_at_midnight_belongs_to_the_day_it_closes(windows):
    """2026-12-31 24:00 is still of the published year, and one day left is told on the 30th."""
    deadline = deadline_of(
        rule("wd", 1, Span(1, "wd")), datetime(2026, 12, 29, 17, tzinfo=UTC), cn(windows=windows)
    )
    assert deadline.due == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert not deadline.provisional
    two = deadline_of(
        rule("wd", 2, Span(1, "wd")), datetime(2026, 12, 28, 17, tzinfo=UTC), cn(windows=windows)
    )
    assert two.warn_at == (datetime(2026, 12, 30, 16, tzinfo=UTC),)
