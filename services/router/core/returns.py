"""退单: once to the next; a dispute or a second return is ruled by the common superior (济南 12345 条例, idea).

Escalation takes the case from its owner with every fact but a dispute, so each of those is answered with somebody.
"""

from datetime import datetime

from schemas.cases import CaseRouted, Evidence, RuleKind, Target
from schemas.escalations import AssignmentReturned
from services.router.core.gridmap import GridMap
from services.router.core.policy import Policy
from services.router.core.state import RouteRow
from services.router.core.weigh import BY_SECTION, key_of, of_grid, of_unit

TRIAGE = Target(post="centre_duty", confidence=0.0)
RULING = Target(post="centre_head", confidence=0.0)
BY_RETURNER = 0.6  # [own] whom the returner thinks responsible
BY_FALLBACK = 0.3  # [own] the squad leader of the same unit
REASON_ZH = {
    "wrong_grid": "不属本网格",
    "not_ours": "不属本级职责",
    "duplicate": "与其他案件重复",
    "conflict_of_interest": "需要回避",
}


def again(
    policy: Policy, row: RouteRow, data: AssignmentReturned, now: datetime
) -> CaseRouted | None:
    """None: a dispute, in which the owner keeps the case until the ruling (首接负责)."""
    grids = policy.map_at(now)
    if data.ruled or data.route_grid or data.route_unit_code:
        return _by_hand(grids, row, data)
    return None if data.disputed else _returned(grids, row, data)


def _by_hand(grids: GridMap, row: RouteRow, data: AssignmentReturned) -> CaseRouted:
    """A ruling is final, unless it names somebody the map of today does not know."""
    kind: RuleKind = "ruled" if data.ruled else "manual"
    text = "共同上级裁定" if data.ruled else "人工派单"
    target = _named(grids, data)
    why = "" if target else "指定的网格或镇街不在现行网格图上"
    final = target is not None and (data.ruled or row.final)
    return _routed(grids, row, data, (target, kind, text, why)).model_copy(update={"final": final})


def _returned(grids: GridMap, row: RouteRow, data: AssignmentReturned) -> CaseRouted:
    reason = REASON_ZH.get(data.reason, data.reason)
    text = f"退单理由：{reason}"
    if data.returns > 1 or row.final:
        why = "已退过一次，由共同上级裁定，裁定后不得再退"
        return _routed(grids, row, data, (None, "triage", text, why))
    target = _next(grids, row, data)
    why = "" if target else f"退单（{reason}）后没有其他可派对象"
    return _routed(grids, row, data, (target, "returned", text, why))


def _routed(
    grids: GridMap,
    row: RouteRow,
    data: AssignmentReturned,
    found: tuple[Target | None, RuleKind, str, str],
) -> CaseRouted:
    target, kind, text, why = found
    taken = target or _above(row, data)
    return CaseRouted(
        district=data.district,
        case_id=row.case_id,
        attempt=row.attempts + 1,
        target=taken,
        rule_kind=kind if target else "triage",
        evidence=(Evidence(rule=kind, text_zh=text),),
        alternatives=tuple(one for one in row.alternatives if key_of(one) != key_of(taken)),
        triage_reason=why,
        final=row.final,
        grid_map=grids.version,
    )


def _above(row: RouteRow, data: AssignmentReturned) -> Target:
    """The duty officer dispatches; the head of the centre rules a second return, or what the duty gave back."""
    return RULING if data.returns > 1 or row.final or key_of(TRIAGE) in row.tried else TRIAGE


def _named(grids: GridMap, data: AssignmentReturned) -> Target | None:
    if data.route_grid in grids.grids:
        return of_grid(grids, grids.grids[data.route_grid], 1.0)
    unit = data.route_unit_code
    return of_unit(grids, unit, 1.0) if unit in grids.of_unit and not data.route_grid else None


def _next(grids: GridMap, row: RouteRow, data: AssignmentReturned) -> Target | None:
    """Whom the returner names; else the next by evidence; else the squad leader, who divides inside the unit."""
    options: list[Target] = []
    if data.to_grid in grids.grids:
        options.append(of_grid(grids, grids.grids[data.to_grid], BY_RETURNER))
    from_brigade = row.last is not None and row.last.post == "brigade_leader"
    if data.reason == "wrong_grid" or (data.reason == "not_ours" and from_brigade):
        options += _by_evidence(grids, row)
    if data.reason in ("wrong_grid", "conflict_of_interest") and row.last and row.last.unit_code:
        options.append(of_unit(grids, row.last.unit_code, BY_FALLBACK))
    return next((one for one in options if key_of(one) not in row.tried), None)


def _by_evidence(grids: GridMap, row: RouteRow) -> list[Target]:
    """Of today's map. Of several sister sections none is likelier than the next: a person divides them."""
    known = [one for one in row.alternatives if not one.grid or one.grid in grids.grids]
    sisters = [one for one in known if one.confidence <= BY_SECTION]
    return [one for one in known if one not in sisters or len(sisters) == 1]
