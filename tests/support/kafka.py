"""What tests do with a broker: send, read everything, wait for a condition with a deadline."""

import json
import time
from collections.abc import Callable, Iterable

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from schemas.topics import BY_NAME

WAIT_S_MAX = 90.0


def until(true: Callable[[], bool], what: str, wait_s: float = WAIT_S_MAX) -> None:
    deadline = time.monotonic() + wait_s
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {wait_s:.0f} s for: {what}")
        time.sleep(0.05)


def send(bootstrap: str, topic: str, records: Iterable[tuple[bytes | None, bytes, list]]) -> None:
    """(key, value, headers) each; returns when the broker has them all."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    futures = []
    for key, value, headers in records:
        futures.append(producer.send(topic, value, key, headers))
        if len(futures) % 500 == 0:
            futures[-1].get(60)
    for future in futures:
        future.get(60)
    producer.close()


class Tail:
    """Everything in one topic, from the beginning."""

    def __init__(self, bootstrap: str, prefix: str, topic: str) -> None:
        self.consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        count = BY_NAME[topic].partitions
        self.parts = [TopicPartition(prefix + topic, number) for number in range(count)]
        self.consumer.assign(self.parts)
        self.consumer.seek_to_beginning(*self.parts)
        self.records: list = []

    def read(self) -> list:
        for found in self.consumer.poll(200).values():
            self.records += found
        return self.records

    def all(self) -> list:
        ends = self.consumer.end_offsets(self.parts)
        while any(self.consumer.position(part) < ends[part] for part in self.parts):
            self.read()
        return self.records

    def ids(self) -> list[str]:
        return [dict(record.headers)["ce_id"].decode() for record in self.read()]

    def rows(self) -> dict[bytes, dict]:
        last = {record.key: record.value for record in self.all()}
        return {key: json.loads(value)["state"] for key, value in last.items() if value}
