"""Counting what happened, from the events on the topics and from nothing else. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import JsonValue

from schemas import escalations as e
from schemas.cases import CaseDeclined, CaseOpened, CaseRouted, SubmissionJoined
from schemas.event import Data, Event
from schemas.submissions import SubmissionAmended, SubmissionReceived

T = TypeVar("T", bound=Data)
TRIAGE_ZH = "维权中心分拣"


@dataclass(frozen=True, slots=True)
class Buried:
    """A record in quarantine: when it was written, and why it could not be processed."""

    at: datetime
    reason: str


@dataclass
class Block:
    """One part of the replay. Money in yuan; `by_unit`, `by_grid`: cases by where they ended up.

    `returned`: 退单 and disputes; `ruled`: settled by the common superior. `breached`: as announced at the time.
    """

    submissions: int = 0
    amended: int = 0
    cases_opened: int = 0
    joined: int = 0
    declined: int = 0
    quarantined: int = 0
    closed: int = 0
    still_open: int = 0
    recovered_yuan: float = 0.0
    workers_paid: int = 0
    replies_owed: int = 0
    replies_confirmed: int = 0
    returned: int = 0
    ruled: int = 0
    refused: int = 0
    clocks_started: int = 0
    clocks_kept: int = 0
    warned: int = 0
    breached: int = 0
    breached_hard: int = 0
    escalated: int = 0
    escalated_by_rung: dict[str, int] = field(default_factory=dict)
    quarantined_by_reason: dict[str, int] = field(default_factory=dict)
    refused_by_reason: dict[str, int] = field(default_factory=dict)
    breached_by_clock: dict[str, int] = field(default_factory=dict)
    by_unit: dict[str, int] = field(default_factory=dict)
    by_grid: dict[str, int] = field(default_factory=dict)


def tally(
    events: Iterable[Event], buried: Iterable[Buried], extras_from: datetime
) -> tuple[Block, Block]:
    """(article, extras). A case belongs to the part in which it was opened, and its facts with it."""
    once = {event.id: event for event in events}.values()
    opened = {
        one.data.case_id: one.time for one in once if isinstance(one.data, CaseOpened)
    }  # fmt: skip
    early: list[Event] = []
    late: list[Event] = []
    for event in once:
        case = getattr(event.data, "case_id", None)
        at = opened.get(case, event.time) if isinstance(case, UUID) else event.time
        (early if at < extras_from else late).append(event)
    graves = list(buried)
    return (
        _block(early, [one for one in graves if one.at < extras_from]),
        _block(late, [one for one in graves if one.at >= extras_from]),
    )


def _block(events: list[Event], buried: list[Buried]) -> Block:
    routed = _last_routed(_of(events, CaseRouted))
    returns = _of(events, e.AssignmentReturned)
    block = Block(
        submissions=sum(not one.via for one in _of(events, SubmissionReceived)),
        amended=sum(one.case_id is None and not one.via for one in _of(events, SubmissionAmended)),
        cases_opened=len(_of(events, CaseOpened)),
        joined=len(_of(events, SubmissionJoined)),
        declined=len(_of(events, CaseDeclined)),
        quarantined=len(buried),
        quarantined_by_reason=_counted(one.reason for one in buried),
        returned=sum(not (one.ruled or one.route_grid or one.route_unit_code) for one in returns),
        ruled=sum(one.ruled for one in returns),
        refused=len(_of(events, e.ActionRefused)),
        refused_by_reason=_counted(one.reason for one in _of(events, e.ActionRefused)),
        by_unit=_counted(one.target.unit or TRIAGE_ZH for one in routed),
        by_grid=_counted(one.target.grid for one in routed if one.target.grid),
    )
    _endings(block, events)
    _replies(block, events)
    _deadlines(block, events)
    return block


def _endings(block: Block, events: list[Event]) -> None:
    closed = {one.case_id for one in _of(events, e.CaseClosed)}
    declined = {one.case_id for one in _of(events, e.CaseClosed) if one.declined}
    opened = {one.case_id for one in _of(events, CaseOpened)}
    paid = [one.detail for one in _of(events, e.ActionTaken) if one.verb == "pay"]
    block.closed = len(closed - declined)
    block.still_open = len(opened - closed)
    block.recovered_yuan = sum(_number(one, "amount_fen") for one in paid) / 100
    block.workers_paid = sum(_number(one, "workers") for one in paid)


def _number(detail: Mapping[str, JsonValue], name: str) -> int:
    value = detail.get(name, 0)
    return value if isinstance(value, int) else 0


def _replies(block: Block, events: list[Event]) -> None:
    """One answer a source, however often it was said."""
    block.replies_owed = len({(one.channel, one.external_no) for one in _of(events, e.ReplyOwed)})
    block.replies_confirmed = len(
        {(one.channel, one.external_no) for one in _of(events, e.ReplyConfirmed)}
    )


def _deadlines(block: Block, events: list[Event]) -> None:
    breaches = _of(events, e.DeadlineBreached)
    told = _of(events, e.CaseEscalated)
    block.clocks_started = len(_of(events, e.ClockStarted))
    block.clocks_kept = sum(one.kept for one in _of(events, e.ClockStopped))
    block.warned = len(_of(events, e.DeadlineWarned))
    block.breached = len(breaches)
    block.breached_hard = sum(one.hard for one in breaches)
    block.breached_by_clock = _counted(one.clock for one in breaches)
    block.escalated = len(told)
    block.escalated_by_rung = _counted(one.to.rung for one in told)


def _last_routed(found: list[CaseRouted]) -> list[CaseRouted]:
    last: dict[UUID, CaseRouted] = {}
    for one in sorted(found, key=lambda routed: routed.attempt):
        last[one.case_id] = one
    return list(last.values())


def _of(events: Iterable[Event], kind: type[T]) -> list[T]:
    return [one.data for one in events if isinstance(one.data, kind)]


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
