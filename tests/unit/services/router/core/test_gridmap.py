from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from services.router.core.gridmap import grid_map_at, grid_map_of, section_of
from tests.support.router import grids, rows

CUT = "420704003009"  # 寒溪社区, two sections


def test_129_grids_in_14_units_over_171_villages():
    found = grids()
    assert (len(found.grids), len(found.of_unit), len(found.of_village)) == (129, 14, 171)


@pytest.mark.parametrize(
    ("name", "section"), [("某餐饮店", 1), ("好又来便利店", 2), ("某火锅店", 1), ("", 1)]
)
def test_a_section_is_the_same_on_every_machine_for_ever(name, section):
    assert section_of(name, 2) == section


def test_sections_share_the_employers_about_evenly():
    counted = Counter(section_of(f"某店{number}", 3) for number in range(3000))
    assert set(counted) == {1, 2, 3}
    assert min(counted.values()) > 900


def test_a_cut_village_is_divided_by_name_and_a_whole_one_is_not():
    found = grids()
    by_name = {found.grid_of(CUT, f"某店{n}").code for n in range(50)}
    assert by_name == {"420704003-G05", "420704003-G06"}
    assert {found.grid_of("420704107003", f"某店{n}").code for n in range(50)} == {"420704107-G02"}
    assert found.grid_of("420704999999", "某店") is None


def test_the_version_is_of_the_content_not_of_the_order_of_rows():
    source, villages, units = (
        rows(name) for name in ("grids/2025-01-01.csv", "places/villages.csv", "places/units.csv")
    )
    day = date(2025, 1, 1)
    same = grid_map_of(source[::-1], villages, units, day)
    assert same.version == grids().version
    assert same.of_village[CUT] == grids().of_village[CUT]
    swapped = [dict(row) for row in source]
    one, other = [row for row in swapped if row["unit_code"] == "420704200"]
    one["village_codes"], other["village_codes"] = other["village_codes"], one["village_codes"]
    assert grid_map_of(swapped, villages, units, day).version != same.version


def test_the_newest_map_in_effect_answers_and_before_the_first_the_first():
    first = grids()
    later = replace(first, valid_from=date(2027, 1, 1))
    maps = [later, first]
    assert grid_map_at(maps, date(2026, 12, 31)) is first
    assert grid_map_at(maps, date(2027, 1, 1)) is later
    assert grid_map_at(maps, date(2020, 1, 1)) is first
