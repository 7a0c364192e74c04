"""网格图: which of the 129 grids answers for which village, dated."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.router.core.coverage import Row, coverage


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole list of villages, or section `section` of `sections` of one village."""

    code: str
    unit_code: str
    unit: str
    villages: tuple[str, ...]
    section: int = 0
    sections: int = 0


@dataclass(frozen=True)
class GridMap:
    """`of_village`: one grid, or the village's sections in order."""

    valid_from: date
    version: str
    grids: Mapping[str, Grid]
    of_village: Mapping[str, tuple[Grid, ...]]
    of_unit: Mapping[str, tuple[Grid, ...]]
    village_names: Mapping[str, str]
    unit_names: Mapping[str, str]

    def grid_of(self, village: str, name: str) -> Grid | None:
        """The village's grid; one cut into sections is divided by `name`: the employer, else the address."""
        found = self.of_village.get(village, ())
        if len(found) <= 1:
            return found[0] if found else None
        return found[section_of(name, len(found)) - 1]


def section_of(name: str, sections: int) -> int:
    """1…sections, by SHA-256 of the name: the same employer goes to the same officer on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % sections + 1


def grid_map_of(
    rows: Sequence[Row], villages: Sequence[Row], units: Sequence[Row], valid_from: date
) -> GridMap:
    """Raises ValueError where `coverage` finds a gap or an overlap."""
    problems = coverage(rows, villages, units)
    if problems:
        raise ValueError("; ".join(problems))
    grids = {grid.code: grid for grid in sorted(map(_grid, rows), key=lambda one: one.code)}
    of_village: dict[str, list[Grid]] = defaultdict(list)
    of_unit: dict[str, list[Grid]] = defaultdict(list)
    for grid in sorted(grids.values(), key=lambda one: (one.section, one.code)):
        of_unit[grid.unit_code].append(grid)
        for village in grid.villages:
            of_village[village].append(grid)
    text = "\n".join(f"{g.code}={','.join(g.villages)}/{g.section}" for g in grids.values())
    return GridMap(
        valid_from,
        f"{valid_from}/{hashlib.sha256(text.encode()).hexdigest()[:12]}",
        grids,
        {code: tuple(found) for code, found in of_village.items()},
        {code: tuple(found) for code, found in of_unit.items()},
        {row["code"]: row["name"] for row in villages},
        {row["code"]: row["name"] for row in units},
    )


def _grid(row: Row) -> Grid:
    number, _, of = row["section"].partition("/")
    villages = tuple(row["village_codes"].split("|"))
    return Grid(
        row["grid"], row["unit_code"], row["unit"], villages, int(number or 0), int(of or 0)
    )


def grid_map_at(maps: Sequence[GridMap], day: date) -> GridMap:
    """The newest in effect that day; before the first, the first. `maps` is never empty."""
    ordered = sorted(maps, key=lambda one: one.valid_from)
    return next((one for one in reversed(ordered) if one.valid_from <= day), ordered[0])
