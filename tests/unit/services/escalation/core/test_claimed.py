"""群体性欠薪 as a case hears of it: urgent from then on, or a meeting of the 21 units."""

from schemas import actions as a
from schemas import escalations as e
from schemas.employers import GroupClaimRaised
from tests.support.events import CASE
from tests.support.story import Story, local, office, ordinary


def claim(story: Story, rule: str, effect: str, since: str = "") -> Story:
    return story.give(
        GroupClaimRaised(
            district="420704", case_id=story.case, employer=CASE, name="某火锅店", rule=rule,
            effect=effect, since=local(since) if since else story.now, people=30, amount_fen=1,
            open_cases=3, recent_cases=3, basis="own", text_zh="…",
        )
    )  # fmt: skip


def test_a_group_makes_its_cases_urgent_once():
    story = claim(Story().opened().routed(), "people_10", "urgent")
    assert story.row.urgent
    assert story.running() == {"S02", "S04", "S09"}
    before = story.row
    claim(story, "people_10", "urgent")
    assert story.row == before


def test_a_group_calls_a_meeting_that_is_held_in_time():
    story = claim(ordinary(), "people_30", "meeting")
    assert office(story.clock("S17").due_at) == "09-24 17:30"
    claim(story, "cases_3", "meeting")
    assert story.row.groups == ("people_30", "cases_3")
    assert len([c for c in story.row.clocks if c.id == "S17"]) == 1
    story.does(a.Meet, "leading_group_head")
    assert "S17" not in story.running()


def test_a_meeting_from_before_the_group_was_raised_is_not_about_the_group():
    story = claim(ordinary().until("2026-09-25 10:00"), "people_30", "meeting")
    story.until("2026-09-28 10:00").does(a.Meet, "leading_group_head", at="2026-09-21 11:00")
    assert "S17" in story.running()
    story.does(a.Meet, "leading_group_head", at="2026-09-25 11:00")
    assert "S17" not in story.running()


def test_a_claim_told_after_its_meeting_calls_no_other():
    story = ordinary().until("2026-09-25 10:00").does(a.Meet, "leading_group_head")
    claim(story, "people_30", "meeting", since="2026-09-24 10:00")
    assert "S17" not in story.running()


def test_a_case_that_joins_an_old_group_calls_no_meeting_of_its_own():
    story = claim(ordinary(), "people_30", "meeting", since="2026-09-01 09:00")
    assert "S17" not in story.running()
    assert [f for f in story.said(e.ClockStarted) if f.clock == "S17"] == []
    assert story.row.groups == ("people_30",)


def test_a_claim_before_its_case_waits_and_after_closing_says_nothing():
    early = claim(Story(), "people_10", "urgent").opened()
    assert early.row.urgent
    closed = ordinary().does(a.Close, conclusion="不属实")
    before = closed.row
    claim(closed, "people_10", "urgent")
    assert closed.row == before
