"""网格覆盖证明: every village in exactly one grid or wholly cut into numbered sections; nothing left over."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

Row = Mapping[str, str]
GRIDS = 129  # 129 labour-inspection grids of 鄂城区 [article]
_CODE = re.compile(r"^\d{9}-G\d{2}$")


def coverage(rows: Sequence[Row], villages: Sequence[Row], units: Sequence[Row]) -> list[str]:
    """The proof as a list of what speaks against it: empty = no gap, no overlap, 129, per unit as stated."""
    return [
        *_places(villages, units),
        *_codes(rows),
        *_counts(rows, units),
        *_strangers(rows, villages, units),
        *_cuts(rows, villages),
    ]


def _places(villages: Sequence[Row], units: Sequence[Row]) -> list[str]:
    known = {unit["code"] for unit in units}
    problems = [f"unit {code}: twice" for code in _twice(unit["code"] for unit in units)]
    problems += [f"village {code}: twice" for code in _twice(one["code"] for one in villages)]
    return problems + [
        f"village {one['code']}: unit {one['unit_code']} is unknown"
        for one in villages
        if one["unit_code"] not in known
    ]


def _codes(rows: Sequence[Row]) -> list[str]:
    problems = [f"{code}: twice" for code in _twice(row["grid"] for row in rows)]
    return problems + [
        f"{row['grid']}: not a grid code of unit {row['unit_code']}"
        for row in rows
        if not _CODE.match(row["grid"]) or not row["grid"].startswith(row["unit_code"])
    ]


def _counts(rows: Sequence[Row], units: Sequence[Row]) -> list[str]:
    problems = [f"{len(rows)} grids, not {GRIDS}"] if len(rows) != GRIDS else []
    found = Counter(row["unit_code"] for row in rows)
    for unit in units:
        wanted = unit["grids"]
        if not wanted.isdecimal():
            problems.append(f"unit {unit['code']}: {wanted!r} is no number of grids")
        elif found[unit["code"]] != int(wanted):
            problems.append(f"unit {unit['code']}: {found[unit['code']]} grids, not {wanted}")
    return problems


def _strangers(rows: Sequence[Row], villages: Sequence[Row], units: Sequence[Row]) -> list[str]:
    unit_of = {one["code"]: one["unit_code"] for one in villages}
    names = {unit["code"]: unit["name"] for unit in units}
    problems = []
    for row in rows:
        if row["unit"] != names.get(row["unit_code"]):
            problems.append(f"{row['grid']}: unit {row['unit_code']} is not {row['unit']!r}")
        for code in row["village_codes"].split("|"):
            if unit_of.get(code) != row["unit_code"]:
                problems.append(f"{row['grid']}: village {code} is unknown or of another unit")
    return problems


def _cuts(rows: Sequence[Row], villages: Sequence[Row]) -> list[str]:
    problems = []
    sections: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        codes = row["village_codes"].split("|")
        if row["section"] and len(codes) != 1:
            problems.append(f"{row['grid']}: only a single village is cut into sections")
        for code in codes:
            sections[code].append(row["section"])
    left = sorted({one["code"] for one in villages} - set(sections))
    problems += [f"gap: village {code} is in no grid" for code in left]
    for code, found in sorted(sections.items()):
        whole = [""] if len(found) == 1 else [f"{n}/{len(found)}" for n in range(1, len(found) + 1)]
        if sorted(found) != whole:
            problems.append(f"overlap: village {code} is cut as {sorted(found)}")
    return problems


def _twice(codes: Iterable[str]) -> list[str]:
    return sorted(code for code, times in Counter(codes).items() if times > 1)
