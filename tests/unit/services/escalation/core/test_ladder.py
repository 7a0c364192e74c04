from dataclasses import replace
from datetime import date

from schemas.actions import Sign
from services.escalation.core.ladder import owner_of, rungs_at
from services.escalation.core.policy import Officer
from tests.support.story import GRID, OTHER_GRID, Story, local, policy

NOW = local("2026-09-21 09:00")
UNIT = "420704002"


def roster(*officers: Officer):
    known = {}
    for one in officers:
        key = (one.post, one.grid or one.unit_code)
        known[key] = (*known.get(key, ()), one)
    return replace(policy(), officers=known)


def officer(account: str, **more) -> Officer:
    whole = {
        "post": "grid_officer", "grid": GRID, "unit_code": UNIT, "absent_from": None,
        "absent_to": None,
    }  # fmt: skip
    return Officer(account=account, **(whole | more))


def test_the_second_officer_of_a_grid_stands_in_for_the_first():
    away = officer("a", absent_from=date(2026, 9, 21), absent_to=date(2026, 9, 21))
    one = roster(away, officer("b"))
    assert owner_of(one, "grid_officer", GRID, UNIT, NOW).account == "b"
    assert owner_of(one, "grid_officer", GRID, UNIT, local("2026-09-22 09:00")).account == "a"


def test_an_empty_post_falls_to_its_superior_and_says_so():
    squad = officer("s", post="town_squad_leader", grid="")
    owner = owner_of(roster(squad), "grid_officer", GRID, UNIT, NOW)
    assert (owner.post, owner.account, owner.fallback_from) == (
        "town_squad_leader", "s", "grid_officer",
    )  # fmt: skip


def test_nobody_at_all_is_still_the_post_itself_and_no_superior():
    owner = owner_of(roster(), "grid_officer", GRID, UNIT, NOW)
    assert (owner.post, owner.account) == ("grid_officer", "")
    story = Story(one=roster()).opened(urgent=True).routed().until("2026-09-21 10:00")
    from schemas.escalations import CaseEscalated

    assert {f.outcome for f in story.said(CaseEscalated)} == {"no_superior"}


def test_a_soft_clock_ends_with_its_named_rungs_a_hard_one_climbs_on():
    rules = {rule.id: rule for rule in policy().rules}
    soft = [rungs_at(policy(), rules["S07"], step) for step in range(4)]
    assert soft == [("R4_liaison",), ("R4",), (), ()]
    hard = [rungs_at(policy(), rules["S09"], step) for step in range(6)]
    assert hard == [("R3_brigade",), ("R4",), ("R4_director",), ("R5_head",), ("R6",), ()]
    assert rungs_at(policy(), rules["S02"], 0) == ("R2", "R3_head")


def test_a_deputy_takes_what_comes_while_the_officers_are_away_and_may_act_on_it():
    days = {"absent_from": date(2026, 9, 21), "absent_to": date(2026, 9, 25)}
    one = roster(officer("a", deputy="d", **days), officer("b", **days))
    one = replace(one, accounts={"d": officer("d", grid=OTHER_GRID)})
    owner = owner_of(one, "grid_officer", GRID, UNIT, NOW)
    assert (owner.account, owner.deputy_for, owner.fallback_from) == ("d", "a", "")
    story = Story(one=one).opened().routed().does(Sign, account="d")
    assert story.refused() == []


def test_a_deputy_who_is_away_too_leaves_it_to_the_superior():
    away = {"absent_from": date(2026, 9, 21)}
    squad = officer("s", post="town_squad_leader", grid="")
    one = roster(officer("a", deputy="d", **away), squad)
    one = replace(one, accounts={"d": officer("d", **away)})
    assert owner_of(one, "grid_officer", GRID, UNIT, NOW).account == "s"
