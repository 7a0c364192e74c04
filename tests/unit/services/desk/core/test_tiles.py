"""The map is a drawing of the 129 grids: one hexagon each, none on another, borders where units meet."""

from math import dist
from pathlib import Path

from services.desk.core.tiles import WIDTH, Place, board
from services.desk.wording import read_places

POLICIES = Path(__file__).resolve().parents[5] / "policies"


def test_no_tile_lies_on_another_and_all_are_inside():
    drawn = board(read_places(POLICIES))
    centres = [(tile.x, tile.y) for tile in drawn.tiles]
    apart = min(dist(one, two) for n, one in enumerate(centres) for two in centres[:n])
    assert abs(apart - WIDTH) < 1e-6
    assert all(0 < x < drawn.width and 0 < y < drawn.height for x, y in centres)


def test_neighbours_of_one_unit_have_no_border_between_them():
    one = board([Place("a", "甲", 0, 0), Place("b", "甲", 1, 0)])
    two = board([Place("a", "甲", 0, 0), Place("b", "乙", 1, 0)])
    assert (one.borders.count("M"), two.borders.count("M")) == (10, 12)


def test_each_unit_has_its_name_once():
    drawn = board(read_places(POLICIES))
    assert len(drawn.labels) == len({tile.unit for tile in drawn.tiles}) == 14
