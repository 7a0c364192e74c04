"""Place names of the district and around it, one automaton; built once from policies/places."""

import csv
import io
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from services.kernel.units import areas, official, spellings

Kind = Literal["village", "unit", "district", "elsewhere"]
_ROAD = ("路", "大道", "街", "大街", "巷", "大桥", "山庄")
_NOT_PLACE = ("人", "籍", "户口", "口音", "牌", "话", "来的", "打来", "号码", "车牌", "口味")
_DISH = re.compile(
    r"^(?:老|大|正宗|小|风味|特色|万|新)?(?:火锅|拉面|热干面|小吃|小面|米粉|米线|烤鸭|布鞋|早点|烧烤|包子|小笼|生煎|酸菜|串串|麻辣|冒菜|菜|土菜|餐馆|餐厅|"
    r"面馆|粉|卤|鸭脖|奶茶|理发|美发|发艺|足浴|路|大道|街|商场|百货|超市|服装|春天|故事|印象|人家|风情|味道|饭店|酒店|宾馆|鱼|牛肉|羊肉|烧饼|锅贴|肠粉|螺蛳|酱鸭|臭豆腐)"
)
"""重庆老火锅, 老北京布鞋, 武昌鱼: a dish or a sign, no place."""
_AFTER_SHARED = re.compile(
    r"^(?:$|[，。；！？、,;（）()\s”\"：:]|这|那|边|一带|附近|上的|的|某|一家|一个|有|做|上班|打工|工作|区域|片区|地区|辖区|"
    r"老街|新街|干|里|城区|镇上|分部|分店|开了)"
)
"""凤凰, 西山 and 古楼 are half the names of shops: alone they are places only in such company."""
SHARED_MIN = 5  # counties in China with a town of that name
_SURE = {"certain": 1.0, "likely": 0.8, "guess": 0.5}
BY_AREA = 0.5  # [own] a unit that an area lies in, perhaps not this one
_OF_TOWN = frozenset("街镇乡社村居")


@dataclass(frozen=True, slots=True)
class Name:
    """What a written name means. `bare`: without 镇/村/社区; `area`: one of several units (代管).

    `shared`: half the country has one; `after`: only directly behind its unit.
    """

    kind: Kind
    name: str
    code: str = ""
    unit_code: str = ""
    confidence: float = 1.0
    bare: bool = False
    area: bool = False
    shared: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in a text, characters [start, end)."""

    start: int
    end: int
    text: str
    meaning: Name


def mentions_between(found: Sequence[Mention], start: int, end: int) -> Iterator[Mention]:
    """Those inside [start, end); `found` by place."""
    index = bisect_left(found, start, key=lambda one: one.start)
    while index < len(found) and found[index].end <= end:
        yield found[index]
        index += 1


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
        unit, outside_end, end = "", -2, -2
        for index, hit in enumerate(hits):
            follower = hits[index + 1] if index + 1 < len(hits) else None
            if _is_trap(hit, text) and not _in_unit(hit, follower):
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
            if named.meaning.after and not (named.meaning.unit_code == unit and hit.start == end):
                continue
            unit, end = named.meaning.unit_code or unit, hit.end
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


def _in_unit(hit: Mention, follower: Mention | None) -> bool:
    """凤凰司徒社区: a village of that unit follows at once."""
    return (
        follower is not None
        and follower.start == hit.end
        and follower.meaning.unit_code == hit.meaning.unit_code
    )


def _is_trap(hit: Mention, text: str) -> bool:
    after = text[hit.end : hit.end + 6]
    if hit.meaning.kind == "elsewhere":
        return _is_sign(hit, text, after)
    if after.startswith(_ROAD) and not after.startswith("街道"):
        own = hit.meaning.kind == "unit" and not hit.meaning.shared
        return hit.meaning.bare and not (own and after.startswith(("街", "大桥")))
    if hit.meaning.shared and not _AFTER_SHARED.match(after):
        return True
    return hit.meaning.bare and after[:1] in _OF_TOWN | set("山坡大湖港塔台机桥")


def _is_sign(hit: Mention, text: str, after: str) -> bool:
    if after.startswith(_NOT_PLACE) and not after.startswith(("人民", "人力", "人社")):
        return True
    whole = len(hit.text) > 2 and hit.text[-1] in "市省区县镇乡道州旗"
    if after.startswith(_ROAD) and not after.startswith("街道"):
        return True
    return not whole and (
        bool(_DISH.match(after)) or text[max(0, hit.start - 1) : hit.start] == "老"
    )


def gazetteer_of(files: Mapping[str, str], district: str, district_name: str) -> Gazetteer:
    """`files`: texts of the tables of policies/places by file name."""
    names: dict[str, list[Name]] = {}
    rows = {name: tuple(csv.DictReader(io.StringIO(text))) for name, text in files.items()}
    for alias, meaning in (
        *_areas(rows["units.csv"]),
        *_units(rows["units.csv"]),
        *_villages(rows["villages.csv"]),
        *_former(rows["former-villages.csv"]),
        *_spoken(rows["spoken.csv"], rows["units.csv"], district_name),
        *_elsewhere(rows["elsewhere.csv"]),
        *_elsewhere(rows["country.csv"]),
    ):
        if not any(meaning.code == other.code for other in names.get(alias, ())):
            names.setdefault(alias, []).append(meaning)
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
        sure = 0.5 if row["same_name_in_hubei"] else 0.7
        shared = int(row["same_name_in_country"] or 0) >= SHARED_MIN
        bare = replace(full, confidence=sure, bare=True, shared=shared)
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
        if not common:  # two characters are a name only behind their unit: 泽林塔桥
            short = len(row["base"]) < 3
            weight *= 0.6
            bare = replace(full, confidence=weight, bare=True, after=short)
            yield row["base"], bare


def _former(rows: Iterable[Row]) -> Iterator[tuple[str, Name]]:
    for row in rows:
        name = _successor(row)
        short = row["old_name"].removesuffix("委会")
        for alias in (row["old_name"], short):
            yield alias, name
        if len(row["base"]) >= 3:
            yield row["base"], replace(name, confidence=0.6 * name.confidence, bare=True)


def _spoken(rows: Iterable[Row], units: Iterable[Row], district: str) -> Iterator[tuple[str, Name]]:
    """Misspellings, spoken short forms, and zones that lie in the district and in no single unit."""
    names = {row["code"]: row["name"] for row in units}
    for row in rows:
        weight, code = float(row["confidence"]), row["code"]
        bare = weight < 0.8 and len(row["written"]) == 2
        if code in names:
            yield row["written"], Name("unit", names[code], code, code, weight, bare=bare)
        else:
            yield row["written"], Name("district", district, code, "", weight, bare=bare)


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
