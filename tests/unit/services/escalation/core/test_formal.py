"""The formal way: pauses on a ground, extensions in time, and the way to the police."""

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from services.escalation.core.state import state_of
from tests.support.story import Story, office, ordinary

BOSS, BRIGADE = "deputy_director", "brigade_leader"


def filed(**changes) -> Story:
    story = ordinary(**changes).does(a.Accept, BRIGADE)
    return story.does(a.File, BRIGADE, inspectors=2)


def referred() -> Story:
    story = filed().does(
        a.Serve, BRIGADE, document_kind="correction", document="一号", due_on="2026-09-24"
    )
    story.until("2026-09-28 10:00").does(
        a.SuspectCrime, BRIGADE, act="flight", amount_fen=1_200_000, workers=1, months=3
    )
    story.does(a.DecideReferral, "director", approved=True)
    return story.does(a.Refer, BRIGADE, document="移送书一号")


def test_asking_for_material_holds_the_acceptance_and_nothing_else():
    story = ordinary()
    due = story.clock("S09").due_at
    others = {c.key: c.due_at for c in story.row.clocks if c.id != "S09"}
    story.until("2026-09-22 10:00").does(a.AskMaterial, BRIGADE, items="考勤记录")
    assert story.last(e.ClockPaused).ground == "material"
    assert {c.key: c.due_at for c in story.row.clocks if c.id != "S09"} == others
    story.until("2026-09-24 10:00")
    assert "S09" not in {fact.clock for fact in story.said(e.DeadlineWarned)}
    story.does(a.TakeMaterial, BRIGADE)
    resumed = story.last(e.ClockResumed)
    assert (office(due), office(resumed.due_at)) == ("09-29 17:30", "10-08 17:30")  # two days on
    assert resumed.why == "person"
    story.until("2026-10-08 17:30")
    assert [f.clock for f in story.said(e.DeadlineBreached) if f.clock == "S09"] == ["S09"]


def test_a_pause_ends_by_itself_at_its_cap():
    story = ordinary().does(a.AskMaterial, BRIGADE, items="考勤记录")
    until = story.last(e.ClockPaused).until
    story.until(until)
    assert story.last(e.ClockResumed).why == "cap"
    assert not story.clock("S09").standing
    assert story.clock("S09").due_at > until


def test_what_is_done_while_a_clock_stands_still_keeps_it():
    story = ordinary().does(a.AskMaterial, BRIGADE, items="考勤记录")
    story.until("2026-10-05 10:00").does(a.Accept, BRIGADE)
    stopped = next(f for f in story.said(e.ClockStopped) if f.clock == "S09")
    assert stopped.kept


def test_a_pause_told_after_the_lapse_takes_it_back_where_it_began_before():
    story = ordinary().until("2026-09-30 09:00")
    assert story.clock("S09").breached
    story.does(a.AskMaterial, BRIGADE, at="2026-09-28 09:00", items="考勤记录")
    assert story.last(e.ClockPaused).breach_withdrawn
    assert not story.clock("S09").breached
    story.does(a.TakeMaterial, BRIGADE)
    assert office(story.clock("S09").due_at) == "10-08 17:30"


def test_two_grounds_at_once_stand_until_the_last_is_gone():
    story = filed().does(a.Suspend, BOSS, ground="suspended", basis="等待鉴定")
    story.until("2026-09-23 10:00").does(
        a.Arbitrate, BRIGADE, kind="arbitration", number="鄂劳仲1号"
    )
    story.until("2026-09-28 10:00").does(a.Resume, BOSS, ground="suspended")
    assert story.clock("S10").standing
    story.until("2026-09-30 10:00").does(a.Resume, BOSS, ground="arbitration")
    assert not story.clock("S10").standing
    stood = story.clock("S10").pauses
    assert [one.ground for one in stood] == ["suspended", "arbitration"]


def test_an_extension_is_asked_in_time_approved_once_and_never_beyond_the_law():
    story = filed()
    due = story.clock("S10").due_at
    ask = {"clock": "S10", "reason": "案情复杂"}
    story.does(a.RuleExtension, BOSS, clock="S10", approved=True)
    story.does(a.AskExtension, BRIGADE, days=31, **ask).does(
        a.AskExtension, BRIGADE, days=30, **ask
    )
    story.does(a.AskExtension, BRIGADE, days=30, **ask)
    assert story.clock("S10").due_at == due  # asking moves nothing
    story.does(a.RuleExtension, BRIGADE, clock="S10", approved=True)
    story.does(a.RuleExtension, BOSS, clock="S10", approved=True)
    told = story.last(e.ClockExtended)
    assert (told.days, told.unit, told.old_due_at) == (30, "wd", due)
    assert told.due_at == story.clock("S10").due_at > due
    story.does(a.AskExtension, BRIGADE, days=1, **ask)
    assert story.refused() == [
        "stage_order", "extension_too_long", "already_done", "not_allowed_for_post",
        "extension_too_long",
    ]  # fmt: skip


