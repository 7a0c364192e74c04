"""Indicators of a month: what is counted, and that a past day gives the same figures again."""

from datetime import timedelta
from uuid import UUID

import pytest

from schemas import cases as c
from schemas import escalations as e
from schemas.actions import Actor
from schemas.event import Data, Event
from services.desk.core.indicators import Fact, Figures, Period, fact_of, figures_of
from services.kernel.ids import derived_id
from tests.support.events import LIKENESS, submission
from tests.support.house import office
from tests.support.story import local

BEGIN, END = local("2026-11-01 00:00"), local("2026-12-01 00:00")
NOVEMBER = Period(BEGIN, END)
CASE = UUID(int=7)
WHOLE = {"district": "420704", "case_id": CASE}
GRID = "420704002-G05"
AT = local("2026-11-10 10:00")


def told(*facts: tuple[object, Data]) -> list[Event]:
    return [
        Event(derived_id(CASE, "t", n), "urn:t", at, str(CASE), data)
        for n, (at, data) in enumerate(facts)
    ]


def assigned(grid: str = GRID) -> e.AssignmentMade:
    owner = e.Owner(rung="R1", post="grid_officer", grid=grid, unit_code=grid[:9])
    return e.AssignmentMade(**WHOLE, attempt=1, owner=owner)


def stopped(clock: str, at=AT, kept: bool = True, **more) -> e.ClockStopped:
    return e.ClockStopped(
        **WHOLE, clock=clock, stopped_at=at, due_at=at, kept=kept, why="t", **more
    )


def breached(clock: str, due=AT) -> e.DeadlineBreached:
    return e.DeadlineBreached(**WHOLE, clock=clock, due_at=due, hard=False, owner=assigned().owner)


def acted(verb: str, at=AT, **detail) -> e.ActionTaken:
    return e.ActionTaken(
        **WHOLE, command_id=CASE, verb=verb, actor=Actor(post="grid_officer"), acted_at=at, detail=detail
    )  # fmt: skip


def closed(at=AT, declined: bool = False) -> e.CaseClosed:
    return e.CaseClosed(**WHOLE, conclusion="支付完毕", closed_at=at, persons=(), declined=declined)


def facts_of(events: list[Event]) -> list[Fact]:
    return [fact for one in events if (fact := fact_of(one))]


def november(events: list[Event], grids: frozenset[str] | None = None) -> dict[str, Figures]:
    return figures_of(office().indicators, facts_of(events), NOVEMBER, grids, office().grids)


def share(events: list[Event], indicator: str, unit: str = "") -> tuple[int, int]:
    one = november(events)[unit].shares[indicator]
    return one.done, one.of


def test_a_clock_counts_once_kept_or_late():
    rows = told(
        (AT, assigned()),
        (AT, stopped("S03")),
        (AT, breached("S04")),
        (AT, stopped("S04", kept=False)),
    )
    assert share(rows, "signed") == (1, 1)
    assert share(rows, "contacted") == (0, 1)
    assert share(rows, "contacted", "420704002") == (0, 1)


def test_what_lapsed_counts_before_anybody_stopped_it_and_not_again_in_the_month_after():
    rows = told((AT, assigned()), (AT, breached("S03")), (END, stopped("S03", END, kept=False)))
    assert share(rows, "signed") == (0, 1)
    december = Period(END, END + timedelta(days=31))
    found = figures_of(office().indicators, facts_of(rows), december, None, office().grids)
    assert found[""].shares["signed"].of == 0


def test_a_lapse_that_was_taken_back_is_none():
    rows = told(
        (AT, assigned()), (AT, breached("S03")), (AT, stopped("S03", breach_withdrawn=True))
    )
    assert share(rows, "signed") == (1, 1)


def test_closed_in_time_is_closed_without_a_lapse_of_its_clocks():
    rows = told((AT, assigned()), (BEGIN - timedelta(days=3), breached("S07")), (AT, closed()))
    assert share(rows, "closed") == (0, 1)
    assert share(told((AT, assigned()), (AT, breached("S04")), (AT, closed())), "closed") == (1, 1)
    assert share(told((AT, assigned()), (AT, closed(declined=True))), "closed") == (0, 0)


def test_a_return_counts_for_who_returned_it():
    back = e.AssignmentReturned(**WHOLE, reason="wrong_grid", returns=1, from_grid=GRID)
    rows = told((AT, assigned()), (AT, back), (AT, assigned("420704003-G01")))
    assert share(rows, "returned") == (1, 2)
    assert share(rows, "returned", "420704002") == (1, 1)
    ruled = back.model_copy(update={"ruled": True})
    assert share(told((AT, assigned()), (AT, ruled)), "returned") == (0, 1)


def test_repeated_satisfied_and_recovered():
    one = submission()
    rows = told(
        (AT, c.CaseOpened(**WHOLE, number="20261110-AAAAAA", submission=one)),
        (AT, assigned()),
        (AT, c.SubmissionJoined(**WHOLE, submission=one, likeness=LIKENESS)),
        (AT, acted("pay", amount_fen=120_000, workers=2)),
        (AT, acted("pay", at=END, amount_fen=5, workers=1)),
        (AT, acted("revisit", satisfied=True)),
        (AT, acted("revisit", satisfied=False)),
    )
    assert share(rows, "repeated") == (1, 2)
    assert share(rows, "satisfied") == (1, 2)
    assert (november(rows)[""].paid_fen, november(rows)[""].workers) == (120_000, 2)


def test_of_nothing_there_is_no_share_and_of_others_grids_nothing():
    rows = told((AT, assigned()), (AT, stopped("S03")))
    assert november(rows)[""].shares["satisfied"].share is None
    assert november(rows, frozenset({"420704003-G01"})) == {}
    assert november(rows, frozenset({GRID}))[""].shares["signed"].of == 1


@pytest.mark.parametrize("kept", [True, False])
def test_a_rate_is_no_more_than_whole(kept: bool):
    rows = told((AT, assigned()), *((AT, stopped("S03", kept=kept)) for _ in range(3)))
    done, of = share(rows, "signed")
    assert done <= of
