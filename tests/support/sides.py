"""One world to act in, twice: the log of the simulation, and a real Kafka with the real processes. Virtual time."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from schemas.codec import decode
from schemas.event import Event, Record
from services.runtime import topics
from services.runtime.clock import write_stepped
from services.runtime.message import Message
from tests.simulation.fleet import CALM
from tests.simulation.log import EPOCH
from tests.simulation.world import Script, World
from tests.support.kafka import Tail, until

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""A Monday, nine o'clock in Ezhou."""
SERVICES = ("services.intake", "services.router", "services.escalation")


class Side(Protocol):
    """`go`: time moves on. `records`: all of a topic so far. `until`: waits, bounded, for a condition."""

    now: datetime

    def go(self, by: timedelta) -> None: ...
    def send(self, message: Message) -> None: ...
    def records(self, topic: str) -> list[Any]: ...
    def until(self, true: Callable[[], bool], what: str) -> None: ...


def events(side: Side, topic: str) -> list[Event]:
    """Each once."""
    found = (_event(topic, record) for record in side.records(topic))
    return list({event.id: event for event in found}.values())


def _event(topic: str, record: Any) -> Event:
    return decode(Record(topic, 0, 0, START, record.key, record.value, tuple(record.headers)))


class Simulated:
    """In process; waiting means letting everything happen that can happen."""

    def __init__(self) -> None:
        self.world = World(0, CALM, patient=True, script=Script(START, START, (), (), ()))

    @property
    def now(self) -> datetime:
        return self.world.log.now

    def go(self, by: timedelta) -> None:
        self.world.settle()
        self.world.log.now += by

    def send(self, message: Message) -> None:
        self.world.log.append(message, self.now)

    def records(self, topic: str) -> list[Any]:
        return self.world.log.of(topic)

    def until(self, true: Callable[[], bool], what: str) -> None:
        self.world.settle()
        assert true(), what


class Real:
    """Processes on the stepped clock."""

    def __init__(self, bootstrap: str, prefix: str, clock: Path) -> None:
        self.bootstrap, self.prefix, self.clock = bootstrap, prefix, clock
        self.producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        self.tails: dict[str, Tail] = {}
        self.now = START
        write_stepped(clock, self.now)

    def go(self, by: timedelta) -> None:
        self.now += by
        write_stepped(self.clock, self.now)

    def send(self, message: Message) -> None:
        millis = (self.now - EPOCH) // timedelta(milliseconds=1)
        topic = self.prefix + message.topic
        headers = list(message.headers)
        self.producer.send(topic, message.value, message.key, headers, timestamp_ms=millis).get(60)

    def records(self, topic: str) -> list[Any]:
        if topic not in self.tails:
            self.tails[topic] = Tail(self.bootstrap, self.prefix, topic)
        return list(self.tails[topic].all())

    def until(self, true: Callable[[], bool], what: str) -> None:
        until(true, what)


Start = Callable[[str, dict[str, str]], Any]
"""Starts a service process with these variables."""


@contextmanager
def real_side(bootstrap: str, folder: Path, start: Start) -> Iterator[Real]:
    """Own topics, stamped by their senders, and the three services; both are gone afterwards."""
    prefix = f"b{uuid.uuid4().hex[:8]}-"  # noqa: TID251 - a test's own topics
    topics.ensure(bootstrap, prefix, stepped=True)
    side = Real(bootstrap, prefix, folder / "clock")
    env = {
        "ANXIN_KAFKA": bootstrap,
        "ANXIN_TOPIC_PREFIX": prefix,
        "ANXIN_HOME": str(folder / "home"),
        "ANXIN_CLOCK": f"stepped:{side.clock}",
    }
    processes = [start(name, env) for name in SERVICES]
    try:
        yield side
    finally:
        for process in processes:
            process.kill()
        side.producer.close()
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.delete_topics([one for one in admin.list_topics() if one.startswith(prefix)])
        admin.close()
