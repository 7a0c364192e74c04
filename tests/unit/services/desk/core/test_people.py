"""What a person sees and may do, alone and as somebody's deputy."""

import pytest

from schemas.escalations import Owner
from services.desk.core.people import Person, acts_as, seen_by

UNITS = {"1-G1": "1", "1-G2": "1", "2-G1": "2"}
NEAR = Person("near", "grid_officer", "", "1-G2", "1")
FAR = Person("far", "grid_officer", "", "2-G1", "2")
SQUAD = Person("squad", "town_squad_leader", "", "", "1")
HEAD = Person("head", "centre_head", "")


@pytest.mark.parametrize(
    ("people", "grids"),
    [
        ([FAR], {"2-G1"}),
        ([FAR, NEAR], {"2-G1", "1-G2"}),
        ([FAR, SQUAD], {"2-G1", "1-G1", "1-G2"}),
        ([FAR, HEAD], None),
        ([HEAD, NEAR], None),
    ],
)
def test_who_stands_in_for_others_sees_their_grids_too(people, grids):
    assert seen_by(people, UNITS) == (None if grids is None else frozenset(grids))


def owner(grid: str) -> Owner:
    return Owner(rung="R1", post="grid_officer", grid=grid, unit_code=UNITS[grid], account="x")


@pytest.mark.parametrize(
    ("people", "able", "grid", "post"),
    [
        ([FAR], "grid_officer", "2-G1", "grid_officer"),
        ([FAR, NEAR], "grid_officer", "1-G2", "grid_officer"),
        ([FAR], "town_squad_leader", "2-G1", ""),
        ([FAR, SQUAD], "town_squad_leader", "1-G1", "town_squad_leader"),
        ([FAR, SQUAD], "town_squad_leader", "2-G1", ""),  # not of the unit of who is away
        ([FAR, HEAD], "centre_head", "2-G1", "centre_head"),
        (
            [FAR],
            "grid_officer",
            "1-G2",
            "grid_officer",
        ),  # as it was: escalation says that it is not theirs
    ],
)
def test_the_post_in_which_one_acts_is_the_own_one_or_of_who_is_away_where_that_one_acts(
    people, able, grid, post
):
    assert acts_as(people, lambda one: one.post == able, owner(grid)) == post


def test_of_a_case_that_nobody_holds_the_place_is_not_asked():
    assert acts_as([FAR, SQUAD], lambda one: one is SQUAD, None) == "town_squad_leader"
