"""Told late, judged by the instants: what a deed or a claim that comes late still does, and what it may not."""

from schemas import escalations as e
from schemas.employers import GroupClaimRaised
from tests.support.events import CASE
from tests.support.story import Story, office, ordinary


def claim(story: Story) -> GroupClaimRaised:
    return GroupClaimRaised(
        district="420704", case_id=story.case, employer=CASE, name="某火锅店", rule="people_30",
        effect="meeting", since=story.now, people=30, amount_fen=1, open_cases=3, recent_cases=3,
        basis="own", text_zh="…",
    )  # fmt: skip


def test_a_claim_that_was_raised_in_time_and_comes_after_its_meeting_was_due_lapses_at_once():
    story = ordinary()
    raised, data = story.now, claim(story)
    story.until("2026-09-30 09:00").give(data, deed=raised).until(story.now)
    assert office(story.clock("S17").due_at) == "09-24 17:30"
    assert [f.clock for f in story.said(e.DeadlineBreached) if f.clock == "S17"] == ["S17"]
    told = [f.to.post for f in story.said(e.CaseEscalated) if f.clock == "S17"]
    assert told == ["leading_group_head", "procuratorate"]
