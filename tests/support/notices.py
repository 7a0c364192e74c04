"""Records for the notifier: one case and what escalation says of it, as it lies in the topics."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from schemas import cases as c
from schemas import escalations as e
from schemas.codec import encode
from schemas.event import Data, Event, Record
from services.kernel.ids import case_id, case_number, derived_id, submission_id
from services.notifier.outbox import Outbox
from services.notifier.settings import load_policy
from tests.support.events import AT, DUE, submission

ROOT = Path(__file__).resolve().parents[2]
POLICY = load_policy(ROOT / "policies")
OWNER = e.Owner(
    rung="R1",
    post="grid_officer",
    grid="420704002-G05",
    unit_code="420704002",
    account="g-420704002-G05-a",
)
SQUAD = OWNER.model_copy(
    update={"rung": "R2", "post": "town_squad_leader", "account": "squad-420704002"}
)
UNIT = "unit-420704002"


def case(number: int = 1) -> UUID:
    return case_id(submission_id("window", f"W{number}"))


@dataclass
class Log:
    """Hands out records with their offsets; what was handed out can be handed out again."""

    records: list[Record] = field(default_factory=list)

    def put(self, data: Data, at: datetime = AT, topic: str = "escalations") -> Record:
        offset = sum(one.topic == topic for one in self.records)
        made = derived_id(data.case_id, f"{topic}/{offset}")  # type: ignore[attr-defined]
        headers, value = encode(Event(made, "test", at, str(data.case_id), data))  # type: ignore[attr-defined]
        self.records.append(Record(topic, 0, offset, at, b"", value, tuple(headers)))
        return self.records[-1]

    def opened(self, which: UUID, at: datetime = AT) -> Record:
        number = case_number(which, at)
        said = c.CaseOpened(
            district="420704", case_id=which, number=number, submission=submission()
        )
        return self.put(said, at, "cases")


def of(which: UUID) -> dict[str, Any]:
    return {"district": "420704", "case_id": which}


def assigned(which: UUID, owner: e.Owner = OWNER, **more: Any) -> e.AssignmentMade:
    more = {"attempt": 1, "clock": "S03", "due_at": DUE} | more
    return e.AssignmentMade(**of(which), owner=owner, **more)


def warned(which: UUID, clock: str = "S03", **more: Any) -> e.DeadlineWarned:
    more = {"due_at": DUE, "warn_at": AT, "owner": OWNER} | more
    return e.DeadlineWarned(**of(which), clock=clock, **more)


def stopped(which: UUID, clock: str = "S03", **more: Any) -> e.ClockStopped:
    more = {"stopped_at": AT, "due_at": DUE, "kept": True, "why": "signed"} | more
    return e.ClockStopped(**of(which), clock=clock, **more)


def outbox(url: str, **robots: str) -> Outbox:
    """`robots`: kind by id, with _ for -."""
    named = {name.replace("_", "-"): kind for name, kind in robots.items()}
    return Outbox(url, POLICY, named)
