"""Metrics of the engine, on an injected registry. Names: docs/metrics.md is generated from these declarations."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from schemas.event import Reason

FIRE_LAG_BUCKETS_S = (0.1, 0.5, 1, 2, 5, 15, 60, 300, 3600)
KINDS = ("id", "content")
SETTLE_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class EngineMetrics:
    """What every service tells of its engine."""

    def __init__(self, registry: CollectorRegistry, service: str, version: str = "0.1.0") -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type here
        self.settle = Histogram(
            "anxin_settle_duration_seconds",
            "Real time from taking a batch to acknowledging it",
            ["stage"],
            buckets=SETTLE_BUCKETS_S,
            registry=registry,
        )
        self.received_records = Counter(
            "anxin_events_received_total",
            "Records settled, good or not, by inbound channel (or topic); a replay counts again",
            ["channel"],
            registry=registry,
        )
        self.quarantined_records = Counter(
            "anxin_events_quarantined_total",
            "Records sent to quarantine, by inbound channel (or topic) and reason",
            ["channel", "reason"],
            registry=registry,
        )
        self.duplicate_records = Counter(
            "anxin_duplicates_total",
            "Events dropped: their id was applied before (kind=id), or the same content came again (content)",
            ["channel", "kind"],
            registry=registry,
        )
        self.fire_lag = Histogram(
            "anxin_timer_fire_lag_seconds",
            "Real seconds from a deadline's instant to its command being confirmed",
            registry=registry,
            buckets=FIRE_LAG_BUCKETS_S,
        )
        self.timers_armed = Gauge(
            "anxin_timers_armed", "Rows with an armed instant", registry=registry
        )
        self.overdue_unfired = Gauge(
            "anxin_timers_overdue_unfired",
            "Rows whose instant passed without a command; counted apart from the heap; must be 0",
            registry=registry,
        )
        self.next_due = Gauge(
            "anxin_timers_next_due_timestamp_seconds",
            "Earliest armed instant (0 = none)",
            registry=registry,
        )
        self.audited = Gauge(
            "anxin_auditor_last_run_timestamp_seconds", "Last audit of timers", registry=registry
        )
        self.partitions = Gauge(
            "anxin_partitions_owned", "Partitions owned and restored", registry=registry
        )
        self.build = Gauge(
            "anxin_build_info", "Version of the service", ["service", "version"], registry=registry
        )
        self.build.labels(service, version).set(1)
        self.config = Gauge(
            "anxin_config_hash",
            "First 48 bits of the SHA-256 of the policies folder; workers that differ decide differently",
            registry=registry,
        )

    def zero(self, inputs: Mapping[str, Sequence[str]]) -> None:
        """`inputs`: topics by stage. A rate over a series that starts at its first event misses that event."""
        for stage, topics in inputs.items():
            self.settle.labels(stage)
            for channel in map(_channel, topics):
                self.received_records.labels(channel)
                for kind in KINDS:
                    self.duplicate_records.labels(channel, kind)
                for reason in Reason:
                    self.quarantined_records.labels(channel, reason.value)

    def settled(self, stage: str, seconds: float) -> None:
        self.settle.labels(stage).observe(seconds)

    def received(self, topic: str, records: int) -> None:
        self.received_records.labels(_channel(topic)).inc(records)

    def quarantined(self, topic: str, reason: str) -> None:
        self.quarantined_records.labels(_channel(topic), reason).inc()

    def duplicates(self, topic: str, kind: str = "id") -> None:
        self.duplicate_records.labels(_channel(topic), kind).inc()

    def fired(self, lag_s: float) -> None:
        self.fire_lag.observe(max(lag_s, 0.0))

    def timers(self, armed: int, overdue_unfired: int, next_due_s: float) -> None:
        self.timers_armed.set(armed)
        self.overdue_unfired.set(overdue_unfired)
        self.next_due.set(next_due_s)


def _channel(topic: str) -> str:
    return topic.removeprefix("inbound-")
