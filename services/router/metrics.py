"""What the router counts."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter

from schemas.cases import CaseDeclined, CaseRouted
from schemas.escalations import AssignmentReturned
from schemas.event import Event, Out


class RouterMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.routed = Counter(
            "anxin_routed_total",
            "Cases sent to a grid (empty = a post), by what decided",
            ["grid", "rule_kind"],
            registry=registry,
        )
        self.unroutable = Counter(
            "anxin_unroutable_total",
            "Cases sent to the centre's triage, or declined, by reason",
            ["reason"],
            registry=registry,
        )
        self.returns = Counter(
            "anxin_returns_total",
            "Assignments returned, by grid and reason",
            ["grid", "reason"],
            registry=registry,
        )

    def count(self, event: Event, outs: Sequence[Out]) -> None:
        if isinstance(event.data, AssignmentReturned) and not event.data.ruled:
            self.returns.labels(event.data.from_grid, event.data.reason).inc()
        for out in outs:
            data = out.event.data
            if isinstance(data, CaseRouted):
                self.routed.labels(data.target.grid, data.rule_kind).inc()
                if data.rule_kind == "triage":
                    self.unroutable.labels("triage").inc()
            elif isinstance(data, CaseDeclined):
                self.unroutable.labels(data.verdict).inc()