def test_an_extension_asked_after_the_end_is_refused_and_one_approved_late_takes_the_lapse_back():
    story = ordinary(channel="12345", number="A1").until("2026-09-29 17:00")
    name = {"clock": "S07", "source": "12345/A1"}
    story.does(a.AskExtension, "hotline_liaison", days=3, reason="已与诉求人沟通", **name)
    story.until("2026-09-30 09:00")
    assert story.clock("S07", "12345/A1").breached
    story.does(a.RuleExtension, BOSS, approved=True, **name)
    assert story.last(e.ClockExtended).breach_withdrawn
    late = ordinary(channel="12345", number="A1").until("2026-09-30 09:00")
    late.does(a.AskExtension, "hotline_liaison", days=3, reason="忘了", **name)
    late.does(a.AskExtension, BRIGADE, clock="S03", days=1, reason="忙")
    assert late.refused() == ["extension_late", "unknown_clock"]


def test_an_extension_that_is_denied_changes_nothing_but_may_be_asked_again():
    story = filed()
    due = story.clock("S10").due_at
    for _ in range(2):
        story.does(a.AskExtension, BRIGADE, clock="S10", days=5, reason="补充取证")
        story.does(a.RuleExtension, BOSS, clock="S10", approved=False)
    assert story.clock("S10").due_at == due
    assert story.said(e.ClockExtended) == []
    assert story.refused() == []


def test_a_date_that_the_source_set_is_extended_from_that_date():
    story = Story("2026-09-21 09:00")
    own = story.now.replace(day=23, hour=17)
    one = story.record("12345", "A1").model_copy(update={"due_at": own})
    told = c.CaseOpened(district="420704", case_id=story.case, number="1", submission=one)
    story.give(told).routed().does(a.Sign)
    name = {"clock": "S07", "source": "12345/A1"}
    assert story.clock("S07", "12345/A1").due_at == own
    story.does(a.AskExtension, "hotline_liaison", days=1, reason="等待支付", **name)
    story.does(a.RuleExtension, BOSS, approved=True, **name)
    assert office(story.clock("S07", "12345/A1").due_at) == "09-24 17:30"


def test_the_police_are_shown_a_case_after_a_lapsed_order_and_from_the_threshold_on():
    story = filed()
    crime = {"act": "able_and_refuses", "amount_fen": 5_000_000, "workers": 10}
    story.does(a.SuspectCrime, BRIGADE, **crime)
    story.does(a.Serve, BRIGADE, document_kind="correction", document="一号", due_on="2026-09-24")
    story.does(a.SuspectCrime, BRIGADE, **crime).until("2026-09-28 10:00")
    story.does(a.SuspectCrime, BRIGADE, **(crime | {"workers": 9}))
    assert story.refused() == ["missing_evidence", "missing_evidence", "below_threshold"]
    story.does(a.SuspectCrime, BRIGADE, **crime)
    assert story.clock("S14").variant == "decide"
    assert office(story.clock("S14").due_at) == "10-08 17:30"  # three days, the holiday gives way


def test_referred_filed_by_the_police_the_investigation_stands_still():
    story = referred()
    assert "S14" not in story.running()
    story.does(a.PoliceReply, BRIGADE, filed=True)
    assert [one.ground for one in story.clock("S10").standing] == ["referral"]
    story.does(a.Close, BRIGADE, conclusion="已移送公安")
    assert story.refused() == [
        "stage_order"
    ]  # the decision of our own is not replaced (不得以罚代移)


def test_refused_by_the_police_a_review_is_asked_within_three_days():
    story = referred().does(a.AskReview, BRIGADE).does(a.PoliceReply, BRIGADE, filed=False)
    assert story.clock("S15").variant == "ask_review"
    assert not story.clock("S10").standing
    story.does(a.AskReview, BRIGADE)
    assert "S15" not in story.running()
    assert story.refused() == ["stage_order"]


def test_a_withdrawal_is_noted_and_moves_no_clock():
    story = ordinary()
    before = story.row
    story.does(a.Withdraw, reason="已私下和解")
    assert story.row == before


@pytest.mark.parametrize(
    ("verb", "post", "fields", "reason"),
    [
        (a.TakeMaterial, BRIGADE, {}, "stage_order"),
        (a.Suspend, BOSS, {"ground": "suspended", "basis": "等待鉴定"}, "not_filed"),
        (a.Resume, BOSS, {"ground": "suspended"}, "not_paused"),
        (a.Refer, BRIGADE, {"document": "一号"}, "stage_order"),
        (a.DecideReferral, BOSS, {"approved": True}, "not_allowed_for_post"),
        (a.Close, "grid_officer", {"conclusion": "已移送公安"}, "stage_order"),
    ],
)
def test_out_of_turn_it_is_refused_with_words(verb, post, fields, reason):
    story = ordinary()
    before = story.row
    story.does(verb, post, **fields)
    assert story.refused() == [reason]
    assert story.last(e.ActionRefused).reason_zh
    assert story.row == before


def test_suspended_twice_on_one_ground_is_once():
    story = filed().does(a.Suspend, BOSS, ground="suspended", basis="等待鉴定")
    story.does(a.Suspend, BOSS, ground="suspended", basis="等待鉴定")
    assert story.refused() == ["already_done"]
    assert len(story.clock("S10").pauses) == 1
    assert state_of(story.row) == "filed"
