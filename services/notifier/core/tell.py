"""What an event tells to whom by which robot: a case's number and clocks, nothing personal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from schemas import escalations as e
from schemas.event import Event
from services.kernel.ids import derived_id
from services.kernel.notices import Kind, word_of
from services.notifier.core.policy import UNIT, Policy

NEWS = timedelta(hours=72)
"""[own] What is older stands on the desk only: a rebuilt outbox must not repeat a year in the chats."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message for one person by one robot. `tell_at`: not before; `due_at`: of its clock.

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


def notices(policy: Policy, event: Event, *, urgent: bool, now: datetime) -> tuple[Notice, ...]:
    """`urgent`: of the case, as last assigned. For every robot that the person's post hears; none of old news."""
    word = word_of(event.data)
    at = (word and word.tell_at) or event.time
    if word is None or now - at > NEWS:
        return ()
    hard = f"{word.clock}/{word.variant}" in policy.hard
    owner, pressed = word.owner, urgent if word.urgent is None else word.urgent
    post = owner.post if owner.account else policy.vacant
    return tuple(
        Notice(
            id=derived_id(event.id, f"notice/{robot}"),
            case_id=word.case_id,
            kind=word.kind,
            robot=robot,
            account=owner.account or policy.stand_in,
            post=post,
            grid=owner.grid,
            clock=word.clock,
            variant=word.variant,
            source=word.source,
            level=word.level,
            urgent=pressed,
            hard=hard,
            held=word.tell_at is not None,
            vacant=owner.fallback_from if owner.account else owner.post,
            tell_at=at,
            due_at=word.due_at,
        )
        for robot in _robots(policy, post, owner, pressing=pressed or hard)
    )


def _robots(policy: Policy, post: str, owner: e.Owner, *, pressing: bool) -> Iterable[str]:
    for robot in policy.robots:
        lacks_place = UNIT in robot.id and not owner.unit_code
        if robot.hears(post) and (pressing or not robot.urgent_only) and not lacks_place:
            yield robot.id.replace(UNIT, owner.unit_code)
