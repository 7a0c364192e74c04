"""The life of a case, told as stories."""

from dataclasses import replace

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from tests.support.story import GRID, OTHER_GRID, Story, local, office, ordinary, policy


def test_clocks_from_receipt_start_at_opening_and_not_at_routing():
    story = Story().opened("12345", "A1")
    assert story.running() == {"S01", "S07", "S09"}
    story.routed()
    assert story.running() == {"S03", "S04", "S07", "S09"}
    assert (
        office(story.clock("S09").due_at) == "09-29 17:30"
    )  # 5 wd: 22, 23, 24 Sep, 28 and 29 (中秋 25–27)
    assert story.clock("S09").hard
    assert not story.clock("S07", "12345/A1").hard


def test_an_assignment_says_what_governs_the_case():
    made = Story().opened("12345", "A1").routed().last(e.AssignmentMade)
    assert (made.clock, made.source, office(made.due_at)) == ("S09", "", "09-29 17:30")
    again = ordinary().does(a.Accept, "brigade_leader").does(a.Return, reason="wrong_grid")
    made = again.routed(2, "returned", grid=OTHER_GRID).last(e.AssignmentMade)
    assert (made.clock, office(made.due_at)) == ("S03", "09-21 16:30")  # its own signing clock


def test_a_quiet_case_is_signed_contacted_mediated_paid_closed_and_answered():
    story = ordinary(channel="12345", number="A1")
    story.does(a.Contact).until("2026-09-22 10:00").does(a.Mediate).does(
        a.Pay, amount_fen=800_000, workers=1
    )
    story.does(a.Close, conclusion="支付完毕")
    owed = story.last(e.ReplyOwed)
    assert (owed.channel, owed.external_no, owed.paid_fen, owed.conclusion) == (
        "12345", "A1", 800_000, "支付完毕",
    )  # fmt: skip
    assert [out.key for out in story.outs if out.topic == "replies"] == ["A1"]
    assert story.running() == {"S07", "S16"}  # the answer is owed until its receipt, and a revisit
    story.does(a.Replied, "adapter", channel="12345", external_no="A1", conclusion="支付完毕")
    story.does(a.Revisit, "centre_duty", satisfied=True)
    assert story.running() == set()
    story.until("2027-01-01 00:00")
    assert not story.said(e.DeadlineBreached) + story.said(e.CaseEscalated)
    assert story.refused() == []


def test_nobody_signs_and_every_rung_is_told_in_its_turn():
    story = Story().opened(urgent=True).routed().until("2026-09-21 10:00")
    assert [(f.clock, f.level, f.to.post) for f in story.said(e.CaseEscalated)] == [
        ("S02", 1, "town_squad_leader"),
        ("S02", 1, "centre_head"),
    ]
    assert story.row.owner.grid == GRID  # 首接负责: the officer keeps the duty
    story.until("2026-09-21 11:00")
    assert story.last(e.CaseEscalated).to.post == "town_deputy_head"  # S04 urgent, two hours


def test_a_legal_deadline_left_to_lapse_climbs_superior_by_superior_to_the_procuratorate():
    story = ordinary().until("2026-10-20 00:00")
    rungs = [f.to.rung for f in story.said(e.CaseEscalated) if f.clock == "S09"]
    assert rungs == ["R3_brigade", "R4", "R4_director", "R5_head", "R6"]
    levels = [f.level for f in story.said(e.CaseEscalated) if f.clock == "S09"]
    assert levels == [1, 2, 3, 4, 5]
    assert story.last(e.DeadlineBreached).clock in {"S06", "S09", "S04"}
    assert len([f for f in story.said(e.DeadlineBreached) if f.clock == "S09"]) == 1
    assert story.clock("S09").breached  # it runs on until somebody decides
    story.does(a.Accept, "brigade_leader")
    stopped = next(f for f in story.said(e.ClockStopped) if f.clock == "S09")
    assert not stopped.kept


