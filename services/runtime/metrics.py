"""Metrics of the engine, on an injected registry. Names: docs/metrics.md is generated from these declarations."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

FIRE_LAG_BUCKETS_S = (0.1, 0.5, 1, 2, 5, 15, 60, 300, 3600)
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
        self.settled_records = Counter(
            "anxin_settled_records_total", "Records acknowledged", ["stage"], registry=registry
        )
        self.quarantined_records = Counter(
            "anxin_events_quarantined_total",
            "Records sent to quarantine, by inbound channel (or topic) and reason",
            ["channel", "reason"],
            registry=registry,
        )
        self.duplicate_records = Counter(
            "anxin_duplicates_total",
            "Events dropped because their id was applied before (kind=id), or re-sent unchanged",
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

    def settled(self, stage: str, seconds: float, records: int) -> None:
        self.settle.labels(stage).observe(seconds)
        self.settled_records.labels(stage).inc(records)

    def quarantined(self, channel: str, reason: str) -> None:
        self.quarantined_records.labels(channel.removeprefix("inbound-"), reason).inc()

    def duplicates(self, channel: str, count: int = 1) -> None:
        self.duplicate_records.labels(channel.removeprefix("inbound-"), "id").inc(count)

    def fired(self, lag_s: float) -> None:
        self.fire_lag.observe(max(lag_s, 0.0))

    def timers(self, armed: int, overdue_unfired: int, next_due_s: float) -> None:
        self.timers_armed.set(armed)
        self.overdue_unfired.set(overdue_unfired)
        self.next_due.set(next_due_s)
