"""The proof finds whatever is done to the map: it is tested by breaking the real one."""

import pytest

from services.router.core.coverage import coverage
from services.router.core.gridmap import grid_map_of
from tests.support.router import NOW, rows


def proof(change=None, villages=None, units=None) -> list[str]:
    grids = [dict(row) for row in rows("grids/2025-01-01.csv")]
    if change:
        change(grids)
    return coverage(
        grids, villages or rows("places/villages.csv"), units or rows("places/units.csv")
    )


def test_the_map_of_this_repository_is_whole():
    assert proof() == []


def cut(grids: list[dict]) -> dict:
    return next(row for row in grids if row["section"] == "2/2")


def whole(grids: list[dict]) -> dict:
    return next(row for row in grids if "|" in row["village_codes"])


def gap(grids):
    row = whole(grids)
    row["village_codes"] = row["village_codes"].partition("|")[2]


def overlap(grids):
    one, other = [row for row in grids if row["unit_code"] == "420704108"]
    one["village_codes"] += "|" + other["village_codes"].split("|")[0]


def lost_section(grids):
    cut(grids)["section"] = "1/2"


def section_of_many(grids):
    whole(grids)["section"] = "1/1"


def stranger(grids):
    grids[0]["village_codes"] = "420704999001"


def another_units_village(grids):
    grids[-1]["village_codes"] += "|420704001002"


def one_less(grids):
    grids.pop()


def same_code(grids):
    grids[1]["grid"] = grids[0]["grid"]


def foreign_code(grids):
    grids[0]["grid"] = "420704002-G99"


def wrong_name(grids):
    grids[0]["unit"] = "古楼街道"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (gap, "gap: village 420704100001 is in no grid"),
        (overlap, "overlap: village"),
        (lost_section, "overlap: village 420704001002 is cut as ['1/2', '1/2']"),
        (section_of_many, "only a single village is cut into sections"),
        (stranger, "village 420704999001 is unknown or of another unit"),
        (another_units_village, "village 420704001002 is unknown or of another unit"),
        (one_less, "128 grids, not 129"),
        (one_less, "unit 420704200: 1 grids, not 2"),
        (same_code, "420704001-G01: twice"),
        (foreign_code, "420704002-G99: not a grid code of unit 420704001"),
        (wrong_name, "420704001-G01: unit 420704001 is not '古楼街道'"),
    ],
)
def test_every_injury_is_named(change, said):
    found = proof(change)
    assert any(said in problem for problem in found), found


def test_a_new_village_without_a_grid_is_a_gap():
    more = (*rows("places/villages.csv"), {"code": "420704001999", "unit_code": "420704001"})
    assert proof(villages=more) == ["gap: village 420704001999 is in no grid"]


def test_villages_and_units_are_unique_and_known():
    villages = (*rows("places/villages.csv"), rows("places/villages.csv")[0])
    units = (*rows("places/units.csv")[1:], rows("places/units.csv")[1] | {"grids": "many"})
    assert "village 420704001002: twice" in proof(villages=villages)
    found = proof(units=units)
    assert "unit 420704002: twice" in found
    assert "unit 420704002: 'many' is no number of grids" in found
    assert "village 420704001002: unit 420704001 is unknown" in found


def test_a_map_with_a_hole_is_not_loaded():
    grids = list(rows("grids/2025-01-01.csv"))[:-1]
    with pytest.raises(ValueError, match="gap: village"):
        grid_map_of(grids, rows("places/villages.csv"), rows("places/units.csv"), NOW.date())
