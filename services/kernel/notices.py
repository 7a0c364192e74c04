"""提醒: what an event tells to whom, and what it makes needless to tell. No words, no robots, nothing personal.

The notifier posts these, the desk shows them: both read the same events by the same rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas import escalations as e
from schemas.event import Data

Kind = Literal["assigned", "warned", "breached", "escalated"]
Why = Literal[
    "closed", "reassigned", "returned", "signed", "stopped", "paused", "extended", "recomputed", "resumed", "again",
]  # fmt: skip
"""Why a message asks for nothing any more; `again`: it was told anew since."""
KINDS: tuple[Kind, ...] = ("assigned", "warned", "breached", "escalated")


@dataclass(frozen=True, slots=True)
class Word:
    """`owner`: who is told; without an account nobody holds that post. `tell_at`: not before; None = at once.

    `urgent`: None = as the case was last assigned.
    """

    case_id: UUID
    kind: Kind
    owner: e.Owner
    clock: str
    variant: str
    source: str
    due_at: datetime | None
    urgent: bool | None = None
    level: int = 0
    tell_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Needless:
    """Messages of a case that need not be told any more; `clock` empty = whatever clock."""

    case_id: UUID
    why: Why
    kinds: tuple[Kind, ...]
    clock: str = ""
    variant: str = ""
    source: str = ""


def word_of(data: Data) -> Word | None:
    """None = tells nobody anything."""
    match data:
        case e.AssignmentMade():
            return _word("assigned", data, data.owner, urgent=data.urgent)
        case e.DeadlineWarned():
            return _word("warned", data, data.owner, tell_at=data.tell_at)
        case e.DeadlineBreached():
            return _word("breached", data, data.owner)
        case e.CaseEscalated():
            return _word("escalated", data, data.to, level=data.level, tell_at=data.tell_at)
    return None


def _word(
    kind: Kind,
    data: e.AssignmentMade | e.DeadlineWarned | e.DeadlineBreached | e.CaseEscalated,
    owner: e.Owner,
    *,
    urgent: bool | None = None,
    level: int = 0,
    tell_at: datetime | None = None,
) -> Word:
    return Word(
        data.case_id, kind, owner, data.clock, data.variant, data.source, data.due_at, urgent, level, tell_at
    )  # fmt: skip


def needless(data: Data) -> Needless | None:
    """A lapse that was told true stays told; what a warning asked for and is done, or will be asked anew, does not."""
    match data:
        case e.CaseClosed():
            return Needless(data.case_id, "closed", KINDS)
        case e.AssignmentMade():
            return Needless(data.case_id, "reassigned", ("assigned",))
        case e.AssignmentReturned():
            return Needless(data.case_id, "returned", ("assigned",))
        case e.ActionTaken(verb="sign"):
            return Needless(data.case_id, "signed", ("assigned",))
        case e.ClockFact() if why := _OF_CLOCKS.get(type(data)):
            gone = getattr(data, "breach_withdrawn", False) or getattr(data, "kept", False)
            kinds: tuple[Kind, ...] = ("warned", "breached", "escalated") if gone else ("warned",)
            return Needless(data.case_id, why, kinds, data.clock, data.variant, data.source)
    return None


_OF_CLOCKS: Mapping[type[Data], Why] = {
    e.ClockStopped: "stopped",
    e.ClockPaused: "paused",
    e.ClockExtended: "extended",
    e.ClockRecomputed: "recomputed",
    e.ClockResumed: "resumed",
}
