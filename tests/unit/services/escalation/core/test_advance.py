"""What came before the thing it depends on waits, bounded, and is never refused for that."""

import itertools

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from schemas.event import Refused
from services.escalation.core.advance import (
    PARKED_ACTIONS_MAX,
    PARKED_FACTS_MAX,
    advance,
    lacking,
)
from services.escalation.core.state import Case
from tests.support.story import Story, target


def test_an_action_before_its_case_is_taken_when_the_case_comes():
    story = Story().does(a.Sign)
    assert story.facts == []
    story.routed()
    assert story.row.opened_at is None
    story.opened()
    taken = story.last(e.ActionTaken)
    assert (taken.verb, taken.acted_at) == ("sign", story.now)
    assert story.row.signed_attempt == 1
    assert story.row.parked == ()


def test_an_officer_who_acts_between_two_routings_waits_for_the_second():
    story = Story().opened().routed().does(a.Return, reason="wrong_grid").does(a.Contact)
    assert [one.type for one in story.row.parked] == [a.Contact.TYPE]
    story.routed(2, "returned", grid="420704002-G06")
    assert story.last(e.ActionTaken).verb == "contact"


def test_a_revisit_waits_for_a_closing_that_waits_itself():
    """Found by world 0 of the simulation: read before the routing, the revisit of a closed case was refused."""
    story = Story().opened().does(a.Sign).does(a.Close, conclusion="不属实")
    story.does(a.Revisit, "centre_duty", satisfied=True).does(a.Reopen, "centre_head")
    assert story.refused() == []
    story.routed()
    assert story.refused() == []
    assert (story.row.deeds.revisited, story.row.reopened) == (None, 1)
    taken = [fact.verb for fact in story.said(e.ActionTaken)]
    assert taken == ["sign", "close", "revisit", "reopen"]


def test_a_revisit_behind_a_closing_that_is_refused_is_refused_as_well():
    story = Story().opened().does(a.Close, conclusion="不属实")
    story.does(a.Revisit, "centre_duty", satisfied=True).routed()
    assert story.refused() == ["not_signed", "not_closed"]
    assert story.row.parked == ()


def test_a_receipt_before_its_record_joined_waits_for_it():
    story = Story().opened().routed()
    story.does(a.Replied, "adapter", channel="12345", external_no="A2", conclusion="不属实")
    assert story.refused() == []
    story.joined("12345", "A2")
    assert story.last(e.ReplyConfirmed).external_no == "A2"
    assert "S07" not in story.running()


def test_what_never_comes_is_refused_after_a_day_and_the_row_is_forgotten():
    story = Story().does(a.Sign).until("2026-09-22 08:59")
    assert story.row.parked
    story.until("2026-09-22 09:00")
    assert story.refused() == ["unknown_case"]
    assert story.row is None


def test_an_unknown_source_is_refused_in_the_end_and_the_case_lives_on():
    story = Story().opened().routed()
    story.does(a.Replied, "adapter", channel="12345", external_no="zz", conclusion="不属实")
    story.until("2026-09-22 09:00")
    assert story.refused() == ["unknown_source"]
    assert story.row.open


def test_too_many_waiting_is_said_and_facts_have_a_room_of_their_own():
    story = Story()
    for _ in range(PARKED_ACTIONS_MAX + 1):
        story.does(a.Comment)
    assert story.refused() == ["too_many_waiting"]
    story.routed()
    story.opened()
    assert story.row.owner is not None
    assert len(story.said(e.ActionTaken)) == PARKED_ACTIONS_MAX


def test_a_flood_of_facts_of_an_unknown_case_goes_to_quarantine():
    story = Story()
    for attempt in range(PARKED_FACTS_MAX):
        story.routed(attempt + 1)
    with pytest.raises(Refused):
        story.routed(99)


def test_a_late_timer_command_for_nothing_says_nothing():
    story = Story()
    data = a.DeadlineDue(district="420704", case_id=story.case, due_at=story.now)
    assert story.give(data).row is None
    story.opened().routed().does(a.Sign)
    facts = len(story.facts)
    story.give(data)
    assert len(story.facts) == facts


def test_two_clocks_with_one_due_instant_are_both_said():
    """Found by thought: a command's id that named only the instant would have been dropped the second time."""
    from services.escalation.app import _fire

    story = Story().opened("12345", "A1").routed()
    due = story.clock("S07", "12345/A1").due_at
    before = _fire("k", story.row, due).event.id
    story.until(due)
    assert _fire("k", story.row, due).event.id != before


def test_topics_may_interleave_in_any_order_and_the_outcome_is_the_same():
    """One case, four topics: order holds within each, between them anything may come first."""

    def told(order: tuple[int, ...]) -> tuple[object, ...]:
        story = Story()
        opened = c.CaseOpened(
            district="420704", case_id=story.case, number="n", submission=story.record()
        )
        like = c.Likeness(score=0.9, reason_zh="同一电话")
        joined = c.SubmissionJoined(
            district="420704", case_id=story.case, submission=story.record("12345", "A2"),
            likeness=like,
        )  # fmt: skip
        routed = c.CaseRouted(
            district="420704", case_id=story.case, attempt=1, target=target(), rule_kind="village"
        )
        actor = a.Actor(post="grid_officer")
        base = {"district": "420704", "case_id": story.case, "actor": actor}
        actions = [
            a.Sign(**base),
            a.Contact(**base),
            a.Replied(**base | {"actor": a.Actor(post="adapter")}, channel="12345",
                      external_no="A2", conclusion="不属实"),
            a.Close(**base, conclusion="不属实"),
        ]  # fmt: skip
        topics = [[opened, joined], [routed], list(actions)]
        for topic in order:
            story.give(topics[topic].pop(0))
        row = story.row
        stopped = {(f.clock, f.source, f.stopped_at, f.kept) for f in story.said(e.ClockStopped)}
        running = {(one.key, one.started_at, one.due_at) for one in row.clocks}
        verdicts = sorted((f.verb, type(f).__name__) for f in story.facts
                          if isinstance(f, e.ActionTaken | e.ActionRefused))  # fmt: skip
        owed = sorted(f.external_no for f in story.said(e.ReplyOwed))
        return stopped, running, verdicts, owed, row.closed_at, row.owner

    orders = set(itertools.permutations([0, 0, 1, 2, 2, 2, 2]))
    outcomes = [told(order) for order in sorted(orders)]
    assert len(outcomes) == 105
    assert [outcome for outcome in outcomes if outcome != outcomes[0]] == []


def test_what_an_event_lacks():
    case = Case(case_id=Story().case, district="420704")
    assert lacking(case, Story().opened().row and a.Sign(
        district="420704", case_id=case.case_id, actor=a.Actor(post="x")
    )) == "unknown_case"  # fmt: skip


def test_an_event_of_another_service_is_refused():
    story = Story().opened()
    event_data = story.facts[0]
    with pytest.raises(Refused):
        story.give(event_data)
    assert advance  # the row stands as it was
