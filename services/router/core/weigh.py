"""派单依据: places weighed into one target, with what spoke for it and what else was possible."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.cases import Evidence, RuleKind, Target
from schemas.matter import Matter, Place
from services.router.core.gridmap import Grid, GridMap

# [own] how much a mention of each part says; a claimant's home says nothing about the place of work (监察条例 §13)
WEIGHT = {"work": 0.9, "employer_address": 0.7, "unknown": 0.5, "home": 0.0}
KIND = {"grid": 1.0, "village": 0.95, "unit": 0.6}
KIND_OF: dict[str, RuleKind] = {"grid": "grid", "village": "village", "unit": "unit"}
ALTERNATIVES_MAX = 5
ROLE_ZH = {"work": "用工地点", "employer_address": "单位地址", "unknown": "提到的地点"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: what decided; no target = nothing to go by."""

    target: Target | None
    kind: RuleKind = "triage"
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[Target, ...] = ()


def weigh(grids: GridMap, matter: Matter) -> Finding:
    """The best place by part and precision; a second place in another unit lowers the confidence."""
    useful = [place for place in matter.places if _weight(place) and _known(grids, place)]
    if not useful:
        return Finding(None)
    ranked = sorted(useful, key=_weight, reverse=True)
    best = ranked[0]
    same = [place for place in ranked if place.unit_code == best.unit_code]
    exact = max(same, key=lambda place: (KIND[place.kind], _weight(place)))
    against = [place for place in ranked if place.unit_code != best.unit_code]
    confidence = round(_weight(exact) * (0.7 if against else 1.0), 3)
    target = target_of(grids, exact, matter, confidence)
    others = _alternatives(grids, target, against, matter)
    return Finding(target, KIND_OF[exact.kind], tuple(_evidence(place) for place in ranked), others)


def _weight(place: Place) -> float:
    return WEIGHT[place.role] * KIND.get(place.kind, 0.0) * place.confidence


def _known(grids: GridMap, place: Place) -> bool:
    if place.kind == "village":
        return place.code in grids.of_village
    return place.code in (grids.grids if place.kind == "grid" else grids.of_unit)


def target_of(grids: GridMap, place: Place, matter: Matter, confidence: float) -> Target:
    """A grid where the place names one; else the unit's squad leader (中队长), who divides inside the unit."""
    if place.kind == "grid":
        return of_grid(grids, grids.grids[place.code], confidence)
    if place.kind == "village":
        name = matter.employer.normalised if matter.employer else place.name
        grid = grids.grid_of(place.code, name)
        if grid:
            return of_grid(grids, grid, confidence, place.code)
    return of_unit(grids, place.unit_code or place.code, confidence)


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


def _alternatives(
    grids: GridMap, target: Target, against: Sequence[Place], matter: Matter
) -> tuple[Target, ...]:
    others = [target_of(grids, place, matter, round(_weight(place), 3)) for place in against]
    siblings = [
        of_grid(grids, grid, 0.1)
        for grid in grids.of_unit.get(target.unit_code, ())
        if target.grid != grid.code and set(grid.villages) & _villages(grids, target)
    ]
    return tuple((others + siblings)[:ALTERNATIVES_MAX])


def _villages(grids: GridMap, target: Target) -> set[str]:
    own = grids.grids.get(target.grid)
    return (
        set(own.villages)
        if own
        else {v for g in grids.of_unit[target.unit_code] for v in g.villages}
    )


def _evidence(place: Place) -> Evidence:
    text = f"{ROLE_ZH.get(place.role, '地点')}写明{place.name}"
    return Evidence(rule=place.kind, text_zh=text, span=place.span, weight=round(_weight(place), 3))
