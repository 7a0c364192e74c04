"""The router on one screen: cases and returned assignments → routings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.cases import CaseOpened
from schemas.codec import decode
from schemas.escalations import AssignmentReturned, CaseFact
from schemas.event import Out, Record
from services.kernel.step import Step
from services.router.core.policy import Policy
from services.router.core.route import route
from services.router.core.state import RouteRow
from services.router.metrics import RouterMetrics
from services.runtime.stage import Input, Stage

NAME = "router"
INPUTS = ("cases", "escalations")
HEEDS = frozenset({CaseOpened.TYPE, AssignmentReturned.TYPE})


def stages(policy: Policy, registry: CollectorRegistry) -> list[Stage[Any]]:
    metrics = RouterMetrics(registry, {code for one in policy.maps for code in one.grids})

    def decide(row: RouteRow | None, item: Input, now: datetime) -> Step[RouteRow]:
        return route(policy, row, item.event, now)

    def observe(
        _b: RouteRow | None, _a: RouteRow | None, item: Input, outs: Sequence[Out], _: datetime
    ) -> None:
        metrics.count(item.event, outs)

    return [Stage("route", INPUTS, _decoded, decide, RouteRow, observe=observe, heeds=HEEDS)]


def _decoded(record: Record) -> Input:
    """Facts name their case; what intake writes on `cases` has it as its subject."""
    event = decode(record)
    data = event.data
    return Input(event, str(data.case_id) if isinstance(data, CaseFact) else event.subject)
