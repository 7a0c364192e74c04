"""What the router counts. Labels are closed lists, zeroed at start."""

from collections.abc import Collection, Sequence
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram

from schemas.cases import CaseDeclined, CaseRouted, RuleKind
from schemas.escalations import AssignmentReturned
from schemas.event import Event, Out
from services.router.core.policy import DECLINED
from services.router.core.returns import REASON_ZH

RETURN_REASONS = (*REASON_ZH, "disputed")
TO_POST: tuple[RuleKind, ...] = ("coordinates", "triage", "construction")
"""Never a single grid: of these only the empty grid exists."""
CONFIDENCE_BUCKETS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class RouterMetrics:
    """`grids`: the codes of every dated map. What is in no list counts as `other`."""

    def __init__(self, registry: CollectorRegistry, grids: Collection[str] = ()) -> None:
        self.grids = frozenset(grids)
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
            "Assignments returned or disputed, by grid (empty = a post) and reason",
            ["grid", "reason"],
            registry=registry,
        )
        self.confidence = Histogram(
            "anxin_routing_confidence",
            "Confidence (0..1) of a first routing, by what decided; triage is 0",
            ["rule_kind"],
            buckets=CONFIDENCE_BUCKETS,
            registry=registry,
        )
        self._zero()

    def _zero(self) -> None:
        for reason in ("triage", *DECLINED):
            self.unroutable.labels(reason)
        for grid in ("", *self.grids):
            for reason in RETURN_REASONS:
                self.returns.labels(grid, reason)
            for kind in get_args(RuleKind):
                self.confidence.labels(kind)
                if not grid or kind not in TO_POST:
                    self.routed.labels(grid, kind)

    def count(self, event: Event, outs: Sequence[Out]) -> None:
        data = event.data
        if isinstance(data, AssignmentReturned) and not (data.route_grid or data.route_unit_code):
            reason = data.reason if data.reason in RETURN_REASONS else "other"
            self.returns.labels(self._grid(data.from_grid), reason).inc()
        for out in outs:
            self._decided(out)

    def _decided(self, out: Out) -> None:
        data = out.event.data
        if isinstance(data, CaseDeclined):
            self.unroutable.labels(data.verdict).inc()
        elif isinstance(data, CaseRouted):
            self.routed.labels(self._grid(data.target.grid), data.rule_kind).inc()
            if data.attempt == 1:
                self.confidence.labels(data.rule_kind).observe(data.target.confidence)
            if data.rule_kind == "triage":
                self.unroutable.labels("triage").inc()

    def _grid(self, grid: str) -> str:
        return grid if not grid or grid in self.grids else "other"
