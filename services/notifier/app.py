"""One process: a thread that reads the topics into the outbox, one that posts from it, probes on `probe_port`."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry

from services.notifier.core.robots import Address
from services.notifier.metrics import NotifierMetrics
from services.notifier.outbox import TOPICS, Outbox
from services.notifier.sender import Sender
from services.notifier.settings import link_of, load_policy, outbox_url, robots_of
from services.runtime.clock import RealClock, clock_of
from services.runtime.connection import Connection
from services.runtime.log import configure, quiet_kafka
from services.runtime.post import post
from services.runtime.publish import NotNow
from services.runtime.settings import Settings
from services.runtime.sql import InUseError, owned
from services.runtime.tail import Tail
from services.runtime.web import Told, asked_to_stop, attend
from services.runtime.worker import halt

NAME = "notifier"
WAIT_MS = 300
BATCH_RECORDS_MAX = 500
LOOK_EVERY_S, TIDY_EVERY, RETRY_S = 1.0, 600, 2.0
DELIVERY_MS_MAX = 5_000
log = structlog.get_logger()


class Notifier:
    """`caught_up`: when everything the broker has was last in the outbox.

    Nothing is posted before that: what has been done meanwhile needs no telling.
    """

    def __init__(
        self, outbox: Outbox, sender: Sender, metrics: NotifierMetrics, now: Callable[[], datetime]
    ) -> None:
        self.outbox, self.sender, self.metrics, self.now = outbox, sender, metrics, now
        self.wall = RealClock()
        self.caught_up: datetime | None = None
        self.stop = threading.Event()

    def read(self, settings: Settings) -> None:
        """Until `stop`; a broker that is away at the start is waited for."""
        while not self.stop.is_set():
            try:
                self._follow(settings)
            except NotNow:
                self.stop.wait(RETRY_S)

    def _follow(self, settings: Settings) -> None:
        begin = self.outbox.places()
        tail = Tail(settings.kafka, settings.topic_prefix, TOPICS, begin=begin, wait_ms=WAIT_MS)
        try:
            while not self.stop.is_set():
                records = tail.poll()
                for first in range(0, len(records), BATCH_RECORDS_MAX):
                    batch = records[first : first + BATCH_RECORDS_MAX]
                    self.metrics.count(self.outbox.apply(batch, self.now()))
                if tail.at_end():
                    self.caught_up = self.wall.now()
                    self.metrics.caught_up.set(self.caught_up.timestamp())
        finally:
            tail.close()

    def send(self, still_ours: Callable[[], None]) -> None:
        """Until `stop`, or until it raises."""
        turn = 0
        while not self.stop.is_set():
            still_ours()
            if self.caught_up and self.sender.step(self.now):
                continue
            if turn % TIDY_EVERY == 0:
                gone = self.outbox.tidy(self.now())
                if gone:
                    log.warning("robots_gone", messages=gone)
            self.metrics.stand(self.outbox.stand(self.now()), self.now())
            turn += 1
            self.stop.wait(LOOK_EVERY_S)


def run(settings: Settings) -> None:
    configure(NAME, settings.log_level)
    quiet_kafka()
    registry = CollectorRegistry()
    notifier, robots = build(settings, registry)
    if not robots:
        log.warning("no_robots", hint="messages stand on the page only; set ANXIN_ROBOTS_FILE")
    try:
        with owned(notifier.outbox.engine) as still_ours:
            asyncio.run(_serve(settings, registry, notifier, still_ours))
    except InUseError as error:
        halt("outbox", error)


def build(
    settings: Settings, registry: CollectorRegistry
) -> tuple[Notifier, Mapping[str, Address]]:
    """Raises BadSetting, OSError or ValueError."""
    policy = load_policy(settings.policies)
    robots = robots_of(settings.robots.get_secret_value(), policy)
    metrics = NotifierMetrics(registry)
    metrics.robots.set(len(robots))
    outbox = Outbox(outbox_url(settings), policy, {one.robot: one.kind for one in robots.values()})
    sender = Sender(outbox, robots, link_of(settings), post, metrics)
    return Notifier(outbox, sender, metrics, clock_of(settings.clock).now), robots


async def _serve(
    settings: Settings,
    registry: CollectorRegistry,
    notifier: Notifier,
    still_ours: Callable[[], None],
) -> None:
    connection = Connection(settings, DELIVERY_MS_MAX)
    building = ["the outbox is being brought up to date"]
    told = Told(
        settings, registry, lambda: connection.unready() + ([] if notifier.caught_up else building)
    )
    threads = [
        threading.Thread(target=_guarded, args=("reader", notifier.read, settings), daemon=True),
        threading.Thread(target=_guarded, args=("sender", notifier.send, still_ours), daemon=True),
    ]
    for one in threads:
        one.start()
    try:
        await attend(asked_to_stop(), told, connection.ask)
    finally:
        notifier.stop.set()
        for one in threads:
            one.join(DELIVERY_MS_MAX / 1000)
        connection.close()


def _guarded(where: str, work: Callable[..., None], *arguments: object) -> None:
    """Whatever it is: an outbox that follows or posts no more must not look alive."""
    try:
        work(*arguments)
    except Exception as error:
        halt(where, error)
