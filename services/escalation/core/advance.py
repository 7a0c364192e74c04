"""One event of a case: applied now, or parked until what it depends on has come (docs/adr/0007)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas import cases as c
from schemas.actions import ACTIONS, Action, DeadlineDue, Join, Replied, Split
from schemas.codec import MODELS
from schemas.employers import GroupClaimRaised
from schemas.escalations import RefusalReason
from schemas.event import Data, Event, Reason, Refused
from schemas.submissions import SubmissionAmended
from services.escalation.core import matter
from services.escalation.core.act import act, refuse
from services.escalation.core.due import due
from services.escalation.core.guards import Against
from services.escalation.core.life import ANY_TIME, behind
from services.escalation.core.policy import Policy
from services.escalation.core.recount import recounted
from services.escalation.core.state import Case, Parked
from services.escalation.core.turn import Turn
from services.kernel.step import Step

PARKED_ACTIONS_MAX = 64
PARKED_FACTS_MAX = 16
PARK_H_MAX = 24
VERBS = {one.TYPE: one.VERB for one in ACTIONS}
APPLY: Mapping[type[Data], Callable[[Turn, Any], Turn]] = {
    c.CaseOpened: matter.opened,
    c.SubmissionJoined: matter.joined,
    c.SubmissionSplit: matter.split,
    SubmissionAmended: matter.amended,
    c.MatterSuggested: matter.suggested,
    c.CaseRouted: matter.routed,
    c.CaseDeclined: matter.declined,
    GroupClaimRaised: matter.claimed,
}


def case_of(data: Data) -> UUID:
    """The case an event of `cases`, `routings`, `actions` or `deadlines` belongs to. Raises Refused."""
    case = getattr(data, "case_id", None)
    if not isinstance(case, UUID):
        raise Refused(Reason.MISSING_FIELD, "缺少 case_id", "case_id")
    if type(data) not in APPLY and not isinstance(data, Action | DeadlineDue):
        raise Refused(Reason.WRONG_TYPE, f"督办环节不处理 {data.TYPE}", "ce_type")
    return case


def advance(policy: Policy, row: Case | None, event: Event, now: datetime) -> Step[Case]:
    """Pure. Facts on `escalations`, answers on `replies`; raises Refused for what belongs to no case."""
    data, case_id = event.data, case_of(event.data)
    if isinstance(data, DeadlineDue) and row is None:
        return Step(None)
    case = row or Case(case_id=case_id, district=data.district)
    turn = recounted(Turn(policy, case, event, now))
    turn = _fired(turn, data) if isinstance(data, DeadlineDue) else _taken(turn, event)
    turn = matter.owe(_resumed(turn))
    forgotten = turn.case.opened_at is None and not turn.case.parked
    return Step(None if forgotten else turn.case, turn.outs)


def lacking(case: Case, data: Data) -> RefusalReason | None:
    """What an event waits for, in the words of the refusal it gets where that never comes; None = nothing."""
    if isinstance(data, c.CaseOpened):
        return None
    if case.opened_at is None:
        return "unknown_case"
    if isinstance(data, Replied) and not case.source(f"{data.channel}/{data.external_no}"):
        return "unknown_source"
    if isinstance(data, Split) and not case.of_submission(data.submission_id):
        return "unknown_source"
    if isinstance(data, Join) and data.into not in {one.case_id for one in case.suggested}:
        return "not_suggested" if case.open else None
    return _before(case, data) if isinstance(data, Action) else None


def _before(case: Case, command: Action) -> RefusalReason | None:
    """An owner; for a verb that needs none, an act that waits for one."""
    if command.VERB not in ANY_TIME:
        return "not_assigned" if case.open and case.owner is None else None
    found = behind(case, command.VERB, [VERBS.get(one.type, "") for one in case.parked])
    return found.reason if found else None


def _taken(turn: Turn, event: Event) -> Turn:
    return _parked(turn, event) if lacking(turn.case, event.data) else _applied(turn, event)


def _applied(turn: Turn, event: Event) -> Turn:
    """What had lapsed by the event's own instant is said first, whichever of the two arrived first."""
    turn = replace(turn, cause=event)
    turn = due(turn, min(event.time, turn.now))
    if isinstance(event.data, Action):
        return act(turn, event.data)
    return APPLY[type(event.data)](turn, event.data)


def _parked(turn: Turn, event: Event) -> Turn:
    """Bounded: an action too many is refused, a fact too many goes to quarantine, neither silently."""
    case, command = turn.case, event.data
    actions = sum(one.until is not None for one in case.parked)
    if isinstance(command, Action):
        if actions >= PARKED_ACTIONS_MAX:
            return refuse(turn, command, Against("too_many_waiting"))
    elif len(case.parked) - actions >= PARKED_FACTS_MAX:
        raise Refused(Reason.PROCESSING_ERROR, "案件尚未登记，等待处理的事件过多", "case_id")
    until = turn.now + timedelta(hours=PARK_H_MAX) if isinstance(command, Action) else None
    one = Parked(
        id=event.id,
        source=event.source,
        time=event.time,
        subject=event.subject,
        type=event.type,
        data=event.data.model_dump(mode="json", exclude_defaults=True),
        traceparent=event.traceparent,
        until=until,
    )
    return turn.set(parked=(*case.parked, one))


def _resumed(turn: Turn) -> Turn:
    """Parked events whose turn has come, facts before actions, each in order of arrival."""
    waiting = [(one, _event(one)) for one in turn.case.parked]
    waiting.sort(key=lambda both: both[0].until is not None)
    for _ in range(len(waiting)):
        ready = next((both for both in waiting if not lacking(turn.case, both[1].data)), None)
        if ready is None:
            break
        waiting.remove(ready)
        turn = _released(_without(turn, ready[0]), ready[1])
    return turn


def _released(turn: Turn, event: Event) -> Turn:
    """What waited must not take down the event that freed it: an act that cannot be applied is refused."""
    try:
        return _applied(turn, event)
    except (ValueError, LookupError):
        if not isinstance(event.data, Action):
            raise
        return refuse(replace(turn, cause=event), event.data, Against("cannot_apply"))


def _fired(turn: Turn, data: DeadlineDue) -> Turn:
    """到点: the log's own time may lie before the timer's by the skew of two clocks."""
    until = max(turn.now, data.due_at)
    turn = turn.set(fired=turn.case.fired + 1)
    return due(_expired(turn, until), until)


def _expired(turn: Turn, until: datetime) -> Turn:
    """An action whose case, owner or source never came is refused: never silence."""
    cause = turn.cause
    for one in turn.case.parked:
        event = _event(one)
        reason = lacking(turn.case, event.data)
        if one.until is None or one.until > until or reason is None:
            continue
        turn = replace(_without(turn, one), cause=event)
        if isinstance(event.data, Action):
            turn = refuse(turn, event.data, Against(reason))
    return replace(turn, cause=cause)


def _without(turn: Turn, one: Parked) -> Turn:
    return turn.set(parked=tuple(other for other in turn.case.parked if other is not one))


def _event(one: Parked) -> Event:
    data = MODELS[one.type].model_validate(one.data)
    return Event(one.id, one.source, one.time, one.subject, data, one.traceparent)
