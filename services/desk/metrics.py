"""What the desk counts."""

from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge


class DeskMetrics:
    def __init__(
        self, registry: CollectorRegistry, caught_up: Callable[[], datetime | None] = lambda: None
    ) -> None:
        self.caught_up = Gauge(
            "anxin_read_model_caught_up_timestamp_seconds",
            "When the desk's read model last held everything the broker has (0 = not since the start)",
            registry=registry,
        )
        self.caught_up.set_function(lambda: _seconds(caught_up()))


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0
