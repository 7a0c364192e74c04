"""Intake on one screen: six inbound topics → receive → recognise; facts of escalation → rekey."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client import CollectorRegistry

from schemas.codec import decode
from schemas.escalations import CaseClosed, CaseFact, CaseReopened, SubmissionDetached
from schemas.event import Event, Out, Record
from schemas.topics import INBOUND
from services.intake.core.decode import Arrival, decode_inbound
from services.intake.core.matters import Known
from services.intake.core.policy import Policy
from services.intake.core.receive import Receipt, receive
from services.intake.core.recognise import recognise, row_of
from services.intake.core.rekey import rekey
from services.intake.metrics import IntakeMetrics
from services.kernel.step import Step
from services.runtime.stage import Input, Stage

NAME = "intake"
REKEYED = frozenset({CaseClosed.TYPE, CaseReopened.TYPE, SubmissionDetached.TYPE})
Keys = Callable[[Sequence[UUID]], dict[UUID, bytes]]
"""The vault's `keys`: get or create data keys, blocking."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A decoded record and its data key, which enrich adds."""

    arrival: Arrival
    data_key: bytes = b""


def stages(
    policy: Policy, keys: Keys, registry: CollectorRegistry | None = None
) -> list[Stage[Any]]:
    """The three stages with policy and vault bound."""
    metrics = IntakeMetrics(registry or CollectorRegistry())
    return [_receive(policy, keys, metrics), _recognise(policy, metrics), _rekey()]


def _receive(policy: Policy, keys: Keys, metrics: IntakeMetrics) -> Stage[Receipt]:
    def decoded(record: Record) -> Input:
        arrival = decode_inbound(policy.columns, policy.district, record, record.timestamp)
        return Input(arrival.event, arrival.external_no, arrival.row, Keyed(arrival))

    def enrich(items: Sequence[Input]) -> Sequence[Input]:
        found = keys([item.extra.arrival.submission_id for item in items])
        return [
            replace(
                item, extra=replace(item.extra, data_key=found[item.extra.arrival.submission_id])
            )
            for item in items
        ]

    def decide(row: Receipt | None, item: Input, now: datetime) -> Step[Receipt]:
        return receive(policy, row, item.extra.arrival, item.extra.data_key, now)

    def observe(
        _b: Receipt | None, _a: Receipt | None, item: Input, _o: Sequence[Out], now: datetime
    ) -> None:
        metrics.received(item.extra.arrival.channel, item.event.time, now)

    return Stage(
        "receive",
        INBOUND,
        decoded,
        decide,
        Receipt,
        enrich=enrich,
        repeats=True,
        observe=observe,
    )


def _recognise(policy: Policy, metrics: IntakeMetrics) -> Stage[Known]:
    def decoded(record: Record) -> Input:
        event = decode(record)
        return Input(event, row_of(event.data))

    def decide(row: Known | None, item: Input, now: datetime) -> Step[Known]:
        return recognise(policy, row, item.event, now)

    def observe(
        _b: Known | None, _a: Known | None, _i: Input, outs: Sequence[Out], _n: datetime
    ) -> None:
        metrics.recognised(outs)

    return Stage("recognise", ("submissions",), decoded, decide, Known, observe=observe)


def _rekey() -> Stage[Any]:
    def decoded(record: Record) -> Input:
        event = decode(record)
        return Input(event, _case(event))

    def decide(_: Any, item: Input, _now: datetime) -> Step[Any]:
        # by the fact's own time: without a row, a fact that stands twice on the log is told twice, alike
        return Step(None, rekey(item.event, item.event.time))

    return Stage("rekey", ("escalations",), decoded, decide, None, heeds=REKEYED)


def _case(event: Event) -> str:
    return str(event.data.case_id) if isinstance(event.data, CaseFact) else event.subject
