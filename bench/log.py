"""The broker as a measuring instrument: fill topics, read offsets, and read back when each record was written."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import aiokafka
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from schemas.topics import PARTITIONS
from services.runtime.clock import elapsed_s
from services.runtime.message import Message

CHUNK = 2000
READ_S_MAX = 120.0


def fill(kafka: str, prefix: str, messages: Iterable[Message]) -> int:
    """All confirmed; how many."""
    return asyncio.run(_fill(kafka, prefix, messages))


async def _fill(kafka: str, prefix: str, messages: Iterable[Message]) -> int:
    producer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", linger_ms=5, max_batch_size=131_072
    )
    await producer.start()
    sent, futures = 0, list[Any]()
    try:
        for one in messages:
            futures.append(await send(producer, prefix, one))
            sent += 1
            if len(futures) >= CHUNK:
                await asyncio.gather(*futures)
                futures = []
        await asyncio.gather(*futures)
    finally:
        await producer.stop()
    return sent


async def send(producer: aiokafka.AIOKafkaProducer, prefix: str, one: Message) -> Any:
    """The future of its confirmation."""
    return await producer.send(
        prefix + one.topic, one.value, one.key, one.partition, headers=list(one.headers)
    )


class Offsets:
    """Ends of topics and what a group has committed."""

    def __init__(self, kafka: str) -> None:
        self.consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
        self.admin = KafkaAdminClient(bootstrap_servers=kafka)

    def written(self, topic: str) -> int:
        return int(sum(self.consumer.end_offsets(parts(topic)).values()))

    def committed(self, group: str, topic: str) -> int:
        found = self.admin.list_group_offsets({group: parts(topic)})[group]
        return int(sum(max(one.offset, 0) for one in found.values()))

    def close(self) -> None:
        self.consumer.close()
        self.admin.close()


def parts(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(PARTITIONS)]


def read(kafka: str, topic: str) -> Iterator[Any]:
    """Every record of a topic up to its end now."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    try:
        places = parts(topic)
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        deadline = elapsed_s() + READ_S_MAX
        while any(consumer.position(place) < ends[place] for place in places):
            if elapsed_s() > deadline:
                raise TimeoutError(f"{topic} not read within {READ_S_MAX:.0f} s")
            for found in consumer.poll(200, max_records=5000).values():
                yield from found
    finally:
        consumer.close()


def span_s(kafka: str, topic: str) -> tuple[float, float]:
    """Instants of the first and the last record, s since 1970, by the broker's stamp."""
    consumer = KafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, max_partition_fetch_bytes=65_536
    )
    try:
        ends = {place: end for place, end in consumer.end_offsets(parts(topic)).items() if end}
        consumer.assign(list(ends))
        first = [_stamp(consumer, place, 0) for place in ends]
        last = [_stamp(consumer, place, end - 1) for place, end in ends.items()]
        return min(first), max(last)
    finally:
        consumer.close()


def _stamp(consumer: KafkaConsumer, place: TopicPartition, offset: int) -> float:
    consumer.seek(place, offset)
    others = [one for one in consumer.assignment() if one != place]
    consumer.pause(*others)
    deadline = elapsed_s() + READ_S_MAX
    while elapsed_s() < deadline:
        for record in consumer.poll(500, max_records=1).get(place, []):
            consumer.resume(*others)
            return float(record.timestamp) / 1000
    raise TimeoutError(f"{place} at {offset} not read within {READ_S_MAX:.0f} s")
