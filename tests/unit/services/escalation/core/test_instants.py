"""Told late, judged by the instants: what a deed or a claim that comes late still does, and what it may not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas import actions as a
from schemas import escalations as e
from schemas.employers import GroupClaimRaised
from tests.support.events import CASE
from tests.support.story import OTHER_GRID, Story, office, ordinary

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


def decided() -> Story:
    """Filed on Monday, investigated, decided on Tuesday at ten."""
    story = filed().until("2026-09-22 09:30").does(a.EndInvestigation, BRIGADE)
    return story.until("2026-09-22 10:00").does(a.Decide, BOSS, outcome="处罚")


def suspected() -> Story:
    story = filed().does(
        a.Serve, BRIGADE, document_kind="correction", document="一号", due_on="2026-09-24"
    )
    crime = {"act": "flight", "amount_fen": 1_200_000, "workers": 1, "months": 3}
    return story.until("2026-09-28 10:00").does(a.SuspectCrime, BRIGADE, **crime)


def closed() -> Story:
    return ordinary().until("2026-09-22 10:00").does(a.Close, conclusion="不属实")


ASKED = {"clock": "S10", "days": 5, "reason": "案情复杂"}
BEFORE = [  # what came first, and when; what needs it, said to be done before
    (lambda: Story().opened().until("2026-09-21 10:00").routed(), a.Sign, "grid_officer", {}),
    (lambda: Story().opened().until("2026-09-21 10:00").routed(), a.Return, "grid_officer",
     {"reason": "wrong_grid"}),
    (ordinary, a.Mediate, "grid_officer", {}),
    (ordinary, a.Close, "grid_officer", {"conclusion": "不属实"}),
    (lambda: ordinary().does(a.Accept, BRIGADE), a.File, BRIGADE, {"inspectors": 2}),
    (filed, a.EndInvestigation, BRIGADE, {}),
    (lambda: filed().does(a.EndInvestigation, BRIGADE), a.Decide, BOSS, {"outcome": "处罚"}),
    (decided, a.Serve, BRIGADE, {"document_kind": "decision", "document": "二号"}),
    (lambda: decided().does(a.Serve, BRIGADE, document_kind="decision", document="二号"), a.Close,
     BRIGADE, {"conclusion": "已立案"}),
    (lambda: filed().does(a.Suspend, BOSS, ground="suspended", basis="鉴定"), a.Resume, BOSS,
     {"ground": "suspended"}),
    (lambda: ordinary().does(a.Arbitrate, BRIGADE, kind="suit", number="1"), a.Resume, BRIGADE,
     {"ground": "arbitration"}),
    (lambda: ordinary().does(a.AskMaterial, BRIGADE, items="考勤"), a.TakeMaterial, BRIGADE, {}),
    (lambda: filed().does(a.AskExtension, BRIGADE, **ASKED), a.RuleExtension, BOSS,
     {"clock": "S10", "approved": True}),
    (suspected, a.DecideReferral, "director", {"approved": True}),
    (lambda: suspected().does(a.DecideReferral, "director", approved=True), a.Refer, BRIGADE,
     {"document": "书"}),
    (closed, a.Revisit, "centre_duty", {"satisfied": True}),
    (closed, a.Reopen, "centre_head", {}),
    (lambda: closed().does(a.Reopen, "centre_head"), a.Close, "grid_officer",
     {"conclusion": "不属实"}),
]  # fmt: skip


def dated(story: Story, verb: type[a.Action], post: str, fields: dict, minutes: float) -> Story:
    data = verb(district="420704", case_id=story.case, actor=a.Actor(post=post), **fields)
    return story.give(data, deed=story.now + timedelta(minutes=minutes))


@pytest.mark.parametrize(("first", "verb", "post", "fields"), BEFORE)
def test_a_deed_is_not_dated_before_the_deed_it_needs(first, verb, post, fields):
    story = first()
    needed_at = story.now
    before = story.until(needed_at + timedelta(hours=3)).row
    dated(story, verb, post, fields, -3 * 60 - 6)
    assert story.refused() == ["too_early"]
    told = story.last(e.ActionRefused).reason_zh
    assert office(needed_at)[-5:] in told
    assert office(needed_at - timedelta(minutes=6))[-5:] in told
    assert story.row == before
    dated(story, verb, post, fields, -3 * 60 - 4)  # clocks of phones differ
    assert story.refused() == ["too_early"]


def test_a_deed_told_after_a_later_signing_is_judged_by_the_first():
    story = ordinary()
    story.until("2026-09-22 09:00").does(a.Route, "centre_head", grid=OTHER_GRID)
    story.routed(2, grid=OTHER_GRID).does(a.Sign)
    story.does(a.Mediate, "town_squad_leader", at="2026-09-21 15:00")
    assert story.refused() == []


@pytest.mark.parametrize("verb", [a.Sign, a.Dispute])
def test_what_waited_past_a_return_is_not_done_to_the_next_assignment(verb):
    story = Story().opened().routed().until("2026-09-21 10:00").does(a.Return, reason="wrong_grid")
    story.does(verb)  # on a screen that still showed the first
    story.until("2026-09-21 10:01").routed(2, "returned", grid=OTHER_GRID)
    assert story.refused() == ["stale"]
    assert story.row.signed_attempt == 0
    assert not story.row.disputed
    story.does(a.Sign)
    assert story.row.signed_attempt == 2


def test_who_names_the_assignment_may_have_a_clock_that_is_behind():
    story = Story().opened().routed().until("2026-09-21 10:00").does(a.Return, reason="wrong_grid")
    story.until("2026-09-21 10:01").routed(2, "returned", grid=OTHER_GRID)
    dated(story, a.Sign, "grid_officer", {"seen_attempt": 2}, -2)
    assert story.refused() == []


def test_a_row_of_before_does_not_know_when_it_was_assigned():
    story = Story().opened().until("2026-09-21 10:00").routed()
    story.row = story.row.model_copy(update={"assigned_at": None})
    story.does(a.Sign, at="2026-09-21 09:30")
    assert story.refused() == []
