"""Place names of the district and around it, one automaton; built once from policies/places."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from services.kernel.units import areas, official, spellings

Kind = Literal["village", "unit", "district", "elsewhere"]
_ROAD = ("路", "大道", "街", "大街", "巷", "大桥", "山庄")
_NOT_PLACE = ("人", "籍", "户口", "口音", "牌", "菜", "热干面", "话")
_SURE = {"certain": 1.0, "likely": 0.8, "guess": 0.5}
BY_AREA = 0.5  # [own] a unit that an area lies in, perhaps not this one
_OF_TOWN = frozenset("街镇乡社村居")


@dataclass(frozen=True, slots=True)
class Name:
    """What a written name means. `bare`: without 镇/村/社区, needs its context; `area`: one of several units (代管)."""

    kind: Kind
    name: str
    code: str = ""
    unit_code: str = ""
    confidence: float = 1.0
    bare: bool = False
    area: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in a text, characters [start, end)."""

    start: int
    end: int
    text: str
    meaning: Name


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """`names`: pattern to its meanings (namesakes, or the units of an area); `units`: code to name.

    `codes`: of units and villages, official and statistical of whatever year, to what they mean today.
    """

    patterns: tuple[str, ...]
    names: Mapping[str, tuple[Name, ...]]
    units: Mapping[str, str]
    codes: Mapping[str, tuple[Name, ...]]
    automaton: Any

    def find(self, text: str) -> tuple[Mention, ...]:
        """Leftmost longest, without the traps: roads, people from there, names inside another city."""
        hits = [
            Mention(start, end, self.patterns[number], self.names[self.patterns[number]][0])
            for number, start, end in self.automaton.find_matches_as_indexes(text)
        ]
        return tuple(self._resolved(hits, text))

    def _resolved(self, hits: list[Mention], text: str) -> Iterator[Mention]:
        unit, outside_end = "", -2
        for hit in hits:
            if _is_trap(hit, text):
                continue
            if hit.meaning.kind == "elsewhere":
                outside_end = hit.end
            elif 0 <= hit.start - outside_end <= 1:
                outside_end = hit.end  # 黄石市花湖…: part of the other city's address
                continue
            if hit.meaning.area:
                yield from self._units_of(hit, unit)
                continue
            named = self._namesake(hit, unit)
            unit = named.meaning.unit_code or unit
            yield named

    def _units_of(self, hit: Mention, unit: str) -> Iterator[Mention]:
        """Each unit of the area, or the one of them that was named just before."""
        found = self.names[hit.text]
        named = [one for one in found if one.unit_code == unit]
        yield from (Mention(hit.start, hit.end, hit.text, one) for one in named or found)

    def _namesake(self, hit: Mention, unit: str) -> Mention:
        """Of several meanings the one inside the unit named just before."""
        for meaning in self.names[hit.text]:
            if meaning.unit_code == unit:
                return Mention(hit.start, hit.end, hit.text, meaning)
        return hit


def _is_trap(hit: Mention, text: str) -> bool:
    after = text[hit.end : hit.end + 3]
    if hit.meaning.kind == "elsewhere" and after.startswith(_NOT_PLACE):
        return True
    if after.startswith(_ROAD) and not after.startswith("街道"):
        return hit.meaning.bare or hit.meaning.kind == "elsewhere"
    return hit.meaning.bare and after[:1] in _OF_TOWN | set("山坡大湖港塔台机")


def gazetteer_of(files: Mapping[str, str], district: str, district_name: str) -> Gazetteer:
    """`files`: texts of the tables of policies/places by file name."""
    names: dict[str, list[Name]] = {}
    rows = {name: tuple(csv.DictReader(io.StringIO(text))) for name, text in files.items()}
    for alias, meaning in (
        *_areas(rows["units.csv"]),
        *_units(rows["units.csv"]),
        *_villages(rows["villages.csv"]),
        *_former(rows["former-villages.csv"]),
        *_elsewhere(rows["elsewhere.csv"]),
    ):
        if not any(meaning.code == other.code for other in names.get(alias, ())):
            names.setdefault(alias, []).append(meaning)
    home = Name("district", district_name, district)
    names.setdefault(district_name, [home])
    patterns = tuple(sorted(names))
    return Gazetteer(
        patterns,
        {alias: tuple(found) for alias, found in names.items()},
        {row["code"]: row["name"] for row in rows["units.csv"]},
        _codes(rows),
        AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest),
    )


Row = Mapping[str, str]


def _codes(rows: Mapping[str, Sequence[Row]]) -> Mapping[str, tuple[Name, ...]]:
    """Official code, else the statistical one; a former village's code means its successor, else its unit."""
    units = {row["code"]: row["name"] for row in rows["units.csv"]}
    found: dict[str, tuple[Name, ...]] = {}
    for code, today in official(rows["statistical-units.csv"]).items():
        sure = 1.0 if len(today) == 1 else BY_AREA
        found[code] = tuple(Name("unit", units[one], one, one, sure) for one in today)
    found |= {code: (Name("unit", name, code, code),) for code, name in units.items()}
    for row in rows["former-villages.csv"]:
        found[row["old_code"]] = (_successor(row),)
    for row in rows["villages.csv"]:
        if row["virtual"] != "yes":
            name = Name(
                "village", row["name"], row["code"], row["unit_code"], _SURE[row["confidence"]]
            )
            found[row["code"]] = (name,)
    return found


def _areas(rows: Sequence[Row]) -> Iterator[tuple[str, Name]]:
    units = {row["code"]: row["name"] for row in rows}
    for area, codes in areas(rows).items():
        for alias in spellings(area):
            yield from (
                (alias, Name("unit", units[one], one, one, BY_AREA, area=True)) for one in codes
            )


def _units(rows: Iterable[Row]) -> Iterator[tuple[str, Name]]:
    for row in rows:
        full = Name("unit", row["name"], row["code"], row["code"])
        for alias in (row["name"], *filter(None, row["aliases"].split("|"))):
            yield alias, full
        shared = bool(row["same_name_in_hubei"])
        bare = Name("unit", row["name"], row["code"], row["code"], 0.5 if shared else 0.7, True)
        yield row["base"], bare


def _villages(rows: Iterable[Row]) -> Iterator[tuple[str, Name]]:
    for row in rows:
        if row["virtual"] == "yes":
            continue
        weight = _SURE[row["confidence"]]
        full = Name("village", row["name"], row["code"], row["unit_code"], weight)
        for alias in (row["name"], *filter(None, row["aliases"].split("|"))):
            yield alias, full
        common = row["name_trap"] and row["base"][:2] != row["unit"][:2]  # 汀祖中心街 is in 汀祖镇
        if len(row["base"]) >= 3 and not common:
            bare = Name("village", row["name"], row["code"], row["unit_code"], 0.6 * weight, True)
            yield row["base"], bare


def _former(rows: Iterable[Row]) -> Iterator[tuple[str, Name]]:
    for row in rows:
        name = _successor(row)
        short = row["old_name"].removesuffix("委会")
        for alias in (row["old_name"], short):
            yield alias, name


def _successor(row: Row) -> Name:
    """A former name means its successor where there is one, else the unit it lay in."""
    weight = 1.0 if row["confidence"] == "certain" else 0.7
    unit = row["unit_code"]
    if row["successor_code"]:
        return Name("village", row["successor_name"], row["successor_code"], unit, weight)
    return Name("unit", row["unit"], unit, unit, weight)


def _elsewhere(rows: Iterable[Row]) -> Iterator[tuple[str, Name]]:
    for row in rows:
        yield row["name"], Name("elsewhere", row["belongs_to"])
