"""What an event tells to whom, and what it makes needless to tell: a case's number and clocks, nothing personal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from schemas import escalations as e
from schemas.event import Data, Event
from services.kernel.ids import derived_id
from services.notifier.core.policy import PAGE, UNIT, Policy

Kind = Literal["assigned", "warned", "breached", "escalated"]
KINDS: tuple[Kind, ...] = ("assigned", "warned", "breached", "escalated")
NEWS = timedelta(hours=72)
"""[own] What is older stands on the page only: a rebuilt outbox must not repeat a year in the chats."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message for one person by one robot (PAGE: the desk). `tell_at`: not before; `due_at`: of its clock.

    `held`: it waits for the office to open. `vacant`: the post that nobody holds, told to whoever stands in.
    """

    id: UUID
    case_id: UUID
    kind: Kind
    robot: str
    account: str
    post: str
    grid: str
    clock: str
    variant: str
    source: str
    level: int
    urgent: bool
    hard: bool
    held: bool
    vacant: str
    tell_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Needless:
    """Messages of a case that need not be sent any more; `clock` empty = whatever clock."""

    case_id: UUID
    kinds: tuple[Kind, ...]
    clock: str = ""
    variant: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    """The part of a notice that is the event's."""

    kind: Kind
    owner: e.Owner
    clock: str
    variant: str
    source: str
    due_at: datetime | None
    urgent: bool
    level: int = 0
    tell_at: datetime | None = None


def notices(policy: Policy, event: Event, *, urgent: bool, now: datetime) -> tuple[Notice, ...]:
    """`urgent`: of the case, as last assigned. For the page, and for every robot that the person's post hears."""
    word = _word(event.data, urgent=urgent)
    if word is None:
        return ()
    at = word.tell_at or event.time
    hard = f"{word.clock}/{word.variant}" in policy.hard
    owner = word.owner
    post = owner.post if owner.account else policy.vacant
    pressing = word.urgent or hard
    robots = [PAGE] if now - at > NEWS else [PAGE, *_robots(policy, post, owner, pressing=pressing)]
    return tuple(
        Notice(
            id=derived_id(event.id, f"notice/{robot}"),
            case_id=event.data.case_id,  # type: ignore[attr-defined]  # what has a word is a CaseFact
            kind=word.kind,
            robot=robot,
            account=owner.account or policy.stand_in,
            post=post,
            grid=owner.grid,
            clock=word.clock,
            variant=word.variant,
            source=word.source,
            level=word.level,
            urgent=word.urgent,
            hard=hard,
            held=word.tell_at is not None,
            vacant=owner.fallback_from if owner.account else owner.post,
            tell_at=at,
            due_at=word.due_at,
        )
        for robot in robots
    )


def _robots(policy: Policy, post: str, owner: e.Owner, *, pressing: bool) -> Iterable[str]:
    for robot in policy.robots:
        lacks_place = UNIT in robot.id and not owner.unit_code
        if robot.hears(post) and (pressing or not robot.urgent_only) and not lacks_place:
            yield robot.id.replace(UNIT, owner.unit_code)


def _word(data: Data, *, urgent: bool) -> _Word | None:
    match data:
        case e.AssignmentMade():
            return _Word(
                "assigned", data.owner, data.clock, data.variant, data.source, data.due_at,
                data.urgent,
            )  # fmt: skip
        case e.DeadlineWarned():
            return _Word(
                "warned", data.owner, data.clock, data.variant, data.source, data.due_at, urgent,
                tell_at=data.tell_at,
            )  # fmt: skip
        case e.DeadlineBreached():
            return _Word(
                "breached", data.owner, data.clock, data.variant, data.source, data.due_at, urgent
            )
        case e.CaseEscalated():
            return _Word(
                "escalated", data.to, data.clock, data.variant, data.source, data.due_at, urgent,
                data.level, data.tell_at,
            )  # fmt: skip
    return None


def needless(data: Data) -> Needless | None:
    """A lapse that was told true stays told; what a warning asked for and is done, or will be asked anew, does not."""
    match data:
        case e.CaseClosed():
            return Needless(data.case_id, KINDS)
        case e.AssignmentMade() | e.AssignmentReturned():
            return Needless(data.case_id, ("assigned",))
        case e.ActionTaken(verb="sign"):
            return Needless(data.case_id, ("assigned",))
        case e.ClockStopped() | e.ClockPaused() | e.ClockExtended():
            gone = data.breach_withdrawn or getattr(data, "kept", False)
            return _of_clock(data, ("warned", "breached", "escalated") if gone else ("warned",))
        case e.ClockRecomputed() | e.ClockResumed():
            return _of_clock(data, ("warned",))
    return None


def _of_clock(data: e.ClockFact, kinds: tuple[Kind, ...]) -> Needless:
    return Needless(data.case_id, kinds, data.clock, data.variant, data.source)
