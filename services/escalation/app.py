"""Escalation on one screen: cases, routings, actions and its own timers → facts and answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.actions import DeadlineDue
from schemas.codec import decode
from schemas.event import Event, Out, Record
from services.escalation.core.advance import advance, case_of
from services.escalation.core.policy import Policy
from services.escalation.core.state import Case, next_due
from services.escalation.core.turn import SOURCE
from services.escalation.metrics import EscalationMetrics, label_of
from services.kernel.ids import derived_id
from services.kernel.step import Step
from services.runtime.stage import Census, Input, Stage, Timer

NAME = "escalation"
INPUTS = ("cases", "routings", "actions", "deadlines")


def stages(policy: Policy, registry: CollectorRegistry) -> list[Stage[Any]]:
    metrics = EscalationMetrics(registry, policy.calendar)

    def decide(row: Case | None, item: Input, now: datetime) -> Step[Case]:
        return advance(policy, row, item.event, now)

    def observe(
        _b: Case | None, _a: Case | None, _i: Input, outs: Sequence[Out], _n: datetime
    ) -> None:
        metrics.count(outs)

    return [
        Stage(
            "advance",
            INPUTS,
            _decoded,
            decide,
            Case,
            timer=Timer(next_due, _fire),
            observe=observe,
            census=Census(label_of, metrics.census),
        )
    ]


def _decoded(record: Record) -> Input:
    event = decode(record)
    return Input(event, str(case_of(event.data)))


def _fire(key: str, case: Case, due_at: datetime) -> Out:
    """The same id until the row has answered it: `fired` counts the answers."""
    data = DeadlineDue(district=case.district, case_id=case.case_id, due_at=due_at)
    identity = derived_id(case.case_id, f"due/{due_at.isoformat()}", case.fired)
    return Out("deadlines", key, Event(identity, SOURCE, due_at, key, data))