def test_a_clock_whose_rule_left_the_policy_still_lapses_and_somebody_hears():
    story = Story().opened("12345", "A1").routed()
    story.policy = replace(policy(), rules=tuple(r for r in policy().rules if r.id != "S07"))
    story.does(a.Sign).does(a.Contact).until("2026-09-29 17:30")
    assert [f.clock for f in story.said(e.DeadlineBreached)] == ["S06", "S07", "S09"]
    told = next(f for f in story.said(e.CaseEscalated) if f.clock == "S07")
    assert told.to.post == "centre_duty"


def test_a_deed_that_arrives_late_is_judged_by_its_own_instant():
    story = Story().opened().routed().until("2026-09-21 16:00")
    assert [f.clock for f in story.said(e.DeadlineBreached)] == ["S03"]  # 4 wh: 3 h, 1 h after noon
    story.does(a.Sign, at="2026-09-21 10:00")
    stopped = story.last(e.ClockStopped)
    assert (stopped.clock, stopped.kept, stopped.breach_withdrawn) == ("S03", True, True)


def test_a_deed_done_late_has_breached_even_where_no_timer_spoke_first():
    story = Story().opened().routed()
    story.now = local("2026-09-21 16:00")  # the timer lags
    story.does(a.Sign)
    assert [type(f) for f in story.facts if getattr(f, "clock", "") == "S03"] == [
        e.ClockStarted, e.DeadlineWarned, e.DeadlineWarned, e.DeadlineBreached, e.CaseEscalated,
        e.ClockStopped,
    ]  # fmt: skip
    assert not story.last(e.ClockStopped).kept


def test_a_return_goes_once_and_a_second_is_ruled_by_the_superior():
    story = Story().opened().routed()
    story.does(a.Return, reason="wrong_grid", to_grid=OTHER_GRID)
    assert story.row.owner is None
    first = story.last(e.AssignmentReturned)
    assert (first.returns, first.disputed, first.from_grid) == (1, False, GRID)
    story.routed(2, "returned", grid=OTHER_GRID).does(a.Return, reason="wrong_grid")
    second = story.last(e.AssignmentReturned)
    assert (second.returns, second.disputed) == (2, True)
    assert story.row.owner.grid == OTHER_GRID  # until the ruling
    assert story.clock("S05").variant == "rule"
    story.does(a.Route, "centre_duty", grid=GRID).does(a.Route, "centre_head", grid=GRID)
    assert story.refused() == ["stage_order"]
    assert story.last(e.AssignmentReturned).ruled
    story.routed(3, "ruled", final=True).does(a.Return, reason="wrong_grid")
    assert story.refused() == ["stage_order", "return_used"]
    assert story.clock("S05") is None
    assert story.clock("S09").started_at == story.now  # clocks never pause for a return


def test_a_return_comes_within_one_working_day_after_signing():
    story = ordinary().until("2026-09-22 18:00").does(a.Return, reason="wrong_grid")
    assert story.refused() == ["return_late"]
    assert "2026-09-22（周二）17:30" in story.last(e.ActionRefused).reason_zh
    story.policy = replace(policy(), objection=replace(policy().objection, limit=2.0))
    story.does(a.Return, reason="wrong_grid")
    assert story.refused() == ["return_late"]


def test_the_formal_way_needs_two_inspectors_and_ends_with_a_served_decision():
    story = ordinary().does(a.Mediate, failed=True)
    story.does(a.File, "brigade_leader", inspectors=2).does(a.Accept, "brigade_leader")
    story.does(a.File, "brigade_leader", inspectors=1).does(a.File, "brigade_leader", inspectors=2)
    assert story.refused() == ["stage_order", "missing_evidence"]
    assert "S10" in story.running()
    assert "S09" not in story.running()
    story.does(
        a.Serve, "brigade_leader", document_kind="correction", document="一号", due_on="2026-09-30"
    )
    assert office(story.clock("S13").due_at) == "09-30 17:30"
    story.does(a.Pay, "brigade_leader", amount_fen=1, workers=1)
    story.does(a.Close, "brigade_leader", conclusion="支付完毕")
    story.does(a.EndInvestigation, "brigade_leader").does(a.Decide, "brigade_leader", outcome="…")
    story.does(a.Decide, "deputy_director", outcome="责令改正")
    story.does(a.Close, "brigade_leader", conclusion="支付完毕")
    story.does(a.Serve, "brigade_leader", document_kind="decision", document="二号")
    story.does(a.Close, "brigade_leader", conclusion="支付完毕")
    assert story.refused()[2:] == ["stage_order", "not_allowed_for_post", "stage_order"]
    assert story.row.closed_at == story.now


