"""However late a thing is told, it comes to the same: orders and payments, arbitration, records, tries, meetings."""

from dataclasses import replace
from datetime import date

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from services.escalation.core.payments import PAYMENTS_MAX, payments_of
from services.escalation.core.policy import Officer, pinned
from services.escalation.core.state import Case, Deeds
from services.kernel.deadline import span_of
from tests.support.events import CASE
from tests.support.story import GRID, OTHER_GRID, Story, local, office, ordinary, policy

BRIGADE, BOSS, HEAD = "brigade_leader", "deputy_director", "centre_head"


def filed() -> Story:
    return ordinary().does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)


def order(story: Story, due_on: str = "2026-09-28", at: str = "", fen: int = 0) -> Story:
    return story.does(
        a.Serve, BRIGADE, at=at, document_kind="correction", document="一号", due_on=due_on, amount_fen=fen
    )  # fmt: skip


def paid(story: Story, fen: int, at: str = "", **fields) -> Story:
    return story.does(a.Pay, BRIGADE, at=at, amount_fen=fen, workers=1, **fields)


def served() -> Story:
    story = filed().does(a.EndInvestigation, BRIGADE).does(a.Decide, BOSS, outcome="责令支付")
    return story.does(a.Serve, BRIGADE, document_kind="decision", document="二号")


def lapsed(story: Story) -> set[str]:
    return {fact.clock for fact in story.said(e.DeadlineBreached)}


# orders to pay and payments
@pytest.mark.parametrize(("fen", "full"), [(500_000, False), (1_000, True)])
def test_what_was_paid_after_an_order_obeys_it_though_the_order_is_told_later(fen, full):
    story = paid(filed().until("2026-09-23 10:00"), fen, full=full)
    order(story.until("2026-09-24 10:00"), at="2026-09-22 10:00", fen=500_000)
    assert "S13" not in story.running()
    assert "S13" not in lapsed(story.until("2026-09-29 10:00"))


def test_an_older_order_told_later_does_not_take_the_place_of_the_newer():
    story = order(filed().until("2026-09-25 09:00"), "2026-10-12")
    order(story.until("2026-09-25 11:00"), at="2026-09-23 10:00")
    assert office(story.clock("S13").due_at) == "10-12 17:30"


def test_an_order_stands_where_the_case_is_closed_and_not_all_is_paid():
    story = paid(order(served(), fen=5_000_000), 1_000)
    story.does(a.Close, conclusion="部分支付")
    assert "S13" in story.running()
    paid(story.until("2026-09-22 10:00"), 4_999_000)
    assert story.refused() == []
    assert story.last(e.ClockStopped).clock == "S13"
    assert story.last(e.ClockStopped).kept


def test_to_a_case_that_is_closed_as_paid_nothing_is_paid_any_more():
    story = paid(ordinary(), 1_000).does(a.Close, conclusion="支付完毕")
    assert paid(story, 1_000).refused() == ["closed"]


def test_a_payment_told_late_takes_the_lapse_of_an_obeyed_order_back_for_the_police():
    story = paid(order(filed(), fen=5_000_000).until("2026-09-23 10:00"), 1_000_000)
    paid(story.until("2026-09-29 10:00"), 4_000_000)
    assert not story.last(e.ClockStopped).kept
    paid(story, 4_000_000, at="2026-09-24 10:00")
    crime = {"act": "able_and_refuses", "amount_fen": 5_000_000, "workers": 10}
    story.does(a.SuspectCrime, BRIGADE, **crime)
    assert story.refused() == ["missing_evidence"]


def test_payments_of_a_row_are_bounded_and_their_sum_is_kept():
    story = order(filed(), fen=PAYMENTS_MAX * 100 + 300)
    for _ in range(PAYMENTS_MAX + 2):
        paid(story, 100)
    assert len(story.row.deeds.payments) == PAYMENTS_MAX
    assert "S13" in story.running()
    assert "S13" not in paid(story, 100).running()


def test_a_row_of_before_there_was_a_list_knows_one_payment():
    at = local("2026-09-22 10:00")
    old = Case(case_id=CASE, district="420704", paid_fen=700, deeds=Deeds(paid=at))
    assert [(one.at, one.fen) for one in payments_of(old)] == [(at, 700)]


def test_a_case_is_not_closed_as_paid_before_the_payment():
    story = paid(ordinary().until("2026-09-22 15:00"), 1_000)
    story.does(a.Close, conclusion="支付完毕", at="2026-09-22 09:00")
    assert story.refused() == ["too_early"]


