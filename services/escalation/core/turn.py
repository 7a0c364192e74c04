"""One event being applied: the case so far and what was said, frozen; each step gives the next turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid5

from schemas.escalations import CaseFact
from schemas.event import Event, Out
from services.escalation.core.policy import Policy
from services.escalation.core.state import Case

SOURCE = "urn:anxin:escalation"


@dataclass(frozen=True, slots=True)
class Turn:
    """`cause`: the event whose consequences these are; `now`: its record's log time."""

    policy: Policy
    case: Case
    cause: Event
    now: datetime
    outs: tuple[Out, ...] = ()

    def set(self, **fields: Any) -> "Turn":
        case = self.case.model_copy(update=fields)
        return Turn(self.policy, case, self.cause, self.now, self.outs)

    def note(self, **deeds: Any) -> "Turn":
        """Writes into the case's deeds."""
        return self.set(deeds=self.case.deeds.model_copy(update=deeds))

    def say(self, fact: type[CaseFact], **fields: Any) -> "Turn":
        """A fact on `escalations`; its id follows from the cause, so a replay says the same."""
        data = fact(district=self.case.district, case_id=self.case.case_id, **fields)
        return self.emit("escalations", str(self.case.case_id), data)

    def emit(self, topic: str, key: str, data: CaseFact) -> "Turn":
        identity = uuid5(self.cause.id, f"{topic}/{len(self.outs)}/{data.TYPE}")
        subject = str(self.case.case_id)
        event = Event(identity, SOURCE, self.now, subject, data, self.cause.traceparent)
        outs = (*self.outs, Out(topic, key, event))
        return Turn(self.policy, self.case, self.cause, self.now, outs)
