"""派单: the decision who is responsible, once per case and once per return."""

from datetime import datetime

from schemas.cases import CaseDeclined, CaseOpened, CaseRouted, Evidence
from schemas.escalations import AssignmentReturned
from schemas.event import Event, Out, Reason, Refused
from services.kernel.ids import derived_id
from services.kernel.step import Step
from services.router.core.decline import declined, ground
from services.router.core.policy import Policy
from services.router.core.returns import TRIAGE, again
from services.router.core.state import PARKED_MAX, RouteRow
from services.router.core.weigh import Finding, key_of, weigh

SOURCE = "urn:anxin:router"
BY_SECTOR = 0.8  # [own] the sector is read from words and columns


def route(policy: Policy, row: RouteRow | None, event: Event, now: datetime) -> Step[RouteRow]:
    """CaseOpened → CaseRouted or CaseDeclined; AssignmentReturned → routed again. All else changes nothing.

    Raises Refused where more returns than PARKED_MAX come before the case.
    """
    data = event.data
    if isinstance(data, CaseOpened):
        return _opened(policy, row or RouteRow(case_id=data.case_id), event, data, now)
    if not isinstance(data, AssignmentReturned):
        return Step(row)
    if row is None or not row.opened:
        return _parked(row or RouteRow(case_id=data.case_id), data)
    routed = again(policy, row, data, now)
    if routed is None:
        return Step(row)
    return Step(row.after(routed), (_out(event, routed, now),))


def _parked(row: RouteRow, data: AssignmentReturned) -> Step[RouteRow]:
    if len(row.parked) >= PARKED_MAX:
        raise Refused(Reason.PROCESSING_ERROR, f"案件未到而退单已超过 {PARKED_MAX} 次", "case_id")
    return Step(row.model_copy(update={"parked": (*row.parked, data)}))


def _opened(
    policy: Policy, row: RouteRow, event: Event, data: CaseOpened, now: datetime
) -> Step[RouteRow]:
    if row.opened:
        return Step(row)
    hint = ground(data.submission.matter)
    if hint is not None:
        done = row.model_copy(update={"opened": True, "parked": ()})
        return Step(done, (_out(event, declined(policy, data, hint), now),))
    first = first_routing(policy, data, now)
    parked, row, outs = row.parked, row.after(first), [_out(event, first, now)]
    for ordinal, fact in enumerate(parked, start=1):
        routed = again(policy, row, fact, now)
        if routed is not None:
            row = row.after(routed)
            outs.append(_out(event, routed, now, ordinal))
    return Step(row, tuple(outs))


def first_routing(policy: Policy, data: CaseOpened, now: datetime) -> CaseRouted:
    """Of a case within our competence. Nothing to go by: the centre's duty officer (分拣)."""
    matter, grids = data.submission.matter, policy.map_at(now)
    unclear = any(hint.verdict == "needs_more_info" for hint in matter.hints)
    finding = weigh(grids, matter, policy.centres)
    if matter.sector == "construction":
        finding = _construction(finding)
    why = ""
    if finding.target is None:
        why = "材料不全，先由维权中心补正" if unclear else finding.why
    return CaseRouted(
        district=data.district,
        case_id=data.case_id,
        attempt=1,
        target=finding.target or TRIAGE,
        rule_kind=finding.kind,
        evidence=finding.evidence,
        alternatives=finding.alternatives,
        verdict="needs_more_info" if unclear else "accept",
        triage_reason=why,
        grid_map=grids.version,
    )


def _construction(finding: Finding) -> Finding:
    """工程领域: accepted; the brigade (大队) has the powers a site needs, a grid officer has not (两级执法)."""
    place = finding.target or TRIAGE
    changes = {"grid": "", "post": "brigade_leader", "confidence": BY_SECTOR}
    target = place.model_copy(update=changes)
    said = Evidence(rule="construction", text_zh="工程建设领域，由劳动保障监察大队办理")
    others = (finding.target, *finding.alternatives) if finding.target else finding.alternatives
    others = tuple(one for one in others if key_of(one) != key_of(target))
    return Finding(target, "construction", (said, *finding.evidence), others)


def _out(cause: Event, data: CaseRouted | CaseDeclined, now: datetime, ordinal: int = 0) -> Out:
    case = str(data.case_id)
    identity = derived_id(cause.id, data.TYPE, ordinal)
    return Out("routings", case, Event(identity, SOURCE, now, case, data, cause.traceparent))