def test_the_quick_way_does_not_begin_after_the_payment_whichever_is_told_first():
    first = paid(Story().opened().routed().until("2026-09-21 10:00"), 1_000)
    first.until("2026-09-21 11:00").does(a.Sign)
    other = Story().opened().routed().until("2026-09-21 11:00").does(a.Sign)
    assert first.running() == paid(other, 1_000, at="2026-09-21 10:00").running()


# arbitration
def arbitrated(at: str) -> Story:
    story = ordinary().does(a.Accept, BRIGADE).until(at)
    return story.does(a.Arbitrate, BRIGADE, kind="arbitration", number="1")


def test_a_filing_told_after_the_arbitration_stands_still_from_the_arbitration():
    late = arbitrated("2026-09-28 10:00").until("2026-09-29 10:00")
    late.does(a.File, BRIGADE, at="2026-09-21 15:00", inspectors=2)
    assert office(late.last(e.ClockPaused).paused_at) == "09-28 10:00"
    told = ordinary().does(a.Accept, BRIGADE).until("2026-09-21 15:00")
    told.does(a.File, BRIGADE, inspectors=2).until("2026-09-28 10:00")
    told.does(a.Arbitrate, BRIGADE, kind="arbitration", number="1")
    for one in (late, told):
        one.until("2026-10-20 10:00").does(a.Resume, BRIGADE, ground="arbitration")
    assert late.clock("S10").due_at == told.clock("S10").due_at


def test_a_filing_told_after_the_arbitration_is_over_stood_still_while_it_lasted():
    story = arbitrated("2026-09-22 10:00").until("2026-09-28 10:00")
    story.does(a.Resume, BRIGADE, ground="arbitration").until("2026-09-29 10:00")
    story.does(a.File, BRIGADE, at="2026-09-23 10:00", inspectors=2)
    assert office(story.last(e.ClockPaused).paused_at) == "09-23 10:00"
    assert office(story.last(e.ClockResumed).resumed_at) == "09-28 10:00"


def test_an_award_may_be_told_after_what_stood_still_goes_on():
    story = arbitrated("2026-09-22 10:00").until("2026-10-20 10:00")
    story.does(a.Resume, BRIGADE, ground="arbitration")
    story.does(a.NoteStep, BRIGADE, at="2026-10-19 10:00", step="award")
    assert story.refused() == []


# records
def test_an_older_record_that_joins_takes_the_acceptance_back_to_its_own_day_and_leaves_with_it():
    story = Story("2026-09-23 09:00").opened().routed().until("2026-09-23 10:00")
    alone = story.clock("S09").due_at
    story.joined("12345", "H1", occurred_at=local("2026-09-21 09:00"))
    moved = story.last(e.ClockRecomputed)
    assert (moved.clock, moved.old_due_at, moved.started_at) == (
        "S09",
        alone,
        local("2026-09-21 09:00"),
    )
    assert office(story.clock("S09").due_at) == "09-29 17:30"
    leave(story, story.row.sources[1])
    assert story.clock("S09").due_at == alone


def test_a_deed_from_before_the_record_that_stayed_is_a_deed_of_the_case():
    story = Story("2026-09-21 09:00").opened().routed().until("2026-09-22 10:00")
    story.joined("12345", "H1").until("2026-09-22 11:00")
    leave(story, story.row.sources[0])
    assert story.does(a.Sign, at="2026-09-21 10:00").refused() == []


def leave(story: Story, source) -> None:
    record = source.submission.submission_id
    story.does(a.Split, HEAD, submission_id=record)
    story.give(
        c.SubmissionSplit(
            district="420704", case_id=story.case, submission_id=record, into=CASE
        )
    )  # fmt: skip


# tries, service, meetings
def test_the_third_try_by_its_instant_is_the_first_contact():
    story = Story("2026-09-21 09:00").opened().routed().until("2026-09-22 12:00")
    for at in ("2026-09-22 11:00", "2026-09-21 10:00", "2026-09-21 11:00"):
        story.does(a.Contact, reached=False, at=at)
    stopped = next(fact for fact in story.said(e.ClockStopped) if fact.clock == "S04")
    assert (office(stopped.stopped_at), stopped.kept) == ("09-22 11:00", False)


@pytest.mark.parametrize("told", ["2026-09-24 10:00", "2026-10-27 10:00"])
def test_a_meeting_before_it_was_due_is_enough_whenever_it_is_told(told):
    story = ordinary().until(told).does(a.Meet, BOSS, at="2026-09-24 10:00")
    assert story.refused() == []
    assert "S17" not in story.until("2026-12-01 10:00").running()


def test_what_had_lapsed_while_the_case_was_closed_has_to_be_enforced_when_it_is_reopened():
    story = paid(served(), 1_000).does(a.Close, conclusion="支付完毕").until("2027-06-01 10:00")
    assert "L04" not in story.running()
    story.does(a.Reopen, HEAD)
    assert office(story.clock("L04").started_at) == "03-22 17:30"


