"""What the notifier counts. Labels are closed lists, zeroed at start."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics

from services.kernel.notices import KINDS as TOLD
from services.notifier.core.robots import KINDS, OUTCOMES
from services.notifier.core.tell import Notice
from services.notifier.outbox import Stand


class NotifierMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type here
        self.told = Counter(
            "anxin_messages_told_total",
            "Messages to people by a robot, by what they tell; the desk shows them with or without one",
            ["kind"],
            registry=registry,
        )
        self.posts = Counter(
            "anxin_message_posts_total",
            "Attempts to post a letter, by kind of robot and what came of it; delivered is not read",
            ["robot_kind", "outcome"],
            registry=registry,
        )

        self.given_up = Counter(
            "anxin_messages_given_up_total",
            "Messages that could not be posted for a day; the desk shows them",
            registry=registry,
        )

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=registry)

        self.waiting = gauge("anxin_messages_waiting", "Messages due and not out yet")
        self.age = gauge(
            "anxin_messages_oldest_seconds", "How long the oldest message not out yet is due"
        )
        self.robots = gauge(
            "anxin_robots_configured", "Robots of the settings; 0 = messages stand on the desk only"
        )
        self.caught_up = gauge(
            "anxin_notifier_caught_up_timestamp_seconds",
            "When the notifier last held everything the broker has (0 = not since the start)",
        )
        for kind in TOLD:
            self.told.labels(kind)
        for robot_kind in KINDS:
            for outcome in OUTCOMES:
                self.posts.labels(robot_kind, outcome)

    def count(self, told: Sequence[Notice]) -> None:
        for one in told:
            self.told.labels(one.kind).inc()

    def stand(self, found: Stand, now: datetime) -> None:
        self.waiting.set(found.waiting)
        self.age.set((now - found.oldest).total_seconds() if found.oldest else 0)
