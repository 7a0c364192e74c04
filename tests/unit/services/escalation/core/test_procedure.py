"""程序节点: steps that no verb of their own notes, the clocks they start and end, and what is too early."""

from dataclasses import replace
from typing import Any

import pytest

from schemas import actions as a
from schemas import escalations as e
from services.escalation.core.procedure import periods
from tests.support.story import Story, office, ordinary, policy

BRIGADE, BOSS, DIRECTOR = "brigade_leader", "deputy_director", "director"
LIAISON = "hotline_liaison"


def filed() -> Story:
    return ordinary().does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)


def served() -> Story:
    story = filed().does(a.EndInvestigation, BRIGADE).does(a.Decide, DIRECTOR, outcome="责令支付")
    return story.does(a.Serve, BRIGADE, document_kind="decision", document="一号")


def notes(story: Story, step: str, post: str = BRIGADE, **fields: Any) -> Story:
    return story.does(a.NoteStep, post, step=step, **fields)


def why(story: Story) -> str:
    return str(story.last(e.ActionRefused).reason_zh)


def stopped(story: Story, clock: str) -> Any:
    return [fact for fact in story.said(e.ClockStopped) if fact.clock == clock][-1]


def test_evidence_is_handled_within_seven_working_days_and_may_be_preserved_anew():
    story = notes(filed(), "evidence_preserved")
    assert (office(story.clock("L03").due_at), story.clock("L03").hard) == ("10-08 17:30", True)
    notes(story, "evidence_preserved")
    notes(story.until("2026-10-08 10:00"), "evidence_handled", BOSS)
    assert stopped(story, "L03").kept
    notes(story, "evidence_handled")
    notes(story, "evidence_preserved")
    assert story.refused() == ["already_done", "already_done"]
    assert office(story.clock("L03").started_at) == "10-08 10:00"


def test_evidence_left_unhandled_outlives_the_case_and_climbs():
    story = notes(served(), "evidence_preserved").does(a.Close, BRIGADE, conclusion="部分支付")
    assert "L03" in story.running()
    story.until("2026-10-09 18:00")
    assert [f.hard for f in story.said(e.DeadlineBreached) if f.clock == "L03"] == [True]
    notes(story, "evidence_handled", at="2026-10-08 09:00")
    assert stopped(story, "L03").breach_withdrawn


def test_a_hearing_is_not_held_before_seven_working_days_after_its_notice():
    story = filed()
    notes(story, "hearing_requested")
    assert why(story) == "请先完成：告知听证权利"
    for step in ("hearing_right_told", "hearing_requested", "hearing_notice_served"):
        notes(story, step)
    notes(story.until("2026-10-08 17:00"), "hearing_held")
    assert story.refused() == ["stage_order", "not_yet"]
    assert why(story) == "“听证通知”尚未届满，2026-10-09 起方可办理“举行听证”"
    notes(story.until("2026-10-09 09:00"), "hearing_held")
    assert len(story.refused()) == 2
    assert "hearing_held" in story.row.deeds.steps


def test_where_the_policy_of_the_case_has_no_least_wait_nothing_is_too_early():
    story = filed()
    story.policy = replace(policy(), others=tuple(r for r in policy().others if r.id != "L07"))
    for step in (
        "hearing_right_told",
        "hearing_requested",
        "hearing_notice_served",
        "hearing_held",
    ):
        notes(story, step)
    assert story.refused() == []


def test_after_the_decision_no_right_to_a_hearing_is_told():
    assert why(notes(served(), "hearing_right_told")) == "已有“处理决定”，不能再办理“告知听证权利”"


def test_three_months_to_enforce_begin_when_the_review_and_the_suit_periods_have_lapsed():
    story = served().until("2027-03-22 10:00")
    assert story.clock("L04") is None
    story.until("2027-03-22 17:30")  # six months after 21 September 2026; 21 March is a Sunday
    assert story.clock("L04").hard
    assert office(story.clock("L04").due_at) == "06-22 17:30"
    notes(story, "enforcement_requested")
    notes(story, "demand_served")
    notes(story.until("2027-04-02 10:00"), "enforcement_requested")
    assert story.refused() == ["stage_order", "not_yet"]
    assert "起方可办理“申请法院强制执行”" in why(story)
    notes(story.until("2027-04-12 10:00"), "enforcement_requested")
    assert stopped(story, "L04").kept


