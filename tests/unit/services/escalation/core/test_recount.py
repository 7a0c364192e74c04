"""期限重算: when the notice of 2027 comes (here a made-up one), what was provisional is counted anew, once."""

from dataclasses import replace
from datetime import date

import pytest

from schemas import actions as a
from schemas import escalations as e
from services.escalation.core.policy import Policy
from services.escalation.metrics import label_of, provisional_elsewhere
from services.kernel.calendar import Calendar
from tests.support.story import Story, office, policy

BRIGADE = "brigade_leader"


def notice(**days: str) -> Calendar:
    """2027 published, with the given made-up days: `makeup="2027-02-14"`, `off="2027-02-09"`."""
    old = policy().calendar
    off, makeup = dict(old.days_off), dict(old.makeup)
    if "off" in days:
        off[date.fromisoformat(days["off"]).toordinal()] = "编造"
    if "makeup" in days:
        makeup[date.fromisoformat(days["makeup"]).toordinal()] = "编造"
    version = f"made up {sorted(days.items())}"
    return replace(
        old, version=version, days_off=off, makeup=makeup, published_until=date(2027, 12, 31)
    )


def later(calendar: Calendar) -> Policy:
    old = policy().calendar
    return replace(policy(), calendar=calendar, calendars={old.version: old})


def investigated() -> Story:
    """An investigation of 60 working days from 2026-11-23: it ends on 2027-02-18, provisionally."""
    story = Story("2026-11-23 09:00").opened().routed().does(a.Sign).does(a.Contact)
    story.does(a.Mediate, failed=True).does(a.Accept, BRIGADE)
    story.does(a.File, BRIGADE, inspectors=2)
    assert story.clock("S10").provisional
    assert office(story.clock("S10").due_at) == "02-18 17:30"
    return story


@pytest.mark.parametrize(
    ("days", "due"),
    [
        ({}, "02-18 17:30"),
        ({"makeup": "2027-02-14"}, "02-17 17:30"),
        ({"off": "2027-02-09"}, "02-19 17:30"),
    ],
)
def test_a_notice_moves_what_was_provisional_both_ways_and_says_why(days, due):
    story = investigated()
    story.policy = later(notice(**days))
    story.until("2026-12-01 09:00").does(a.Comment, note="已阅")
    told = story.last(e.ClockRecomputed)
    assert (told.clock, office(told.old_due_at), office(told.due_at)) == ("S10", "02-18 17:30", due)
    assert not told.provisional
    assert told.reason_zh
    assert office(story.clock("S10").due_at) == due
    story.does(a.Comment, note="再阅")
    assert len(story.said(e.ClockRecomputed)) == 1


def test_what_was_said_stands_and_the_rest_is_said_by_the_new_end():
    story = investigated().until("2027-01-20 18:00")
    said = [f.warn_at for f in story.said(e.DeadlineWarned) if f.clock == "S10"]
    assert len(said) == 1  # 20 working days left
    story.policy = later(notice(off="2027-02-09"))
    story.does(a.Comment, note="已阅").until("2027-02-19 17:30")
    warned = [f.warn_at for f in story.said(e.DeadlineWarned) if f.clock == "S10"]
    assert warned[:1] == said
    assert len(warned) == 3
    breach = next(f for f in story.said(e.DeadlineBreached) if f.clock == "S10")
    assert office(breach.due_at) == "02-19 17:30"


def test_a_lapsed_or_certain_clock_is_left_alone():
    story = Story("2026-09-21 09:00").opened().routed()
    before = story.row.clocks
    story.policy = later(notice(off="2027-02-09"))
    story.does(a.Comment, note="已阅")
    assert story.row.clocks == before
    assert story.said(e.ClockRecomputed) == []


def test_a_calendar_nobody_remembers_leaves_an_end_it_cannot_explain():
    story = investigated()
    story.policy = replace(later(notice(makeup="2027-02-14")), calendars={})
    story.does(a.Comment, note="已阅")
    told = story.last(e.ClockRecomputed)
    assert told.due_at == told.old_due_at
    assert "人工核对" in told.reason_zh


def test_a_row_counted_by_another_calendar_is_known_by_its_label():
    row = investigated().row
    assert not provisional_elsewhere(label_of(row), policy().calendar.version)
    assert provisional_elsewhere(label_of(row), "another")
    assert provisional_elsewhere("420704002-G05|filed|1|1", "another")  # as written before
    assert not provisional_elsewhere("420704002-G05|filed|1|0", "another")


def test_an_order_to_pay_lapses_for_the_police_by_its_recounted_end():
    story = Story("2027-02-03 09:00").opened().routed().does(a.Sign).does(a.Accept, BRIGADE)
    story.does(a.File, BRIGADE, inspectors=2)
    story.does(a.Serve, BRIGADE, document_kind="correction", document="一号")
    assert office(story.clock("S13").due_at) == "02-10 17:30"
    story.policy = later(notice(off="2027-02-10"))
    story.does(a.Comment, note="已阅")
    assert office(story.clock("S13").due_at) == "02-11 17:30"
    assert story.row.deeds.order_lapses == story.clock("S13").due_at
