"""What a second reading of the case's life found, each as the story that showed it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas import actions as a
from schemas import escalations as e
from services.escalation.core.policy import pinned
from services.escalation.core.standstill import PAUSES_MAX
from services.escalation.core.state import SOURCES_MAX, Pause
from tests.support.story import OTHER_GRID, ZONE, Story, local, office, ordinary, policy

BOSS, BRIGADE = "deputy_director", "brigade_leader"
ORDER = {"document_kind": "correction", "document": "一号"}


def filed(**changes) -> Story:
    story = ordinary(**changes).does(a.Accept, BRIGADE)
    return story.does(a.File, BRIGADE, inspectors=2)


def suspected() -> Story:
    story = filed().does(a.Serve, BRIGADE, due_on="2026-09-24", **ORDER).until("2026-09-28 10:00")
    return story.does(
        a.SuspectCrime, BRIGADE, act="flight", amount_fen=1_200_000, workers=1, months=3
    )


def test_a_second_ground_holds_a_clock_whose_old_end_has_passed_while_it_stood():
    story = filed()
    due = story.clock("S10").due_at
    story.until(due - timedelta(days=20)).does(a.Suspend, BOSS, ground="suspended", basis="鉴定")
    story.until(due + timedelta(days=2)).does(a.Arbitrate, BRIGADE, kind="suit", number="1")
    story.until(due + timedelta(days=5)).does(a.Resume, BOSS, ground="suspended")
    assert [one.ground for one in story.clock("S10").standing] == ["arbitration"]


def test_a_suit_may_follow_an_arbitration_and_one_from_before_filing_holds_the_investigation():
    story = ordinary().does(a.Arbitrate, BRIGADE, kind="arbitration", number="1")
    story.does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)
    assert story.clock("S10").standing
    story.until("2026-09-28 10:00").does(a.Resume, BOSS, ground="arbitration")
    story.does(a.Arbitrate, BRIGADE, kind="suit", number="2")
    assert story.clock("S10").standing
    assert story.refused() == []


def test_an_extension_is_warned_before_its_new_end():
    story = filed()
    story.until(story.clock("S10").due_at - timedelta(hours=2))
    said = len([f for f in story.said(e.DeadlineWarned) if f.clock == "S10"])
    story.does(a.AskExtension, BRIGADE, clock="S10", days=30, reason="案情复杂")
    story.does(a.RuleExtension, BOSS, clock="S10", approved=True)
    story.until(story.clock("S10").due_at)
    assert len([f for f in story.said(e.DeadlineWarned) if f.clock == "S10"]) > said


def test_a_second_lapse_after_one_withdrawn_is_told_anew():
    name = {"clock": "S07", "source": "12345/A1"}
    story = ordinary(channel="12345", number="A1").until("2026-09-29 17:00")
    story.does(a.AskExtension, "hotline_liaison", days=3, reason="等待支付", **name)
    story.until("2026-09-30 09:00").does(a.RuleExtension, BOSS, approved=True, **name)
    story.until(story.clock("S07", "12345/A1").due_at)
    told = [f for f in story.said(e.CaseEscalated) if f.clock == "S07"]
    assert told[-1].outcome == "delivered"


@pytest.mark.parametrize("day", ["10月8日", "2062-09-24", "2026-09-21", "2026-09-01"])
def test_an_order_is_for_a_day_after_its_service(day):
    story = filed().does(a.Serve, BRIGADE, due_on=day, **ORDER)
    assert story.refused() == ["bad_date"]
    assert day in story.last(e.ActionRefused).reason_zh
    assert "S13" not in story.running()


def test_a_parked_act_that_cannot_be_applied_does_not_take_down_the_routing(monkeypatch):
    from services.escalation.core import advance

    def broken(turn, command):
        raise ValueError("as if a date were unreadable")

    story = filed().does(a.Route, "centre_head", grid=OTHER_GRID).does(a.Contact)
    monkeypatch.setattr(advance, "act", broken)
    story.routed(2, grid=OTHER_GRID)
    assert story.row.owner.grid == OTHER_GRID
    assert story.refused() == ["cannot_apply"]


def test_a_newer_order_governs():
    story = filed().does(a.Serve, BRIGADE, due_on="2026-09-28", **ORDER)
    story.until("2026-09-24 10:00").does(a.Serve, BRIGADE, due_on="2026-10-20", **ORDER)
    assert office(story.clock("S13").due_at) == "10-20 17:30"
    assert story.row.deeds.order_lapses == story.clock("S13").due_at


def test_whoever_holds_a_rerouted_case_has_a_signing_clock_of_its_own():
    story = Story().opened().routed().until("2026-09-22 10:00")
    assert story.clock("S03").breached
    story.does(a.Route, "town_squad_leader", grid=OTHER_GRID).routed(2, grid=OTHER_GRID)
    assert not story.clock("S03").breached
    assert office(story.clock("S03").due_at) == "09-22 16:30"


def test_the_way_to_the_police_is_not_lost_by_closing():
    story = suspected().does(a.EndInvestigation, BRIGADE).does(a.Decide, BOSS, outcome="处罚")
    story.does(a.Serve, BRIGADE, document_kind="decision", document="二号")
    story.does(a.Close, BOSS, conclusion="已立案")
    assert story.refused() == ["stage_order"]
    story.does(a.DecideReferral, "director", approved=True).does(a.Refer, BRIGADE, document="书")
    story.does(a.PoliceReply, BRIGADE, filed=False).does(a.Close, BOSS, conclusion="已移送公安")
    assert story.row.closed_at
    assert "S15" in story.running()
    story.does(a.AskReview, BRIGADE).does(a.PoliceReply, BRIGADE, filed=False)
    assert "S15" not in story.running()


def test_a_referral_that_was_denied_may_be_shown_again_with_other_facts():
    story = suspected().does(a.DecideReferral, "director", approved=False)
    story.does(a.SuspectCrime, BRIGADE, act="transfer", amount_fen=6_000_000, workers=12)
    assert story.refused() == []
    assert story.clock("S14").variant == "decide"


def test_a_reopened_case_has_its_clocks_and_owes_its_answers_again():
    story = ordinary(channel="12345", number="A1").does(a.Close, conclusion="不属实")
    told = {"channel": "12345", "external_no": "A1", "conclusion": "不属实"}
    story.until("2026-09-22 09:00").does(a.Reopen, "centre_head")
    assert story.running() == {"S07", "S09", "S16b"}
    story.does(a.Replied, "adapter", at="2026-09-22 08:30", **told)  # of the first answer
    assert not story.row.source("12345/A1").replied
    story.does(a.Close, conclusion="不属实")
    assert len(story.said(e.ReplyOwed)) == 2
    story.does(a.Replied, "adapter", **told).does(a.Revisit, "centre_duty", satisfied=True)
    assert story.running() == set()


def test_nothing_to_stop_is_said_and_a_row_is_bounded():
    story = filed()
    story.until(story.clock("S10").due_at + timedelta(hours=1))
    story.does(a.Suspend, BOSS, ground="suspended", basis="鉴定")
    assert story.refused() == ["unknown_clock"]
    full = filed()
    done = Pause(ground="suspended", begins=full.now, until=full.now, ends=full.now)
    clocks = tuple(
        c.model_copy(update={"pauses": (done,) * PAUSES_MAX}) if c.id == "S10" else c
        for c in full.row.clocks
    )
    full.row = full.row.model_copy(update={"clocks": clocks})
    full.does(a.Suspend, BOSS, ground="suspended", basis="鉴定")
    assert full.refused() == ["too_many_pauses"]


def test_a_mediation_that_failed_does_not_begin_again_with_the_next_holder():
    story = ordinary().does(a.Mediate, failed=True)
    story.does(a.Route, "centre_head", grid=OTHER_GRID).routed(2, grid=OTHER_GRID).does(a.Sign)
    assert "S06" not in story.running()


def test_a_rung_that_is_gone_is_no_reason_for_silence():
    rungs = {name: post for name, post in policy().rungs.items() if name != "R4_liaison"}
    rules = tuple(
        replace(r, lapse_to=(("R4",),)) if r.id in ("S07", "S07b") else r for r in policy().rules
    )
    story = ordinary(channel="12345", number="A1")
    story.policy = pinned(replace(policy(), rungs=rungs, rules=rules), policy())
    story.until("2026-10-09 10:00")
    told = [f.to.rung for f in story.said(e.CaseEscalated) if f.clock == "S07"]
    assert told[0] == "R4"


def test_what_the_head_in_charge_suspended_is_not_lifted_below():
    story = filed().does(a.Suspend, BOSS, ground="suspended", basis="鉴定")
    story.does(a.Resume, BRIGADE, ground="suspended")
    assert story.refused() == ["not_allowed_for_post"]
    story.does(a.Arbitrate, BRIGADE, kind="suit", number="1")
    story.does(a.Resume, BRIGADE, ground="arbitration").does(a.Resume, BOSS, ground="suspended")
    assert story.refused() == ["not_allowed_for_post"]
    assert not story.clock("S10").standing


def test_a_phone_ahead_of_us_makes_nobody_late_before_the_instant_has_come():
    """World 2610: signed on time by our clock, past the end by the phone's; stopped as not kept, without a breach."""
    story = Story().opened().routed()
    due = story.clock("S03").due_at
    now = due - timedelta(minutes=2)
    phone = (due + timedelta(minutes=1)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    story.until(now).does(a.Sign, at=phone)
    stopped = [fact for fact in story.said(e.ClockStopped) if fact.clock == "S03"]
    assert [(fact.kept, fact.stopped_at) for fact in stopped] == [(True, now)]


def test_every_lapse_of_a_full_case_is_said_before_an_act_is_applied():
    story = ordinary()
    for number in range(SOURCES_MAX - 1):
        day = local("2026-09-21 11:00") + timedelta(days=number // 32)
        story.joined("12345", f"A{number:02d}", occurred_at=day)
    story.now = local("2026-10-20 09:00")  # the timers lag
    told = {"channel": "12345", "external_no": f"A{SOURCES_MAX - 2}", "conclusion": "不属实"}
    story.does(a.Replied, "adapter", **told)
    stopped = story.last(e.ClockStopped)
    assert not stopped.kept
    assert stopped.source in {fact.source for fact in story.said(e.DeadlineBreached)}