def test_filing_answers_the_hotlines_and_closing_the_platforms_each_once():
    story = ordinary(channel="12345", number="A1").joined("national", "N1")
    story.does(a.Accept, "brigade_leader").does(a.File, "brigade_leader", inspectors=2)
    assert [(f.channel, f.conclusion) for f in story.said(e.ReplyOwed)] == [("12345", "已立案")]
    story.does(a.EndInvestigation, "brigade_leader").does(a.Decide, "director", outcome="撤案")
    story.does(a.Serve, "brigade_leader", document_kind="decision", document="一号")
    story.does(a.Close, "brigade_leader", conclusion="不属实")
    assert [(f.channel, f.conclusion) for f in story.said(e.ReplyOwed)] == [
        ("12345", "已立案"), ("national", "不属实"),
    ]  # fmt: skip


def test_a_patrols_case_owes_nobody_an_answer():
    story = ordinary(channel="patrol", number="X1").does(a.Close, conclusion="不属实")
    assert story.said(e.CaseClosed)
    assert story.said(e.ReplyOwed) == []


def test_a_declined_case_is_closed_with_the_advice_for_every_source():
    story = Story().opened("12345", "A1")
    story.give(
        c.CaseDeclined(
            district="420704", case_id=story.case, verdict="not_labour", exit="exit_consumer",
            channel_zh="12315", advice_zh="消费纠纷请向市场监管部门反映",
        )
    )  # fmt: skip
    assert story.last(e.CaseClosed).declined
    assert "12315" in story.last(e.ReplyOwed).remark_zh
    assert story.running() == {
        "S07"
    }  # until the receipt; nobody is called back about another's matter


def test_joined_after_closing_is_sent_away_to_become_a_case_of_its_own():
    story = ordinary().does(a.Close, conclusion="不属实").until("2026-09-21 11:00")
    story.joined("12345", "A2")
    detached = story.last(e.SubmissionDetached)
    assert (detached.why, detached.submission.external_no) == ("after_closing", "A2")


def test_a_closing_told_late_sends_away_what_was_received_after_it():
    story = ordinary().until("2026-09-21 11:00").joined("12345", "A2")
    story.until("2026-09-21 12:00").does(a.Close, at="2026-09-21 10:30", conclusion="不属实")
    assert story.last(e.SubmissionDetached).submission.external_no == "A2"
    assert [f.external_no for f in story.said(e.ReplyOwed)] == ["W1"]


def test_joined_late_but_received_before_the_closing_gets_the_answer_of_the_case():
    story = ordinary()
    late = story.record("12345", "A2")
    story.until("2026-09-21 11:00").does(a.Close, conclusion="不属实")
    like = c.Likeness(score=0.9, reason_zh="同一电话")
    story.give(
        c.SubmissionJoined(district="420704", case_id=story.case, submission=late, likeness=like)
    )
    assert story.last(e.ReplyOwed).external_no == "A2"
    assert story.said(e.SubmissionDetached) == []


def test_a_record_that_makes_the_case_urgent_shortens_the_clocks_that_end_later():
    story = Story().opened().routed().joined("12345", "A2", urgent=True)
    assert story.running() == {"S02", "S04", "S07", "S09"}
    assert story.clock("S04").variant == "urgent"
    late = Story("2026-09-21 09:00").opened().routed().until("2026-09-21 14:50")
    late.joined("12345", "A2", urgent=True)
    assert "S03" in late.running()  # ends at 15:30, earlier than an hour from now: it stays


