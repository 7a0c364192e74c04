"""派单: the decision who is responsible, once per case and once per return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.cases import CaseDeclined, CaseOpened, CaseRouted, Evidence, RuleKind, Target
from schemas.escalations import AssignmentReturned
from schemas.event import Event, Model, Out
from schemas.matter import Hint, Matter
from services.kernel.ids import derived_id
from services.kernel.step import Step
from services.router.core.gridmap import GridMap, grid_map_at
from services.router.core.weigh import Finding, of_grid, of_unit, weigh

SOURCE = "urn:anxin:router"
PARKED_MAX = 16
DECLINED = ("not_labour", "other_district", "time_barred", "in_arbitration")
_SHANGHAI = ZoneInfo("Asia/Shanghai")
TRIAGE = Target(post="centre_duty", confidence=0.0)


@dataclass(frozen=True)
class Policy:
    """`exits`: rows of policies/categories.csv by code: the channel and the advice of each way out."""

    maps: Sequence[GridMap]
    exits: Mapping[str, Mapping[str, str]]


class RouteRow(Model):
    """What the router remembers of a case. `parked`: returns that came before the case itself."""

    case_id: UUID
    matter: Matter | None = None
    attempts: int = 0
    tried: tuple[str, ...] = ()
    alternatives: tuple[Target, ...] = ()
    settled: bool = False
    parked: tuple[AssignmentReturned, ...] = ()


def route(policy: Policy, row: RouteRow | None, event: Event, now: datetime) -> Step[RouteRow]:
    """CaseOpened → CaseRouted or CaseDeclined; AssignmentReturned → routed again. All else changes nothing."""
    data = event.data
    if isinstance(data, CaseOpened):
        return _opened(policy, row or RouteRow(case_id=data.case_id), event, data, now)
    if not isinstance(data, AssignmentReturned):
        return Step(row)
    if row is None or row.matter is None:
        held = row or RouteRow(case_id=data.case_id)
        parked = (*held.parked, data)[:PARKED_MAX]
        return Step(held.model_copy(update={"parked": parked}))
    return _returned(policy, row, event, data, now)


def _opened(
    policy: Policy, row: RouteRow, event: Event, data: CaseOpened, now: datetime
) -> Step[RouteRow]:
    if row.matter is not None:
        return Step(row)
    matter = data.submission.matter
    row = row.model_copy(update={"matter": matter})
    hint = next((one for one in matter.hints if one.verdict in DECLINED), None)
    if hint is not None:
        declined = _declined(policy, data, hint)
        done = row.model_copy(update={"settled": True, "parked": ()})
        return Step(done, (_out(event, declined, now),))
    first = _first(policy, row, data, now)
    row = _after(row, first)
    outs = [_out(event, first, now)]
    for ordinal, parked in enumerate(row.parked, start=1):
        again = _again(policy, row, parked, now)
        if again is not None:
            row = _after(row, again)
            outs.append(_out(event, again, now, ordinal))
    return Step(row.model_copy(update={"parked": ()}), tuple(outs))


def _first(policy: Policy, row: RouteRow, data: CaseOpened, now: datetime) -> CaseRouted:
    matter, grids = data.submission.matter, _map(policy, now)
    unclear = any(hint.verdict == "needs_more_info" for hint in matter.hints)
    finding = weigh(grids, matter)
    if matter.sector == "construction":
        finding = _construction(finding)
    reason = ""
    if finding.target is None:
        reason = "材料不全，先由维权中心补正" if unclear else "没有可以确定用工地点的线索"
    return CaseRouted(
        district=data.district,
        case_id=row.case_id,
        attempt=1,
        target=finding.target or TRIAGE,
        rule_kind=finding.kind,
        evidence=finding.evidence,
        alternatives=finding.alternatives,
        verdict="needs_more_info" if unclear else "accept",
        triage_reason=reason,
        grid_map=grids.version,
    )


def _construction(finding: Finding) -> Finding:
    """工程领域: accepted; the brigade (大队) has the powers a site needs, a grid officer has not (两级执法)."""
    place = finding.target or TRIAGE
    target = place.model_copy(update={"grid": "", "post": "brigade_leader"})
    said = Evidence(rule="construction", text_zh="工程建设领域，由劳动保障监察大队办理")
    others = (finding.target,) if finding.target else ()
    return Finding(target, "construction", (said, *finding.evidence), others)


def _returned(
    policy: Policy, row: RouteRow, event: Event, data: AssignmentReturned, now: datetime
) -> Step[RouteRow]:
    routed = _again(policy, row, data, now)
    if routed is None:
        return Step(row)
    return Step(_after(row, routed), (_out(event, routed, now),))


def _again(
    policy: Policy, row: RouteRow, data: AssignmentReturned, now: datetime
) -> CaseRouted | None:
    """Once (退单一次); a dispute or a second return waits for the ruling, and a ruling is final."""
    if row.settled or (data.disputed and not data.ruled):
        return None
    grids = _map(policy, now)
    kind: RuleKind
    if data.ruled or data.route_grid or data.route_unit_code:
        target, kind = _named(grids, data.route_grid, data.route_unit_code), "ruled"
    elif data.returns > 1:
        return None
    else:
        target, kind = _next(grids, row, data.to_grid), "returned"
    found = target or TRIAGE
    return CaseRouted(
        district=data.district,
        case_id=row.case_id,
        attempt=row.attempts + 1,
        target=found,
        rule_kind=kind if target else "triage",
        evidence=(Evidence(rule=kind, text_zh=f"退单理由：{data.reason}"),),
        alternatives=tuple(one for one in row.alternatives if one.grid != found.grid),
        triage_reason="" if target else "退单后没有其他可派对象",
        final=data.ruled,
        grid_map=grids.version,
    )


def _named(grids: GridMap, grid: str, unit: str) -> Target | None:
    if grid in grids.grids:
        return of_grid(grids, grids.grids[grid], 1.0)
    return of_unit(grids, unit, 1.0) if unit in grids.of_unit else None


def _next(grids: GridMap, row: RouteRow, wanted: str) -> Target | None:
    if wanted in grids.grids and wanted not in row.tried:
        return of_grid(grids, grids.grids[wanted], 0.6)
    fresh = (one for one in row.alternatives if one.grid and one.grid not in row.tried)
    return next(fresh, None)


def _after(row: RouteRow, routed: CaseRouted) -> RouteRow:
    return row.model_copy(
        update={
            "attempts": routed.attempt,
            "tried": tuple(filter(None, (*row.tried, routed.target.grid))),
            "alternatives": routed.alternatives,
            "settled": routed.final,
        }
    )


def _declined(policy: Policy, data: CaseOpened, hint: Hint) -> CaseDeclined:
    exit_ = policy.exits.get(hint.exit) or policy.exits[f"exit_{hint.verdict}"]
    return CaseDeclined(
        district=data.district,
        case_id=data.case_id,
        verdict=hint.verdict,
        exit=exit_["code"],
        evidence=(Evidence(rule=hint.rule, text_zh=exit_["name_zh"], span=hint.span),),
        channel_zh=exit_["exit_channel_zh"],
        advice_zh=exit_["exit_advice_zh"],
    )


def _map(policy: Policy, now: datetime) -> GridMap:
    return grid_map_at(policy.maps, now.astimezone(_SHANGHAI).date())


def _out(cause: Event, data: CaseRouted | CaseDeclined, now: datetime, ordinal: int = 0) -> Out:
    case = str(data.case_id)
    identity = derived_id(cause.id, data.TYPE, ordinal)
    return Out("routings", case, Event(identity, SOURCE, now, case, data, cause.traceparent))
