"""Events of a topic for a reader outside the engine, in a group of its own: each acknowledged when done with."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from schemas.codec import decode
from schemas.event import Event, Record, Refused
from services.runtime.clock import elapsed_s
from services.runtime.publish import BOOTSTRAP_MS_MAX, NotNow, away
from services.runtime.settings import Settings

POLL_MS = 500
RECORDS_MAX = 50
"""Fetched at once: each must be dealt with before the next fetch, within Kafka's five minutes."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def inbox(
    settings: Settings, topic: str, group: str, idle_s_max: float = math.inf
) -> Iterator[Event]:
    """From the group's last position, else the beginning; ends after `idle_s_max` without news.

    An event counts as dealt with when the next is asked for: a reader that dies over one gets it again. Raises NotNow.
    """
    name = settings.topic_prefix + topic
    try:
        consumer: Any = KafkaConsumer(
            name,
            bootstrap_servers=settings.kafka,
            bootstrap_timeout_ms=BOOTSTRAP_MS_MAX,
            group_id=settings.topic_prefix + group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_poll_records=RECORDS_MAX,
        )
    except KafkaError as error:
        raise NotNow(away(settings.kafka, error)) from None
    try:
        yield from _events(consumer, topic, idle_s_max)
    except KafkaError as error:
        raise NotNow(away(settings.kafka, error)) from None
    finally:
        consumer.close(autocommit=False)


def _events(consumer: Any, topic: str, idle_s_max: float) -> Iterator[Event]:
    since = elapsed_s()
    while elapsed_s() - since < idle_s_max:
        for batch in consumer.poll(POLL_MS).values():
            for raw in batch:
                event = _event(topic, raw)
                if event is not None:
                    yield event
                done = OffsetAndMetadata(raw.offset + 1, "", -1)
                consumer.commit({TopicPartition(raw.topic, raw.partition): done})
                since = elapsed_s()


def _event(topic: str, raw: Any) -> Event | None:
    """None = not an event of ours."""
    at = _EPOCH + timedelta(milliseconds=raw.timestamp)
    record = Record(topic, raw.partition, raw.offset, at, raw.key, raw.value, tuple(raw.headers))
    try:
        return decode(record)
    except Refused:
        return None
