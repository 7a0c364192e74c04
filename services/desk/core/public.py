"""What a channel or anybody may know of a case: fate, governing deadline, last public step. Nothing personal. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas import cases as c
from schemas import escalations as e
from schemas.actions import Conclusion
from schemas.event import Event, Instant, Model
from services.desk.core.fold import ClockView, View

VERBS = frozenset(
    {"sign", "contact", "mediate", "accept", "refuse", "file", "decide", "serve", "pay"}
)
"""Deeds a complainant is told of anyway."""
STEPS = {
    c.CaseOpened: "opened",
    c.SubmissionJoined: "joined",
    c.CaseDeclined: "declined",
    e.AssignmentMade: "assigned",
    e.CaseClosed: "closed",
    e.CaseReopened: "reopened",
}


class Deadline(Model):
    """The governing one: the earliest hard clock that runs, else the earliest soft one (policies/clocks.csv)."""

    clock: str
    due_at: Instant
    hard: bool
    provisional: bool


class Step(Model):
    """The newest public step: opened, joined, declined, assigned, closed, reopened, or a deed (sign, contact, …)."""

    name: str
    at: Instant


class Fate(Model):
    """What became of a submission."""

    submission_id: UUID
    external_no: str
    received_at: Instant
    fate: Literal["open", "declined", "closed"]
    case_number: str
    state: str
    urgent: bool
    deadline: Deadline | None
    last_step: Step | None
    conclusion: Conclusion | None
    advice_zh: str


class Request311(Model):
    """Open311 GeoReport v2 service request, without description, place and address."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_code: str
    service_name: str
    requested_datetime: Instant
    updated_datetime: Instant | None
    expected_datetime: Instant | None


def deadline_of(clock: ClockView | None) -> Deadline | None:
    if clock is None:
        return None
    return Deadline(
        clock=clock.clock, due_at=clock.due_at, hard=clock.hard, provisional=clock.provisional
    )


def last_step(events: Iterable[Event]) -> Step | None:
    """By the instants the events carry."""
    steps = [Step(name=name, at=one.time) for one in events if (name := _name(one))]
    return max(steps, key=lambda step: step.at, default=None)


def _name(event: Event) -> str:
    if isinstance(event.data, e.ActionTaken):
        return event.data.verb if event.data.verb in VERBS else ""
    return STEPS.get(type(event.data), "")


def fate_of(view: View, submission: UUID, events: Iterable[Event]) -> Fate | None:
    """None where the case does not hold it."""
    source = next((one for one in view.sources if one.submission_id == submission), None)
    if source is None:
        return None
    return Fate(
        submission_id=submission,
        external_no=source.external_no,
        received_at=source.received_at,
        fate=_fate(view),
        case_number=view.number,
        state=view.state,
        urgent=view.urgent,
        deadline=deadline_of(view.governing),
        last_step=last_step(events),
        conclusion=view.conclusion,
        advice_zh=view.declined.advice_zh if view.declined else "",
    )


def _fate(view: View) -> Literal["open", "declined", "closed"]:
    if view.closed_at:
        return "closed"
    return "declined" if view.declined else "open"


def request_of(view: View, category_zh: str, updated_at: datetime | None) -> Request311 | None:
    """None for what is no case yet."""
    if view.opened_at is None or not view.sources:
        return None
    governing = view.governing
    return Request311(
        service_request_id=view.number,
        status="closed" if view.closed_at else "open",
        status_notes=view.conclusion or view.state,
        service_code=view.sources[0].matter.category,
        service_name=category_zh,
        requested_datetime=view.opened_at,
        updated_datetime=updated_at,
        expected_datetime=governing.due_at if governing else None,
    )
