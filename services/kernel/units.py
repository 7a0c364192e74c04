"""镇街 in two vintages of codes, and 代管: what an area that is no unit, or a code of another list, means today.

The official list of 2026 has 14 units; the statistical list of 2023 spells one otherwise, lacks 樊口街道 and has two
pseudo-units. An area managed for several units (代管) names none of them: 属地 decides who acts (监察条例 §13).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

Row = Mapping[str, str]


def areas(units: Iterable[Row]) -> Mapping[str, tuple[str, ...]]:
    """代管区 by name: the codes of the units it lies in, wholly, in part or perhaps (`?`)."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in units:
        if row["overlay"]:
            found[_plain(row["overlay"])].append(row["code"])
    return {name: tuple(codes) for name, codes in found.items()}


def _plain(overlay: str) -> str:
    return overlay.removesuffix("?").removesuffix("(part)").strip()


def spellings(area: str) -> tuple[str, ...]:
    """鄂州经济开发区: also 鄂州经开区; 临空经济区: also 鄂州临空经济区, which another city's is not."""
    full = area if area.startswith("鄂州") else f"鄂州{area}"
    short = full.replace("经济开发区", "经开区")
    return tuple(dict.fromkeys((area, full, short)))


def official(statistical: Iterable[Row]) -> Mapping[str, tuple[str, ...]]:
    """Code of a unit in any statistical list → codes of today's units; several where a pseudo-unit was divided."""
    return {row["statistical_code"]: (*row["unit_code"].split("|"),) for row in statistical}


def vintage_problems(
    statistical: Sequence[Row], units: Sequence[Row], villages: Sequence[Row]
) -> list[str]:
    """What speaks against both vintages meaning the same district; empty = they agree."""
    names = {row["code"]: row["name"] for row in units}
    found = []
    for row in statistical:
        codes, told = row["unit_code"].split("|"), row["unit"].split("|")
        if [names.get(code) for code in codes] != told:
            found.append(f"{row['statistical_code']}: {row['unit_code']} is not {row['unit']}")
    today = official(statistical)
    found += [
        f"village {row['code']}: of {row['statistical_unit_code']} in the list, which is not {row['unit_code']} today"
        for row in villages
        if row["unit_code"] not in today.get(row["statistical_unit_code"], ())
    ]
    left = sorted(set(names) - {code for codes in today.values() for code in codes})
    return found + [f"unit {code}: no row of the statistical list leads to it" for code in left]