@pytest.mark.parametrize("step", ["reconsideration_asked", "suit_filed", "decision_obeyed"])
def test_what_was_asked_in_time_forestalls_the_enforcement(step):
    story = notes(served().until("2026-11-02 10:00"), step).until("2027-06-01 10:00")
    assert story.clock("L04") is None
    assert story.row.coming == ()


def test_what_was_asked_in_time_and_told_late_takes_the_clock_back():
    story = served().until("2027-03-23 10:00")
    assert story.clock("L04")
    notes(story, "reconsideration_asked", at="2026-11-02 10:00")
    assert story.clock("L04") is None
    assert stopped(story, "L04").kept
    notes(story.until("2027-04-01 10:00"), "reconsideration_decided")
    notes(story.until("2027-05-10 10:00"), "review_and_suit_periods_lapsed")
    assert office(story.clock("L04").started_at) == "05-10 10:00"
    assert story.refused() == []


def test_what_was_asked_too_late_leaves_the_clock_as_it_is():
    story = served().until("2027-03-23 10:00")
    before = story.clock("L04")
    notes(story, "suit_filed")
    assert story.clock("L04") == before


def test_an_obeyed_decision_is_not_enforced():
    story = served().until("2027-03-23 10:00")
    notes(story, "decision_obeyed")
    assert stopped(story, "L04").why == "decision_obeyed"
    notes(story, "demand_served")
    assert why(story) == "已有“决定已履行或无需执行”，不能再办理“催告书送达”"


@pytest.mark.parametrize(("conclusion", "runs"), [("部分支付", True), ("不属实", False)])
def test_closing_ends_the_enforcement_only_where_nothing_is_left_to_enforce(conclusion, runs):
    story = served().does(a.Pay, amount_fen=1, workers=1)
    before, after = story, served().does(a.Pay, amount_fen=1, workers=1).until("2027-03-23 10:00")
    for one in (before, after):
        one.does(a.Close, BRIGADE, conclusion=conclusion).until("2027-03-24 10:00")
        assert (one.clock("L04") is not None) is runs


def test_a_decision_is_served_once_and_no_second_service_moves_the_periods():
    story = served().until("2026-12-01 10:00")
    before = story.row.coming
    story.does(a.Serve, BRIGADE, document_kind="decision", document="一号")
    assert story.refused() == ["already_done"]
    assert story.row.coming == before


def test_a_petition_is_answered_accepted_and_settled_after_its_case_is_closed():
    story = ordinary().does(a.Close, conclusion="不属实")
    notes(story, "petition_accepted", LIAISON)
    notes(story, "petition_received", LIAISON)
    assert office(story.clock("L11").due_at) == "10-08 17:30"  # 15 days end in the holiday
    notes(story.until("2026-09-30 10:00"), "petition_answered", LIAISON)
    notes(story, "petition_accepted", LIAISON)
    notes(story, "petition_received", LIAISON)
    assert story.refused() == ["stage_order", "overtaken"]
    due = story.clock("L13").due_at
    ask = {"clock": "L13", "days": 30, "reason": "案情复杂"}
    story.does(a.AskExtension, LIAISON, **ask)
    story.does(a.RuleExtension, BOSS, clock="L13", approved=True)
    assert story.clock("L13").due_at > due
    notes(story.until("2026-11-30 10:00"), "petition_settled", LIAISON)
    assert stopped(story, "L13").kept
    notes(story, "petition_received", LIAISON)
    assert "L11" in story.running()


def test_the_advice_of_the_procuratorate_is_answered_in_two_months_or_where_urgent_in_fifteen_days():
    story = ordinary()
    notes(story, "procuratorate_advice")
    assert story.refused() == ["unknown_variant"]
    assert "normal（检察建议回复）、urgent" in why(story)
    notes(story, "procuratorate_advice", variant="urgent")
    assert office(story.clock("S18").due_at) == "10-08 17:30"
    notes(story, "advice_answered", DIRECTOR)
    notes(story, "procuratorate_advice", variant="normal", due_on="2026-10-20")
    clock = story.clock("S18")
    assert (office(clock.due_at), clock.fixed, clock.hard) == ("10-20 17:30", True, True)
    notes(story, "advice_answered", DIRECTOR)
    notes(story, "procuratorate_advice", variant="normal", due_on="2027-01-20")
    assert office(story.clock("S18").due_at) == "11-23 17:30"  # no document gives more than the law


