"""The router on one screen: cases and returned assignments → routings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.codec import decode
from schemas.event import Out, Record
from services.kernel.step import Step
from services.router.core.route import Policy, RouteRow, route
from services.router.metrics import RouterMetrics
from services.runtime.stage import Input, Stage

NAME = "router"


def stages(policy: Policy, registry: CollectorRegistry) -> list[Stage[Any]]:
    metrics = RouterMetrics(registry)

    def decide(row: RouteRow | None, item: Input, now: datetime) -> Step[RouteRow]:
        return route(policy, row, item.event, now)

    def observe(
        _b: RouteRow | None, _a: RouteRow | None, item: Input, outs: Sequence[Out], _: datetime
    ) -> None:
        metrics.count(item.event, outs)

    inputs = ("cases", "escalations")
    return [Stage("route", inputs, _decoded, decide, RouteRow, observe=observe)]


def _decoded(record: Record) -> Input:
    """Both topics are keyed by case id, which every one of their events names as its subject."""
    event = decode(record)
    return Input(event, event.subject)
