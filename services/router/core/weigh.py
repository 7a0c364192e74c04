"""派单依据: places weighed into one target, with what spoke for it and what else was possible.

The place of work decides (用工所在地, 监察条例 §13); the employer's registered address is the second evidence:
it decides where no place of work is named, and sharpens or weakens one that is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.cases import Evidence, RuleKind, Target
from schemas.matter import Matter, Place
from services.router.core.coordinates import Centre, Near, nearest
from services.router.core.gridmap import Grid, GridMap

STRENGTH = {"work": 0.9, "employer_address": 0.6, "unknown": 0.5, "home": 0.0}
"""[own] How much a mention says by its part. A claimant's home says nothing about the place of work."""
PRECISION: dict[str, int] = {"grid": 3, "village": 2, "unit": 1}
KIND_OF: dict[str, RuleKind] = {"grid": "grid", "village": "village", "unit": "unit"}
CONTRADICTED = 0.7  # [own] times the confidence, once, where another unit is named too
BY_COORDINATES = 0.3  # [own] a point near a town centre, and nothing else
BY_SECTION = 0.1  # [own] a sister section of the same village
ALTERNATIVES_MAX = 5
ROLE_ZH = {"work": "用工地点", "employer_address": "单位地址", "unknown": "提到的地点"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: what decided; no target = `why` a person must (triage)."""

    target: Target | None
    kind: RuleKind = "triage"
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[Target, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Clue:
    """A place the grid map knows, its unit by the map (not by the event)."""

    place: Place
    unit: str
    strength: float
    precision: int


def weigh(grids: GridMap, matter: Matter, centres: Sequence[Centre] = ()) -> Finding:
    """Unit by strength, then precision; grid by precision inside that unit. Equals in one sentence: triage."""
    clues = sorted(_clues(grids, matter), key=lambda c: (-c.strength, -c.precision))
    near = _near(centres, matter)
    if not clues:
        return _by_coordinates(grids, matter, near)
    evidence = (*(_evidence(clue) for clue in clues), *_measured(near, clues[0].unit))
    options = [_target(grids, clue, clues, matter) for clue in clues]
    rival = _rival(clues[0], clues)
    if rival:
        both = [options[clues.index(one)] for one in clues if _equal(clues[0], one)]
        return Finding(None, "triage", evidence, _distinct(both), _torn(clues[0], rival))
    same = [clue for clue in clues if clue.unit == clues[0].unit]
    exact = max(same, key=lambda clue: (clue.precision, clue.strength))
    target, kind = _inside(grids, exact, clues, options)
    confidence = _confidence(grids, exact, same, clues)
    if confidence != target.confidence:
        target = target.model_copy(update={"confidence": confidence})
    return Finding(target, kind, evidence, _alternatives(grids, target, options))


def _inside(
    grids: GridMap, exact: _Clue, clues: Sequence[_Clue], options: Sequence[Target]
) -> tuple[Target, RuleKind]:
    """Two grids of one unit with equal right: its squad leader divides."""
    target = options[clues.index(exact)]
    for clue, other in zip(clues, options, strict=True):
        if clue.unit == exact.unit and _equal(exact, clue) and other.grid != target.grid:
            return of_unit(grids, exact.unit, exact.strength), "unit"
    by_address = exact.place.role == "employer_address"
    return target, "employer_address" if by_address else KIND_OF[exact.place.kind]


def _clues(grids: GridMap, matter: Matter) -> Iterable[_Clue]:
    for place in matter.places:
        unit, strength = _unit(grids, place), STRENGTH[place.role] * place.confidence
        if unit and strength:
            yield _Clue(place, unit, strength, PRECISION[place.kind])


def _unit(grids: GridMap, place: Place) -> str:
    if place.kind == "grid" and place.code in grids.grids:
        return grids.grids[place.code].unit_code
    if place.kind == "village" and place.code in grids.of_village:
        return grids.of_village[place.code][0].unit_code
    return place.code if place.kind == "unit" and place.code in grids.of_unit else ""


def _rival(best: _Clue, clues: Sequence[_Clue]) -> _Clue | None:
    """Another unit with equal right: the order of words is no reason."""
    return next((clue for clue in clues if clue.unit != best.unit and _equal(best, clue)), None)


def _torn(one: _Clue, rival: _Clue) -> str:
    if one.place.span == rival.place.span:
        return f"只写明{one.place.span.text}，涉及{one.place.name}、{rival.place.name}等镇街，需人工判断"
    names = f"{one.place.name}和{rival.place.name}"
    return f"同一处写明{names}，分属两个镇街，需人工判断"


def _equal(one: _Clue, other: _Clue) -> bool:
    """As strong, as precise, in the same field; a column before a text and a text before its title decide."""
    return (one.strength, one.precision, one.place.span.field) == (
        other.strength,
        other.precision,
        other.place.span.field,
    )


def _confidence(
    grids: GridMap, exact: _Clue, same: Sequence[_Clue], clues: Sequence[_Clue]
) -> float:
    """Two parts that agree raise it (1 - product of doubts); another unit or a foreign grid code lowers it."""
    doubt = 1 - exact.strength
    for role in sorted({clue.place.role for clue in same} - {exact.place.role}):
        doubt *= 1 - max(clue.strength for clue in same if clue.place.role == role)
    contested = exact.place.kind == "grid" and any(
        clue.place.kind == "village" and not _covers(grids, exact, clue) for clue in same
    )
    spans = [
        clue.place.span for clue in same
    ]  # an area of several units, this one among them, contradicts nothing
    against = contested or any(
        clue.unit != exact.unit and clue.place.span not in spans for clue in clues
    )
    return round((1 - doubt) * (CONTRADICTED if against else 1.0), 3)


def _covers(grids: GridMap, grid: _Clue, village: _Clue) -> bool:
    return village.place.code in grids.grids[grid.place.code].villages


def _target(grids: GridMap, clue: _Clue, clues: Iterable[_Clue], matter: Matter) -> Target:
    """A grid where the place names one; else the unit's squad leader (中队长), who divides inside the unit."""
    place, strength = clue.place, round(clue.strength, 3)
    if place.kind == "grid":
        named = [c for c in clues if c.precision == 2 and c.unit == clue.unit]
        named.sort(
            key=lambda c: not _covers(grids, clue, c)
        )  # an officer may look beyond the own border
        village = named[0].place.code if named else ""
        return of_grid(grids, grids.grids[place.code], strength, village)
    if place.kind == "village":
        name = matter.employer.normalised if matter.employer else ""
        grid = grids.grid_of(place.code, name or place.name)
        assert grid is not None  # noqa: S101 - a clue is a village of the map
        return of_grid(grids, grid, strength, place.code)
    return of_unit(grids, clue.unit, strength)


def of_grid(grids: GridMap, grid: Grid, confidence: float, village: str = "") -> Target:
    code = village or (grid.villages[0] if len(grid.villages) == 1 else "")
    return Target(
        grid=grid.code,
        unit_code=grid.unit_code,
        unit=grid.unit,
        village_code=code,
        village=grids.village_names.get(code, ""),
        post="grid_officer",
        confidence=confidence,
    )


def of_unit(grids: GridMap, unit: str, confidence: float) -> Target:
    """A unit with a single grid has no choice to make."""
    found = grids.of_unit.get(unit, ())
    if len(found) == 1:
        return of_grid(grids, found[0], confidence)
    name = grids.unit_names.get(unit, "")
    return Target(unit_code=unit, unit=name, post="town_squad_leader", confidence=confidence)


def key_of(target: Target) -> str:
    """Who it is: a grid, or a post of a unit."""
    return target.grid or f"{target.unit_code}/{target.post}"


def _alternatives(grids: GridMap, target: Target, others: Sequence[Target]) -> tuple[Target, ...]:
    own = grids.grids.get(target.grid)
    cut = grids.of_village[own.villages[0]] if own and own.section else ()
    sisters = [of_grid(grids, grid, BY_SECTION) for grid in cut]
    elsewhere = [one for one in others if one.grid or one.unit_code != target.unit_code]
    return _distinct((*elsewhere, *sisters), key_of(target))


def _distinct(targets: Iterable[Target], without: str = "") -> tuple[Target, ...]:
    found: dict[str, Target] = {}
    for target in targets:
        found.setdefault(key_of(target), target)
    found.pop(without, None)
    return tuple(found.values())[:ALTERNATIVES_MAX]


def _evidence(clue: _Clue) -> Evidence:
    place = clue.place
    text = f"{ROLE_ZH.get(place.role, '地点')}写明{place.name}"
    if (
        place.span.text.endswith("区") and place.kind == "unit"
    ):  # 经开区: an area, no spelling of a unit
        text = f"{ROLE_ZH.get(place.role, '地点')}写明{place.span.text}，涉及{place.name}"
    if place.kind == "grid":
        text = f"巡查记录的网格码是{place.code}"
    return Evidence(rule=place.kind, text_zh=text, span=place.span, weight=round(clue.strength, 3))


def _near(centres: Sequence[Centre], matter: Matter) -> tuple[Place, Near] | None:
    for place in matter.places:
        if place.kind == "coordinates" and place.lon is not None and place.lat is not None:
            found = nearest(centres, place.lon, place.lat, place.crs)
            return (place, found) if found else None
    return None


def _measured(near: tuple[Place, Near] | None, unit: str) -> tuple[Evidence, ...]:
    """Beside a named place a point is told, and weighs nothing in the decision."""
    if near is None:
        return ()
    place, found = near
    text = f"轨迹起点距{found.centre.name}中心点约{found.km:.1f}公里"
    weight = BY_COORDINATES if found.centre.unit_code == unit else 0.0
    return (Evidence(rule="coordinates", text_zh=text, span=place.span, weight=weight),)


def _by_coordinates(grids: GridMap, matter: Matter, near: tuple[Place, Near] | None) -> Finding:
    unit = near[1].centre.unit_code if near else ""
    told = _measured(near, unit)
    if unit in grids.of_unit:
        return Finding(of_unit(grids, unit, BY_COORDINATES), "coordinates", told)
    return Finding(None, evidence=told, why=_why(matter))


def _why(matter: Matter) -> str:
    if any(place.kind == "district" for place in matter.places):
        return "只写到本区，没有写明镇街或村社区"
    if any(place.role == "home" for place in matter.places):
        return "只写明居住地，用工地点不明"
    return "没有可以确定用工地点的线索"
