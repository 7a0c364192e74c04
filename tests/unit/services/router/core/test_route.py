from dataclasses import replace
from datetime import date

import pytest

from schemas.cases import CaseDeclined, CaseOpened
from schemas.escalations import AssignmentReturned
from schemas.event import Refused
from services.router.core.policy import problems_of
from services.router.core.route import route
from services.router.core.state import PARKED_MAX, TRIED_MAX, RouteRow
from tests.support import events
from tests.support.router import (
    NOW,
    by_hand,
    hint,
    matter,
    opened,
    policy,
    returned,
    routed,
    unit,
    village,
)

HUAHU, HUAHU_GRID = "420704107003", "420704107-G02"
GULOU = "420704002"
CUT = "420704003009"


def case(*places, **more) -> RouteRow:
    """A case after its first routing."""
    return route(policy(), None, opened(*places, **more), NOW).state


def after(row: RouteRow, *facts) -> list:
    """What follows from each fact: CaseRouted or None."""
    said = []
    for fact in facts:
        step = route(policy(), row, fact, NOW)
        row = step.state
        said.append(routed(step) if step.events else None)
    return said


def test_a_case_is_routed_once_with_reasons():
    step = route(policy(), None, opened(village(HUAHU)), NOW)
    said = routed(step)
    assert (said.target.grid, said.attempt, said.rule_kind) == (HUAHU_GRID, 1, "village")
    assert (said.verdict, said.triage_reason, said.final) == ("accept", "", False)
    assert said.evidence[0].span.field == "content"
    assert said.grid_map == policy().maps[0].version
    assert step.events[0].key == str(events.CASE)
    again = route(policy(), step.state, opened(village("420704107002")), NOW)
    assert (again.state, again.events) == (step.state, ())


def test_the_same_event_gives_the_same_bytes_and_id():
    one, two = (route(policy(), None, opened(village(HUAHU)), NOW) for _ in range(2))
    assert one == two


def test_nothing_to_go_by_goes_to_the_duty_officer():
    said = routed(route(policy(), None, opened(), NOW))
    assert (said.target.post, said.rule_kind) == ("centre_duty", "triage")
    assert said.triage_reason == "没有可以确定用工地点的线索"


def test_an_unclear_complaint_is_ours_to_complete():
    said = routed(route(policy(), None, opened(hints=(hint("needs_more_info"),)), NOW))
    assert (said.verdict, said.triage_reason) == ("needs_more_info", "材料不全，先由维权中心补正")
    placed = opened(village(HUAHU), hints=(hint("needs_more_info"),))
    said = routed(route(policy(), None, placed, NOW))
    assert (said.verdict, said.target.grid) == ("needs_more_info", HUAHU_GRID)


def test_construction_is_accepted_and_goes_to_the_brigade():
    said = routed(route(policy(), None, opened(village(HUAHU), sector="construction"), NOW))
    assert (said.target.post, said.target.grid) == ("brigade_leader", "")
    assert (said.target.village, said.rule_kind, said.verdict) == (
        "金鸡桥社区",
        "construction",
        "accept",
    )
    assert [one.grid for one in said.alternatives] == [HUAHU_GRID]
    nowhere = routed(route(policy(), None, opened(sector="construction"), NOW))
    assert (nowhere.target.post, nowhere.triage_reason) == ("brigade_leader", "")


@pytest.mark.parametrize(
    ("verdict", "exit_", "code"),
    [
        ("not_labour", "exit_housing_fund", "exit_housing_fund"),
        ("not_labour", "", "exit_consumer"),
        ("not_labour", "out_of_scope", "exit_consumer"),  # a heading without advice
        ("other_district", "", "exit_other_district"),
        ("time_barred", "exit_time_barred", "exit_time_barred"),
        ("in_arbitration", "", "exit_arbitration"),
        ("in_arbitration", "exit_unheard_of", "exit_arbitration"),
    ],
)
def test_declined_with_advice_and_channel(verdict, exit_, code):
    step = route(policy(), None, opened(village(HUAHU), hints=(hint(verdict, exit_),)), NOW)
    (out,) = step.events
    said = out.event.data
    assert isinstance(said, CaseDeclined)
    assert (said.verdict, said.exit) == (verdict, code)
    assert said.channel_zh
    assert said.advice_zh
    assert said.evidence[0].span is not None


