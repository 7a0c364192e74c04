"""What the desk counts. Labels are closed lists, zeroed at start."""

from collections.abc import Callable
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from schemas.matter import CHANNELS
from services.desk.core.login import OUTCOMES
from services.desk.core.problem import CODES

UNKNOWN = "unknown"
LOGIN_PROVIDERS = ("demo", "oidc", "wecom", "dingtalk", "feishu")
DELIVERY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class DeskMetrics:
    def __init__(
        self, registry: CollectorRegistry, caught_up: Callable[[], datetime | None] = lambda: None
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type here
        self.caught_up = Gauge(
            "anxin_read_model_caught_up_timestamp_seconds",
            "When the desk's read model last held everything the broker has (0 = not since the start)",
            registry=registry,
        )
        self.caught_up.set_function(lambda: _seconds(caught_up()))


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


class LoginMetrics:
    """Of people; a click in the demo counts, too."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.logins = Counter(
            "anxin_logins_total",
            "Logins of people by provider: in, or why not",
            ["provider", "outcome"],
            registry=registry,
        )
        for provider in LOGIN_PROVIDERS:
            for outcome in ("in", *OUTCOMES):
                self.logins.labels(provider, outcome)

    def said(self, provider: str, outcome: str) -> None:
        self.logins.labels(provider, outcome).inc()


class DoorMetrics:
    """Of the door for channels. `channel` is one of ours only where its signature was good."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "anxin_door_requests_total",
            "Requests of channels: accepted, answered, or a problem's code; channel=unknown: not proven",
            ["channel", "code"],
            registry=registry,
        )
        self.records = Counter(
            "anxin_door_records_total",
            "Records accepted (the broker has them), by channel; a re-send counts again",
            ["channel"],
            registry=registry,
        )
        self.delivery = Histogram(
            "anxin_door_delivery_seconds",
            "Real time from a request's last byte to the broker's last acknowledgement",
            buckets=DELIVERY_BUCKETS_S,
            registry=registry,
        )
        for channel in (*CHANNELS, UNKNOWN):
            for code in CODES:
                self.requests.labels(channel, code)
        for channel in CHANNELS:
            self.records.labels(channel)

    def answered(self, channel: str, code: str) -> None:
        self.requests.labels(channel or UNKNOWN, code).inc()

    def accepted(self, channel: str, records: int, seconds: float) -> None:
        self.answered(channel, "accepted")
        self.records.labels(channel).inc(records)
        self.delivery.observe(seconds)