def test_what_was_being_enforced_goes_on_from_its_own_start_when_the_case_is_reopened():
    story = paid(served(), 1_000, full=True).until("2027-06-01 10:00")
    before = story.clock("L04")
    story.does(a.Close, conclusion="支付完毕").until("2027-06-02 10:00").does(a.Reopen, HEAD)
    assert story.clock("L04").due_at == before.due_at


def test_enforced_already_it_is_not_asked_for_again():
    story = served().until("2027-04-01 10:00").does(a.NoteStep, BRIGADE, step="demand_served")
    story.until("2027-04-20 10:00").does(a.NoteStep, BRIGADE, step="enforcement_requested")
    story.does(a.Close, conclusion="已立案").does(a.Reopen, HEAD)
    assert story.refused() == []
    assert "L04" not in story.running()


def test_another_calendar_moves_what_comes_by_time_earlier_too():
    before = replace(policy().calendar, version="before", days_off=_off())
    story = Story("2026-09-21 09:00", replace(policy(), calendar=before)).opened().routed()
    story.does(a.Sign).until("2026-09-30 10:00")
    story.policy = policy()
    story.until("2026-10-01 10:00").does(a.Comment, note="x").until("2026-10-26 17:30")
    begun = [f.started_at for f in story.said(e.ClockStarted) if f.clock == "S17"]
    assert [office(at) for at in begun] == ["10-26 17:30"]


def _off() -> dict[int, str]:
    return {**policy().calendar.days_off, date(2026, 10, 20).toordinal(): "编造"}


def test_how_long_a_case_may_be_unresolved_is_of_the_day_it_was_opened():
    then = policy()
    now = replace(then, groups=replace(then.groups, meeting_after=span_of("10wd")))
    assert pinned(now, then).groups.meeting_after == then.groups.meeting_after


# people
@pytest.mark.parametrize(
    ("back", "refused"), [("2026-12-01", []), ("2026-09-20", ["not_allowed_for_post"])]
)
def test_who_deputises_for_an_absent_officer_has_the_powers_of_that_post(back, refused):
    head = Officer("h", HEAD, "", "", date(2026, 9, 1), date.fromisoformat(back), "d")
    duty = Officer("d", "centre_duty", "", "", None, None)
    roster = {"officers": {(HEAD, ""): (head,), ("centre_duty", ""): (duty,)}}
    story = Story("2026-09-21 09:00", replace(policy(), accounts={"h": head, "d": duty}, **roster))
    story.opened().routed().until("2026-09-21 10:00").does(a.Dispute, reason="wrong_grid")
    story.does(a.Route, HEAD, account="d", grid=OTHER_GRID)
    assert story.refused() == refused


@pytest.mark.parametrize(
    ("back", "refused"), [("2026-09-21", []), ("2026-09-20", ["not_this_owner"])]
)
def test_a_deputy_acts_on_what_was_assigned_to_who_is_away_now(back, refused):
    """Before the leave began, so that the deputy does not hold it; from another town."""
    unit = GRID.partition("-")[0]
    away = Officer("a", "grid_officer", GRID, unit, date(2026, 9, 1), date.fromisoformat(back), "d")
    deputy = Officer("d", "grid_officer", "420704001-G01", "420704001", None, None)
    before = replace(away, absent_from=None)
    story = Story("2026-09-21 09:00", replace(policy(), accounts={"a": before, "d": deputy},
                                              officers={("grid_officer", GRID): (before,)}))  # fmt: skip
    story.opened().routed()
    story.policy = replace(story.policy, accounts={"a": away, "d": deputy})
    story.does(a.Sign, account="d")
    assert story.refused() == refused
    assert [(f.verb, f.actor.account) for f in story.said(e.ActionTaken)] == (
        [] if refused else [("sign", "d")]
    )


@pytest.mark.parametrize(
    ("unit", "refused"), [(GRID.partition("-")[0], []), ("420704001", ["not_this_owner"])]
)
def test_in_the_post_of_who_is_away_one_acts_where_that_one_would(unit, refused):
    """Not on the cases of the own grid: there the post is somebody else's."""
    squad = Officer("s", "town_squad_leader", "", unit, date(2026, 9, 1), None, "d")
    deputy = Officer("d", "grid_officer", GRID, GRID.partition("-")[0], None, None)
    story = Story("2026-09-21 09:00", replace(policy(), accounts={"s": squad, "d": deputy}))
    story.opened().routed().does(a.Route, "town_squad_leader", account="d", grid=OTHER_GRID)
    assert story.refused() == refused