def test_the_gravest_ground_is_named_whatever_the_order():
    hints = tuple(hint(one) for one in ("time_barred", "needs_more_info", "not_labour"))
    said = route(policy(), None, opened(hints=hints), NOW).events[0].event.data
    assert said.verdict == "not_labour"


def test_a_declined_case_can_still_be_routed_by_hand():
    row = case(hints=(hint("time_barred"),))
    (said,) = after(row, by_hand(route_grid=HUAHU_GRID))
    assert (said.attempt, said.target.grid, said.rule_kind) == (1, HUAHU_GRID, "manual")


def test_a_return_goes_where_the_returner_says():
    (said,) = after(case(village(HUAHU)), returned(to_grid="420704107-G01"))
    assert (said.attempt, said.target.grid, said.rule_kind) == (2, "420704107-G01", "returned")
    assert said.evidence[0].text_zh == "退单理由：不属本网格"


def test_else_to_the_next_by_evidence_else_to_the_squad_leader_else_to_the_centre():
    address = village(HUAHU, "employer_address", "respondent_address")
    (said,) = after(case(unit(GULOU), address), returned())
    assert said.target.grid == HUAHU_GRID
    (said,) = after(case(village(HUAHU)), returned())
    assert (said.target.post, said.target.unit_code) == ("town_squad_leader", "420704107")
    (said,) = after(case(unit(GULOU)), returned())
    assert (said.target.post, said.rule_kind) == ("centre_duty", "triage")
    assert said.triage_reason == "退单（不属本网格）后没有其他可派对象"


def test_the_only_sister_section_is_next_but_one_of_several_is_drawn_by_no_lot():
    (said,) = after(case(village(CUT), employer="好又来便利店"), returned())
    assert said.target.grid == "420704003-G05"
    thrice = next(code for code, found in policy().maps[0].of_village.items() if len(found) == 3)
    (said,) = after(case(village(thrice)), returned())
    assert said.target.post == "town_squad_leader"


@pytest.mark.parametrize(
    ("reason", "post"),
    [
        ("not_ours", "centre_duty"),
        ("duplicate", "centre_duty"),
        ("conflict_of_interest", "town_squad_leader"),
        ("anything else", "centre_duty"),
    ],
)
def test_another_reason_another_next(reason, post):
    (said,) = after(case(village(CUT)), returned(reason=reason))
    assert said.target.post == post


def test_what_the_brigade_gives_back_goes_to_its_place():
    (said,) = after(case(village(HUAHU), sector="construction"), returned(reason="not_ours"))
    assert said.target.grid == HUAHU_GRID


def test_what_the_duty_officer_gives_back_is_for_the_head():
    (said,) = after(case(), returned(reason="not_ours"))
    assert (said.target.post, said.rule_kind) == ("centre_head", "triage")


def test_a_second_return_waits_for_the_head_and_not_for_nobody():
    first, second = after(case(village(HUAHU)), returned(1), returned(2, returns=2))
    assert (first.attempt, second.attempt) == (2, 3)
    assert (second.target.post, second.rule_kind) == ("centre_head", "triage")
    assert "共同上级裁定" in second.triage_reason


def test_in_a_dispute_the_owner_keeps_the_case_until_the_ruling_which_is_final():
    dispute = returned(1, reason="disputed", disputed=True)
    ruling = by_hand(2, ruled=True, route_unit_code=GULOU)
    kept, ruled = after(case(village(HUAHU)), dispute, ruling)
    assert kept is None
    assert (ruled.target.unit_code, ruled.rule_kind, ruled.final) == (GULOU, "ruled", True)
    assert ruled.evidence[0].text_zh == "共同上级裁定"


def test_by_hand_is_answered_always_even_after_a_ruling_and_stays_final():
    ruling = by_hand(1, ruled=True, route_grid=HUAHU_GRID)
    _, moved, back = after(
        case(village(HUAHU)), ruling, by_hand(2, route_grid="420704107-G01"), returned(3)
    )
    assert (moved.target.grid, moved.rule_kind, moved.final) == ("420704107-G01", "manual", True)
    assert back.target.post == "centre_head"