def test_listing_and_repair_follow_a_lapsed_order_and_are_never_hard():
    story = filed()
    notes(story, "correction_lapsed")
    story.does(a.Serve, BRIGADE, document_kind="correction", document="一号", due_on="2026-09-24")
    notes(story.until("2026-09-24 17:00"), "correction_lapsed")
    assert story.refused() == ["stage_order", "not_yet"]
    assert (
        why(story) == "“限期改正付款日”尚未届满，2026-09-25 起方可办理“限期支付逾期且符合列入条件”"
    )
    notes(story.until("2026-09-28 10:00"), "correction_lapsed")
    assert not story.clock("L21").hard
    notes(story, "list_decided", DIRECTOR)
    notes(story, "correction_done")
    notes(story.until("2027-03-28 10:00"), "repair_asked")
    assert story.refused()[2:] == ["not_yet"]
    notes(story.until("2027-03-30 10:00"), "repair_asked")
    assert not story.clock("L23").hard
    notes(story, "repair_decided", DIRECTOR)
    assert {"L21", "L23"} & story.running() == set()


@pytest.mark.parametrize(
    ("post", "fields", "reason"),
    [
        (BRIGADE, {"step": "make_coffee"}, "unknown_step"),
        (BRIGADE, {"step": "quarter_ended"}, "unknown_step"),
        ("grid_officer", {"step": "mediation_asked"}, "not_allowed_for_post"),
        (LIAISON, {"step": "mediation_asked"}, "not_allowed_for_post"),
        (BRIGADE, {"step": "evidence_preserved"}, "not_filed"),
        (BRIGADE, {"step": "mediation_asked", "variant": "urgent"}, "unknown_variant"),
        (BRIGADE, {"step": "mediation_asked", "due_on": "2026-10-08"}, "not_dated"),
        (DIRECTOR, {"step": "procuratorate_advice", "variant": "normal", "due_on": "soon"}, "bad_date"),
    ],
)  # fmt: skip
def test_what_cannot_be_noted_is_refused_with_words_and_changes_nothing(post, fields, reason):
    story = ordinary()
    before = story.row
    story.does(a.NoteStep, post, **fields)
    assert story.refused() == [reason]
    assert "{" not in why(story)
    assert story.row == before


def test_a_step_does_not_lie_before_what_it_follows():
    story = notes(filed().until("2026-09-23 10:00"), "evidence_preserved")
    notes(story, "evidence_handled", at="2026-09-22 10:00")
    assert story.refused() == ["too_early"]
    assert "早于先行登记保存证据" in why(story)


def test_a_step_waits_for_the_owner_of_an_open_case():
    story = notes(Story().opened(), "petition_received", LIAISON)
    assert story.running() == {"S01", "S09"}
    story.routed()
    assert "L11" in story.running()


def test_periods_of_others_are_shown_and_never_lapse_against_us():
    story = served()
    shown = [(one.rule.id, office(one.due_at)) for one in periods(policy(), story.row)]
    assert shown == [("L08", "11-20 17:30"), ("L10", "03-22 17:30")]
    notes(story, "reconsideration_asked")
    notes(story, "demand_served")
    names = [one.rule.id for one in periods(policy(), story.row)]
    assert names == ["L05", "L09", "L10"]
    story.until("2027-03-01 10:00")
    assert not [f for f in story.said(e.DeadlineBreached) if f.clock.startswith("L")]


def test_an_arbitration_shows_the_periods_of_the_commission_until_its_award():
    story = notes(filed(), "arbitration_asked")
    story.does(a.Arbitrate, BRIGADE, kind="arbitration", number="鄂劳仲1号")
    assert [one.rule.id for one in periods(policy(), story.row)] == ["L17", "L19"]
    notes(story, "award")
    assert list(periods(policy(), story.row)) == []
    story.does(a.Resume, BOSS, ground="arbitration")
    assert "arbitration_accepted" not in story.row.deeds.steps
