"""Sending from outside the engine: adapters, people, the demo. Nothing is sent until the broker says so."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.codec import encode
from schemas.event import Out
from services.runtime.message import Message
from services.runtime.settings import Settings
from services.runtime.topics import MESSAGE_BYTES_MAX

IN_FLIGHT_MAX = 1000
BOOTSTRAP_MS_MAX = 10_000
METADATA_MS_MAX = 10_000
DELIVERY_MS_MAX = 30_000
T = TypeVar("T")


class NotNow(Exception):  # noqa: N818 - a state of the world, to be tried again
    """The broker did not confirm. `confirmed`: how many messages of this publisher it did."""

    def __init__(self, message: str, confirmed: int = 0) -> None:
        super().__init__(message)
        self.confirmed = confirmed


@dataclass(frozen=True, slots=True)
class Position:
    """Where the broker has it."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset}"


def away(bootstrap: str, error: Exception) -> str:
    """One line for a person; a wrong password and a firewall look the same from here."""
    kind = type(error).__name__
    return (
        f"Kafka at {bootstrap} does not answer ({kind}): is it running (`anxin broker status`), "
        "is ANXIN_KAFKA right, are the credentials?"
    )


class Publisher:
    """A producer with acks=all, idempotent, partitioned as every other client of ours (murmur2 of the key).

    `at`: the record's timestamp, for topics of a stepped world (ADR 1); elsewhere the broker stamps its own.
    """

    def __init__(
        self,
        settings: Settings,
        in_flight_max: int = IN_FLIGHT_MAX,
        delivery_ms_max: int = DELIVERY_MS_MAX,
    ) -> None:
        """Raises NotNow."""
        self.settings, self.in_flight_max, self.confirmed = settings, in_flight_max, 0
        self.delivery_ms_max = delivery_ms_max
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=settings.kafka,
                bootstrap_timeout_ms=BOOTSTRAP_MS_MAX,
                max_block_ms=METADATA_MS_MAX,
                delivery_timeout_ms=delivery_ms_max,
                request_timeout_ms=delivery_ms_max // 2,
                max_request_size=2 * MESSAGE_BYTES_MAX,
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
            )
        except KafkaError as error:
            raise NotNow(away(settings.kafka, error)) from None

    def event(self, out: Out, at: datetime | None = None) -> Position:
        """A command on `actions` or any other event of ours, confirmed. Raises NotNow."""
        return self.send(message_of(out), at)

    def send(self, message: Message, at: datetime | None = None) -> Position:
        """Confirmed by the broker on return. Raises NotNow."""
        return self._confirm(self._start(message, at))

    def each(
        self, items: Iterable[tuple[T, Message | None]], at: datetime | None = None
    ) -> Iterator[tuple[T, Position | None]]:
        """Each item once its message is confirmed, in order; None has nothing to confirm. Raises NotNow."""
        waiting: deque[tuple[T, Any]] = deque()
        for item, message in items:
            while waiting and (len(waiting) >= self.in_flight_max or _done(waiting[0][1])):
                yield self._next(waiting)
            waiting.append((item, None if message is None else self._start(message, at)))
        while waiting:
            yield self._next(waiting)

    def _next(self, waiting: deque[tuple[T, Any]]) -> tuple[T, Position | None]:
        item, future = waiting.popleft()
        return item, None if future is None else self._confirm(future)

    def _start(self, message: Message, at: datetime | None) -> Any:
        topic = self.settings.topic_prefix + message.topic
        stamp_ms = None if at is None else int(at.timestamp() * 1000)
        headers = list(message.headers)
        try:
            return self._producer.send(
                topic, message.value, message.key, headers, message.partition, stamp_ms
            )
        except KafkaError as error:
            why = (
                f"{away(self.settings.kafka, error)} Or is {topic} missing (`anxin topics check`)?"
            )
            raise NotNow(why, self.confirmed) from None

    def _confirm(self, future: Any) -> Position:
        try:
            found = future.get(self.delivery_ms_max / 1000 + 5)
        except KafkaError as error:
            raise NotNow(away(self.settings.kafka, error), self.confirmed) from None
        self.confirmed += 1
        topic = found.topic.removeprefix(self.settings.topic_prefix)
        return Position(topic, found.partition, found.offset)

    def answers(self, answer_s_max: float = 5.0) -> bool:
        """Whether the broker tells of itself now."""
        asked = self._producer._metadata.request_update()
        came = threading.Event()
        asked.add_both(lambda *_: came.set())
        self._producer._sender.wakeup()
        return came.wait(answer_s_max) and bool(asked.succeeded())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """What is not confirmed by now was reported as such: nothing is waited for."""
        with suppress(
            KafkaError
        ):  # it raises over what is not confirmed, in place of what was said
            self._producer.close(timeout=1)


def _done(future: Any) -> bool:
    return future is None or bool(future.is_done)


def message_of(out: Out) -> Message:
    headers, value = encode(out.event)
    return Message(out.topic, out.key.encode(), value, tuple(headers))