def test_a_ruling_for_a_grid_that_no_longer_exists_is_not_final():
    (said,) = after(case(village(HUAHU)), by_hand(ruled=True, route_grid="420704107-G77"))
    assert (said.target.post, said.final, said.rule_kind) == ("centre_duty", False, "triage")
    assert said.triage_reason == "指定的网格或镇街不在现行网格图上"


def test_a_return_before_the_case_waits_for_it():
    early = route(policy(), None, by_hand(route_grid="420704107-G01"), NOW)
    assert (early.events, early.state.opened) == ((), False)
    step = route(policy(), early.state, opened(village(HUAHU)), NOW)
    first, second = (out.event.data for out in step.events)
    assert (first.attempt, first.target.grid) == (1, HUAHU_GRID)
    assert (second.attempt, second.target.grid, second.rule_kind) == (2, "420704107-G01", "manual")
    assert len({out.event.id for out in step.events}) == 2
    assert step.state.parked == ()


def test_early_returns_are_bounded_and_the_next_one_is_quarantined_not_lost():
    row = None
    for number in range(PARKED_MAX):
        row = route(policy(), row, returned(number), NOW).state
    with pytest.raises(Refused, match="案件未到"):
        route(policy(), row, returned(PARKED_MAX), NOW)


def test_a_row_stays_small():
    row = case(village(HUAHU))
    for number in range(3 * TRIED_MAX):
        row = route(policy(), row, by_hand(number, route_grid=HUAHU_GRID), NOW).state
    assert len(row.tried) == TRIED_MAX
    assert len(row.model_dump_json(exclude_defaults=True)) < 2000
    assert "某餐饮店" not in row.model_dump_json()


def test_other_events_leave_everything_as_it_is():
    row = case(village(HUAHU))
    others = [
        one for one in events.examples() if not isinstance(one, CaseOpened | AssignmentReturned)
    ]
    assert len(others) > 30
    for data in others:
        event = events.event_of(data)
        assert route(policy(), row, event, NOW).state is row
        assert route(policy(), None, event, NOW).state is None


def test_the_map_in_office_when_the_decision_falls_picks_the_grid():
    today = policy().maps[0]
    swap = {"420704107-G01": "420704107-G02", "420704107-G02": "420704107-G01"}
    names = {code: replace(one, code=swap.get(code, code)) for code, one in today.grids.items()}
    villages = {
        code: tuple(names[grid.code] for grid in found) for code, found in today.of_village.items()
    }
    moved = replace(
        today,
        valid_from=date(2026, 11, 17),
        version="moved",
        grids={one.code: one for one in names.values()},
        of_village=villages,
    )
    both = replace(policy(), maps=[today, moved])
    before = routed(route(both, None, opened(village(HUAHU)), NOW))
    midnight = NOW.replace(hour=16)  # 2026-11-17 00:00 in Shanghai
    later = routed(route(both, None, opened(village(HUAHU)), midnight))
    assert (before.target.grid, before.grid_map) == (HUAHU_GRID, today.version)
    assert (later.target.grid, later.grid_map) == ("420704107-G01", "moved")


def test_a_policy_without_maps_or_with_a_mute_exit_says_so():
    mute = {code: dict(row) for code, row in policy().exits.items()}
    mute["exit_pension"]["exit_advice_zh"] = ""
    del mute["exit_arbitration"]
    assert problems_of(replace(policy(), maps=(), exits=mute)) == [
        "grids: no dated map",
        "categories.csv: no exit_arbitration for in_arbitration",
        "categories.csv: exit_pension names no channel or no advice",
    ]
    assert problems_of(policy()) == []


def test_matters_of_construction_outside_our_competence_are_declined_too():
    about = matter(sector="construction", hints=(hint("not_labour", "exit_contract_price"),))
    said = route(policy(), None, opened(matter=about), NOW).events[0].event.data
    assert said.exit == "exit_contract_price"
