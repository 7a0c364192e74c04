"""Laws of 期限重算 under notices of 2027 that Hypothesis makes up."""

import csv
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.calendar import Calendar, calendar_of, is_working_day
from services.kernel.deadline import Running, clock_rule, deadline_of, recomputed

OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}
YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
KNOWN = [data for data in YEARS if data["year"] < 2027 or data["status"] == "provisional"]
with Path("policies/clocks.csv").open(encoding="utf-8", newline="") as file:
    RULES = [rule for row in csv.DictReader(file) if (rule := clock_rule(row)).limit]
MOVABLE = ("wd", "cd", "wh", "month", "year")


def cn(*notices: dict[str, object]) -> Calendar:
    return calendar_of([*KNOWN, *notices], timezone="Asia/Shanghai", windows=OFFICE)


OLD = cn()
MONTHS_2027 = [date(2027, 1, 1) + timedelta(days=n) for n in range(120)]
WEEKDAYS = [day for day in MONTHS_2027 if day.weekday() < 5]
WEEKENDS = [day for day in MONTHS_2027 if day.weekday() >= 5]
first = datetime(2026, 11, 16, tzinfo=UTC)
instants = st.sampled_from([first + timedelta(hours=n) for n in range(0, 2400, 7)])


@st.composite
def notices(draw) -> Calendar:
    off = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=10, max_size=40))
    makeup = draw(st.sets(st.sampled_from(WEEKENDS), max_size=12))
    return cn(
        {
            "year": 2027,
            "status": "published",
            "known_from": date(2026, 12, 1),
            "days_off": {day.isoformat(): "编造" for day in off},
            "makeup": {day.isoformat(): "编造" for day in makeup},
        }
    )


@st.composite
def clocks(draw):
    """A rule, what the old calendar made of it, and a later moment."""
    rule, start = draw(st.sampled_from(RULES)), draw(instants)
    pauses = []
    if draw(st.booleans()):
        begins = start + timedelta(minutes=draw(st.integers(0, 40_000)))
        pauses = [(begins, begins + timedelta(minutes=draw(st.integers(0, 40_000))))]
    found = deadline_of(rule, start, OLD, pauses)
    now = start + timedelta(minutes=draw(st.integers(0, 300_000)))
    return rule, Running(found.start, found.due, found.pauses), now


@settings(deadline=None)
@given(clocks(), notices())
def test_nothing_is_moved_from_the_past_or_into_it(case, new):
    rule, clock, now = case
    found = recomputed(rule, clock, OLD, new, now)
    assert found.due_from == clock.due_at
    assert (found.due_to != found.due_from) == (found.verdict == "moved")
    if found.verdict == "moved":
        assert now < found.due_from
        assert now < found.due_to
    assert (found.verdict == "past") == (clock.due_at <= now)
    assert all(now < at < found.due_to for at in found.warn_at)
    assert list(found.warn_at) == sorted(found.warn_at)


@settings(deadline=None)
@given(clocks(), notices())
def test_it_moves_to_what_the_new_calendar_says_and_then_no_more(case, new):
    rule, clock, now = case
    found = recomputed(rule, clock, OLD, new, now)
    if found.verdict not in ("moved", "kept"):
        return
    said = deadline_of(rule, clock.started_at, new, clock.pauses)
    assert (found.due_to, found.provisional) == (said.due, said.provisional)
    again = recomputed(rule, replace(clock, due_at=found.due_to), new, new, now)
    assert (again.verdict, again.warn_at) == ("kept", found.warn_at)


@settings(deadline=None)
@given(clocks(), notices())
def test_what_moves_was_provisional_and_has_days_that_changed(case, new):
    rule, clock, now = case
    found = recomputed(rule, clock, OLD, new, now)
    if found.verdict != "moved":
        assert found.changed == ()
        return
    assert rule.unit in MOVABLE
    assert deadline_of(rule, clock.started_at, OLD, clock.pauses).provisional
    assert found.changed
    assert all(one.day.year == 2027 for one in found.changed)
    assert all(is_working_day(new, one.day) == one.works for one in found.changed)
    assert all(is_working_day(OLD, one.day) != one.works for one in found.changed)
