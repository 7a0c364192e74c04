"""docs/metrics.md from the declarations: every service's metrics on a real registry."""

from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from services.desk.metrics import DeskMetrics, DoorMetrics, LoginMetrics
from services.escalation.metrics import EscalationMetrics
from services.intake.metrics import IntakeMetrics
from services.notifier.metrics import NotifierMetrics
from services.router.metrics import RouterMetrics
from services.runtime.metrics import EngineMetrics
from services.runtime.policy_files import office_calendar

OUTSIDE = (
    ("up", "gauge", "job, instance", "Prometheus: 1 where the last scrape of a target succeeded"),
    (
        "kafka_consumergroup_lag",
        "gauge",
        "consumergroup, topic, partition",
        "kafka-exporter: records a group has not yet committed; measured from outside the workers",
    ),
)
HEAD = ["| name | type | labels | meaning |", "|---|---|---|---|"]


class _Declared(CollectorRegistry):
    """Remembers what was registered, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[MetricWrapperBase] = []

    def register(self, collector: Collector) -> None:
        super().register(collector)
        if not isinstance(collector, MetricWrapperBase):
            raise TypeError(f"{collector!r} declares no labels: docs/metrics.md cannot name it")
        self.found.append(collector)


def declared(policies: Path) -> dict[str, list[tuple[str, str, str, str]]]:
    """Rows (name, type, labels, help) by who tells them."""
    calendar = office_calendar(policies)
    tellers: Mapping[str, Callable[[CollectorRegistry], object]] = {
        "Every service": lambda registry: EngineMetrics(registry, "any"),
        "intake": IntakeMetrics,
        "router": RouterMetrics,
        "escalation": lambda registry: EscalationMetrics(registry, calendar),
        "desk": lambda registry: (
            DeskMetrics(registry),
            LoginMetrics(registry),
            DoorMetrics(registry),
        ),
        "notifier": NotifierMetrics,
    }
    return {name: _rows(build) for name, build in tellers.items()}


def _rows(build: Callable[[CollectorRegistry], object]) -> list[tuple[str, str, str, str]]:
    registry = _Declared()
    build(registry)
    return [_row(one) for one in registry.found]


def _row(one: MetricWrapperBase) -> tuple[str, str, str, str]:
    (metric,) = one.describe()
    name = metric.name + ("_total" if metric.type == "counter" else "")
    return name, metric.type, ", ".join(one._labelnames), metric.documentation


def names(policies: Path) -> set[str]:
    """Every series name a rule or a panel may use."""
    rows = [row for found in declared(policies).values() for row in found]
    plain = {name for name, *_ in (*rows, *OUTSIDE)}
    parts = ("_bucket", "_sum", "_count")
    return plain | {name + p for name, kind, *_ in rows if kind == "histogram" for p in parts}


def page(policies: Path, mark: str) -> str:
    """docs/metrics.md."""
    lines = ["# Metrics", "", f"<!-- {mark} -->", ""]
    lines += [
        "Each service tells them at `/metrics` (`ANXIN_PROBE_PORT`). Base units; no identifiers, nothing personal",
        "in labels; bounded labels start at zero. `channel` is a source channel, or a topic of ours by its name.",
        "",
    ]
    groups = {**declared(policies), "From outside": list(OUTSIDE)}
    for teller, rows in groups.items():
        lines += [f"## {teller}", "", *HEAD]
        lines += [
            f"| `{name}` | {kind} | {labels or '-'} | {text} |" for name, kind, labels, text in rows
        ]
        lines.append("")
    return "\n".join(lines)