def test_an_amendment_is_shown_and_starts_no_clock():
    story = ordinary()
    before = story.row.clocks
    story.amended(amount_fen=900_000)
    assert story.row.clocks == before
    assert story.row.sources[0].submission.matter.amount_fen == 900_000


def test_reopened_once_with_a_new_answer_owed_and_its_own_clock():
    story = ordinary(channel="12345", number="A1").does(a.Close, conclusion="不属实")
    story.does(a.Replied, "adapter", channel="12345", external_no="A1", conclusion="不属实")
    story.until("2026-09-22 09:00").does(a.Revisit, "centre_duty", satisfied=False)
    assert "S16b" in story.running()
    story.does(a.Reopen, "centre_head").does(a.Pay, amount_fen=100, workers=1)
    story.does(a.Close, conclusion="支付完毕").does(a.Reopen, "centre_head")
    assert story.refused() == ["reopened_before"]
    assert [f.conclusion for f in story.said(e.ReplyOwed)] == ["不属实", "支付完毕"]
    assert [f.persons for f in story.said(e.CaseReopened)] == [story.row.persons]


def test_split_leaves_with_its_clock_and_the_last_source_stays():
    story = ordinary(channel="12345", number="A1").joined("12333", "B1")
    gone = story.row.source("12333/B1").submission.submission_id
    story.does(a.Split, "centre_duty", submission_id=gone)
    story.does(a.Split, "centre_duty", submission_id=gone)
    first = story.row.source("12345/A1").submission.submission_id
    story.does(a.Split, "centre_duty", submission_id=first)
    assert story.refused() == ["already_done", "last_source"]
    story.give(
        c.SubmissionSplit(
            district="420704", case_id=story.case, submission_id=gone, into=story.case
        )
    )
    assert [one.name for one in story.row.sources] == ["12345/A1"]
    assert "S07b" not in story.running()


def test_three_logged_tries_stand_for_a_contact():
    story = ordinary()
    for _ in range(3):
        assert story.clock("S04")
        story.does(a.Contact, reached=False)
    assert story.clock("S04") is None


@pytest.mark.parametrize(
    ("post", "account", "reason"),
    [
        ("grid_officer", "g-420704002-G06-a", "not_this_owner"),
        ("town_squad_leader", "squad-420704001", "not_this_owner"),
        ("town_squad_leader", "g-420704002-G05-a", "not_allowed_for_post"),
        ("adapter", "", "not_allowed_for_post"),
    ],
)
def test_who_may_not_act_here_is_told_so_and_nothing_changes(post, account, reason):
    story = Story().opened().routed()
    before = story.row
    story.does(a.Sign, post, account=account)
    assert story.refused() == [reason]
    assert story.last(e.ActionRefused).reason_zh
    assert story.row == before


@pytest.mark.parametrize(
    ("verb", "fields", "reason"),
    [
        (a.Close, {"conclusion": "支付完毕"}, "not_paid"),
        (a.Close, {"conclusion": "已立案"}, "not_filed"),
        (a.Return, {"reason": "wrong_grid", "to_grid": "x"}, "unknown_grid"),
        (a.Sign, {}, "already_done"),
        (a.Accept, {}, "not_allowed_for_post"),
        (a.Revisit, {"satisfied": True, "post": "centre_duty"}, "not_closed"),
        (a.Route, {"grid": "x", "post": "centre_duty"}, "unknown_grid"),
        (a.Contact, {"at": "2026-09-21 08:00"}, "before_the_case"),
        (a.Contact, {"at": "2026-09-21 12:00"}, "in_the_future"),
    ],
)
def test_a_refused_command_says_why_and_changes_nothing(verb, fields, reason):
    story = ordinary()
    before = story.row
    story.does(verb, **fields)
    assert story.refused() == [reason]
    assert story.row == before


def test_a_comment_moves_no_clock():
    story = ordinary()
    before = story.row
    story.does(a.Comment, note="已电话告知").does(a.Comment, "director", note="请加快")
    assert story.row == before
    assert len(story.said(e.ActionTaken)) == 3
