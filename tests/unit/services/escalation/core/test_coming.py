"""What comes by the passing of time: the meeting of the 21 units on a case that is unresolved for 20 working days."""

from dataclasses import replace
from datetime import date

import pytest

from schemas import actions as a
from schemas import escalations as e
from schemas.employers import GroupClaimRaised
from services.escalation.core.state import Case, next_due
from services.runtime.rows import Row, decode_row, encode_row
from tests.support.events import CASE
from tests.support.story import Story, local, office, ordinary, policy

MEETING = "10-26 17:30"  # the 20th working day after 21 September 2026, two holidays between


def meetings(story: Story) -> list[str]:
    return [office(f.started_at) for f in story.said(e.ClockStarted) if f.clock == "S17"]


def test_a_case_unresolved_for_twenty_working_days_goes_to_the_meeting_once():
    story = ordinary().until("2026-10-26 17:29")
    assert meetings(story) == []
    story.until("2026-12-31 17:30")
    assert meetings(story) == [MEETING]
    assert [f.due_at for f in story.said(e.DeadlineBreached) if f.clock == "S17"] == [
        local("2026-10-29 17:30")
    ]
    assert [f.to.rung for f in story.said(e.CaseEscalated) if f.clock == "S17"] == ["R5_head", "R6"]
    story.does(a.Meet, "leading_group_head")
    assert "S17" not in story.running()


def test_a_case_that_is_closed_in_time_calls_no_meeting():
    story = ordinary().does(a.Close, conclusion="不属实").until("2026-12-01 10:00")
    assert meetings(story) == []
    assert story.row.coming == ()


def test_a_closing_in_time_that_is_told_late_takes_the_meeting_back():
    story = ordinary().until("2026-10-28 10:00")
    story.does(a.Close, conclusion="不属实", at="2026-10-26 10:00")
    stopped = next(f for f in story.said(e.ClockStopped) if f.clock == "S17")
    assert stopped.kept


def test_reopened_it_counts_from_the_reopening_unless_a_meeting_was_held():
    story = ordinary().does(a.Close, conclusion="不属实").until("2026-10-20 10:00")
    story.does(a.Reopen, "centre_head").until("2026-11-17 17:30")
    assert meetings(story) == ["11-17 17:30"]
    held = ordinary().until("2026-10-28 10:00").does(a.Meet, "leading_group_head")
    held.does(a.Close, conclusion="不属实").does(a.Reopen, "centre_head").until("2026-12-31 10:00")
    assert meetings(held) == [MEETING]


def test_a_meeting_that_the_group_called_is_enough():
    story = ordinary()
    story.give(
        GroupClaimRaised(
            district="420704", case_id=story.case, employer=CASE, name="某火锅店", rule="people_30",
            effect="meeting", since=story.now, people=30, amount_fen=1, open_cases=3,
            recent_cases=3, basis="own", text_zh="…",
        )
    )  # fmt: skip
    story.until("2026-09-23 10:00").does(a.Meet, "leading_group_head").until("2026-12-01 10:00")
    assert meetings(story) == ["09-21 10:00"]


def test_a_notice_that_is_known_meanwhile_moves_it_on():
    story = ordinary()
    calendar = story.policy.calendar
    off = {**calendar.days_off, date(2026, 10, 20).toordinal(): "编造"}
    story.policy = replace(policy(), calendar=replace(calendar, days_off=off, version="made up"))
    story.until("2026-10-26 17:30")
    assert meetings(story) == []
    story.until("2026-10-27 17:30")
    assert meetings(story) == ["10-27 17:30"]


@pytest.mark.parametrize("gone", [{"coming"}, {"coming", "deeds"}])
def test_a_row_from_before_still_decodes_and_goes_on(gone):
    story = ordinary()
    old = Case.model_validate(story.row.model_dump(mode="json", exclude=gone))
    story.row = decode_row(encode_row(Row(old)), Case).state
    assert story.row == old
    assert story.row.coming == ()
    assert next_due(story.row) is not None
    story.until("2026-12-01 10:00").does(a.Comment, note="已阅")
    assert meetings(story) == []  # what was not armed when it was opened does not come
    assert story.refused() == []


def test_what_comes_and_what_was_noted_are_kept_in_the_row():
    story = ordinary().does(a.NoteStep, "hotline_liaison", step="petition_received")
    assert decode_row(encode_row(Row(story.row)), Case).state == story.row
    assert story.row.coming
    assert story.row.deeds.steps
