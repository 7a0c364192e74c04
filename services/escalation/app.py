"""Escalation on one screen: cases, routings, actions and its own timers → facts and answers; employers → claims."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.actions import DeadlineDue
from schemas.codec import decode
from schemas.event import Event, Out, Record
from services.escalation.book import Book
from services.escalation.core.advance import advance, case_of
from services.escalation.core.state import Case, next_due
from services.escalation.core.turn import SOURCE
from services.escalation.groups.group import employer_of, group
from services.escalation.groups.note import noted
from services.escalation.groups.state import Group
from services.escalation.metrics import (
    EscalationMetrics,
    label_of,
    provisional_elsewhere,
    rules_of,
)
from services.kernel.ids import derived_id
from services.kernel.step import Step
from services.runtime.stage import Census, Input, Stage, Timer

NAME = "escalation"
INPUTS = ("cases", "routings", "actions", "deadlines", "claims")


def stages(book: Book, registry: CollectorRegistry) -> list[Stage[Any]]:
    """One row a case; one row an employer, told by the first."""
    rules = [rule.id for rule in book.now.groups.rules]
    metrics = EscalationMetrics(registry, book.now.calendar, rules)
    return [_advance(book, metrics), _group(book, metrics)]


def _advance(book: Book, metrics: EscalationMetrics) -> Stage[Case]:
    def decoded(record: Record) -> Input:
        event = decode(record)
        return Input(event, str(case_of(event.data)))

    def decide(row: Case | None, item: Input, now: datetime) -> Step[Case]:
        step = advance(book.of(row), row, item.event, now)
        told = noted(book.now.groups, row, step.state, item.event, now)
        after = step.state
        if told and after is not None:
            after = after.model_copy(update={"noted": True})
        return Step(after, (*step.events, *told))

    def observe(
        _b: Case | None, _a: Case | None, _i: Input, outs: Sequence[Out], _n: datetime
    ) -> None:
        metrics.count(outs)

    return Stage(
        "advance",
        INPUTS,
        decoded,
        decide,
        Case,
        timer=Timer(next_due, _fire),
        observe=observe,
        census=Census(label_of, metrics.census),
        hurried=lambda label: provisional_elsewhere(label, book.now.calendar.version),
    )


def _group(book: Book, metrics: EscalationMetrics) -> Stage[Group]:
    def decoded(record: Record) -> Input:
        event = decode(record)
        return Input(event, employer_of(event.data))

    def decide(row: Group | None, item: Input, now: datetime) -> Step[Group]:
        return group(book.now, row, item.event, now)

    def observe(
        _b: Group | None, _a: Group | None, _i: Input, outs: Sequence[Out], _n: datetime
    ) -> None:
        metrics.count(outs)

    return Stage(
        "group",
        ("employers",),
        decoded,
        decide,
        Group,
        observe=observe,
        census=Census(rules_of, metrics.stand),
    )


def _fire(key: str, case: Case, due_at: datetime) -> Out:
    """The same id until the row has answered it: `fired` counts the answers."""
    data = DeadlineDue(district=case.district, case_id=case.case_id, due_at=due_at)
    identity = derived_id(case.case_id, f"due/{due_at.isoformat()}", case.fired)
    return Out("deadlines", key, Event(identity, SOURCE, due_at, key, data))
