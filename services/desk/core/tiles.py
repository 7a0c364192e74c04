"""网格示意图: the 129 grids as hexagons (policies/tiles.csv), odd rows half a tile to the right."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SIZE = 26.0
"""Centre to corner, in units of the drawing."""
WIDTH, STEP = math.sqrt(3) * SIZE, 1.5 * SIZE
MARGIN = 8.0
GAP = 1.5
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A row of tiles.csv."""

    grid: str
    unit: str
    col: int
    row: int


@dataclass(frozen=True, slots=True)
class Tile:
    """`points`: corners for SVG; `x`, `y`: the centre."""

    grid: str
    unit: str
    x: float
    y: float
    points: str


@dataclass(frozen=True, slots=True)
class Board:
    """`borders`: one SVG path of the edges between units; `labels`: unit name at its middle."""

    width: float
    height: float
    tiles: tuple[Tile, ...]
    borders: str
    labels: tuple[tuple[str, float, float], ...]


def board(places: Sequence[Place]) -> Board:
    """The drawing, the same for every look at it."""
    at = {(one.col, one.row): one.unit for one in places}
    tiles = tuple(_tile(one) for one in places)
    edges = [
        _line(_corner(*_centre(one.col, one.row), n), _corner(*_centre(one.col, one.row), n + 1))
        for one in places
        for n, beside in enumerate(_around(one.col, one.row))
        if at.get(beside) != one.unit
    ]
    return Board(
        max(tile.x for tile in tiles) + WIDTH / 2 + MARGIN,
        max(tile.y for tile in tiles) + SIZE + MARGIN,
        tiles,
        "".join(edges),
        tuple(_labels(tiles)),
    )


def _centre(col: int, row: int) -> Point:
    return MARGIN + WIDTH / 2 + (col + 0.5 * (row % 2)) * WIDTH, MARGIN + SIZE + row * STEP


def _corner(x: float, y: float, n: int, size: float = SIZE) -> Point:
    """Corner 0 on top, clockwise."""
    angle = math.radians(60 * n)
    return x + size * math.sin(angle), y - size * math.cos(angle)


def _around(col: int, row: int) -> tuple[tuple[int, int], ...]:
    """Neighbours in the order of the edges between corners n and n + 1."""
    shift = row % 2
    return (
        (col + shift, row - 1), (col + 1, row), (col + shift, row + 1),
        (col + shift - 1, row + 1), (col - 1, row), (col + shift - 1, row - 1),
    )  # fmt: skip


def _tile(one: Place) -> Tile:
    x, y = _centre(one.col, one.row)
    corners = (_corner(x, y, n, SIZE - GAP) for n in range(6))
    return Tile(one.grid, one.unit, x, y, " ".join(f"{a:.1f},{b:.1f}" for a, b in corners))


def _line(start: Point, end: Point) -> str:
    return f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"


def _labels(tiles: Sequence[Tile]) -> list[tuple[str, float, float]]:
    by_unit: dict[str, list[Tile]] = {}
    for tile in tiles:
        by_unit.setdefault(tile.unit, []).append(tile)
    return [(unit, *_middle(own)) for unit, own in by_unit.items()]


def _middle(tiles: Sequence[Tile]) -> Point:
    """Between two rows, so that the name covers no figure."""
    x = sum(tile.x for tile in tiles) / len(tiles)
    y = sum(tile.y for tile in tiles) / len(tiles)
    rows: Mapping[float, None] = dict.fromkeys(sorted(tile.y for tile in tiles))
    between = [tile - STEP / 2 for tile in rows] + [max(rows) + STEP / 2]
    return x, min(between, key=lambda line: abs(line - y))
