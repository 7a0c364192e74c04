"""Told late, judged by the instants: what a deed or a claim that comes late still does, and what it may not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas import actions as a
from schemas import escalations as e
from schemas.employers import GroupClaimRaised
from tests.support.events import CASE
from tests.support.story import Story, office, ordinary

BOSS, BRIGADE = "deputy_director", "brigade_leader"


def filed() -> Story:
    return ordinary().does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)


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


def test_material_that_came_before_the_cap_and_is_told_after_it_counts_from_its_own_day():
    story = ordinary().until("2026-09-22 10:00").does(a.AskMaterial, BRIGADE, items="考勤记录")
    story.until(story.last(e.ClockPaused).until + timedelta(days=1))
    assert story.last(e.ClockResumed).why == "cap"
    story.does(a.TakeMaterial, BRIGADE, at="2026-09-24 10:00")
    told = story.last(e.ClockResumed)
    assert (told.why, office(told.resumed_at), office(told.due_at)) == (
        "person", "09-24 10:00", "10-08 17:30",
    )  # fmt: skip
    story.until(story.now)
    assert [f.clock for f in story.said(e.DeadlineBreached) if f.clock == "S09"] == ["S09"]
    assert told.warn_at == ()  # a warning of what has lapsed helps nobody


@pytest.mark.parametrize(("hours", "taken"), [(-1, True), (1, False)])
def test_a_resumption_is_judged_by_whether_it_was_done_before_the_cap(hours, taken):
    story = filed().does(a.Suspend, BOSS, ground="assistance", basis="协助查询")
    until = story.last(e.ClockPaused).until
    story.until(until + timedelta(days=2))
    capped = story.clock("S10")
    command = a.Resume(
        district="420704", case_id=story.case, actor=a.Actor(post=BOSS), ground="assistance"
    )
    story.give(command, deed=until + timedelta(hours=hours, days=-1 if taken else 0))
    assert story.refused() == ([] if taken else ["not_paused"])
    assert (story.clock("S10").due_at < capped.due_at) == taken
    assert all(at > story.now for at in story.clock("S10").warn_at)


def test_a_lapse_that_was_announced_stays_and_is_said_once():
    story = ordinary().until("2026-09-22 10:00").does(a.AskMaterial, BRIGADE, items="考勤记录")
    story.until(story.last(e.ClockPaused).until + timedelta(days=14))
    assert story.clock("S09").breached
    rungs = [f.to.rung for f in story.said(e.CaseEscalated) if f.clock == "S09"]
    story.does(a.TakeMaterial, BRIGADE, at="2026-09-24 10:00").until(story.now)
    assert story.clock("S09").breached
    assert [f.to.rung for f in story.said(e.CaseEscalated) if f.clock == "S09"] == rungs
    story.does(a.Accept, BRIGADE, at="2026-10-08 18:00")
    stopped = next(f for f in story.said(e.ClockStopped) if f.clock == "S09")
    assert not stopped.kept


def test_a_clock_that_no_row_names_any_more_moves_by_what_it_stood():
    story = ordinary().until("2026-09-22 10:00").does(a.AskMaterial, BRIGADE, items="考勤记录")
    due = story.clock("S09").due_at
    rules = tuple(rule for rule in story.policy.rules if rule.id != "S09")
    story.policy = replace(story.policy, rules=rules)
    pause = story.last(e.ClockPaused)
    story.until(pause.until + timedelta(hours=1))
    assert story.clock("S09").due_at - due == pause.until - pause.paused_at
    story.does(a.TakeMaterial, BRIGADE, at="2026-09-24 10:00")
    assert story.clock("S09").due_at - due == timedelta(days=2)
