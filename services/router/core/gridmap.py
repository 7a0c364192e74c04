"""网格图: which of the 129 grids answers for which village, dated, with a proof that nothing is left over."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Row = Mapping[str, str]
GRIDS = 129  # 129 labour-inspection grids of 鄂城区 [article]
_CODE = re.compile(r"^\d{9}-G\d{2}$")


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
    valid_from: date
    version: str
    grids: Mapping[str, Grid]
    of_village: Mapping[str, tuple[Grid, ...]]
    of_unit: Mapping[str, tuple[Grid, ...]]
    village_names: Mapping[str, str]
    unit_names: Mapping[str, str]

    def grid_of(self, village: str, employer: str) -> Grid | None:
        """The village's grid; a village cut into sections is divided by the employer's name, for ever the same."""
        found = self.of_village.get(village, ())
        if len(found) <= 1:
            return found[0] if found else None
        return found[section_of(employer, len(found)) - 1]


def section_of(name: str, sections: int) -> int:
    """1…sections, by SHA-256 of the normalised employer name, else of the address."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % sections + 1


def grid_map_of(
    rows: Sequence[Row], villages: Sequence[Row], units: Sequence[Row], valid_from: date
) -> GridMap:
    """Raises ValueError where `coverage` finds a gap or an overlap."""
    problems = coverage(rows, villages, units)
    if problems:
        raise ValueError("; ".join(problems))
    grids = {row["grid"]: _grid(row) for row in rows}
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
    """The newest in effect that day; before the first, the first."""
    ordered = sorted(maps, key=lambda one: one.valid_from)
    return next((one for one in reversed(ordered) if one.valid_from <= day), ordered[0])


def coverage(rows: Sequence[Row], villages: Sequence[Row], units: Sequence[Row]) -> list[str]:
    """The proof: every village in exactly one grid or wholly cut into numbered sections; 129; no strangers."""
    unit_of = {village["code"]: village["unit_code"] for village in villages}
    problems = _names(rows, units)
    sections: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        codes = row["village_codes"].split("|")
        if row["section"] and len(codes) != 1:
            problems.append(f"{row['grid']}: only a single village is cut into sections")
        for code in codes:
            if unit_of.get(code) != row["unit_code"]:
                problems.append(f"{row['grid']}: village {code} is unknown or of another unit")
            sections[code].append(row["section"])
    problems += [
        f"gap: village {code} is in no grid" for code in sorted(set(unit_of) - set(sections))
    ]
    for code, found in sorted(sections.items()):
        whole = [""] if len(found) == 1 else [f"{n}/{len(found)}" for n in range(1, len(found) + 1)]
        if sorted(found) != whole:
            problems.append(f"overlap: village {code} is cut as {sorted(found)}")
    return problems


def _names(rows: Sequence[Row], units: Sequence[Row]) -> list[str]:
    codes = [row["grid"] for row in rows]
    known = {unit["code"]: int(unit["grids"]) for unit in units}
    problems = [f"{len(codes)} grids, not {GRIDS}"] if len(codes) != GRIDS else []
    problems += [f"{code}: twice" for code in sorted(set(codes)) if codes.count(code) > 1]
    problems += [
        f"{row['grid']}: not a grid code of unit {row['unit_code']}"
        for row in rows
        if not _CODE.match(row["grid"]) or not row["grid"].startswith(row["unit_code"])
    ]
    for code, wanted in known.items():
        found = sum(row["unit_code"] == code for row in rows)
        if found != wanted:
            problems.append(f"unit {code}: {found} grids, not {wanted}")
    return problems
