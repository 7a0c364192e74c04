"""Messages to the broker in ready-made batches: one future a batch and partition, not one a message.

aiokafka's own `send` makes a future and looks the topic up for every message (docs/adr/0005).
"""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from schemas.topics import BY_NAME
from services.runtime.message import Message
from services.runtime.settle import partition_of


async def send_all(
    producer: AIOKafkaProducer, prefix: str, messages: Sequence[Message], millis: int | None
) -> None:
    """Returns when the broker has all, in order within each partition; raises what a batch failed with."""
    by_place: dict[tuple[str, int], list[Message]] = {}
    for one in messages:
        by_place.setdefault((one.topic, _number(one)), []).append(one)
    sending = (
        _send(producer, prefix + topic, number, some, millis)
        for (topic, number), some in by_place.items()
    )
    await asyncio.gather(*sending)


async def _send(
    producer: AIOKafkaProducer,
    topic: str,
    number: int,
    messages: Sequence[Message],
    millis: int | None,
) -> None:
    sent, batch = [], producer.create_batch()
    for one in messages:
        row = {
            "timestamp": millis,
            "key": one.key,
            "value": one.value,
            "headers": list(one.headers),
        }
        if batch.append(**row) is None:  # full
            sent.append(await producer.send_batch(batch, topic, partition=number))
            batch = producer.create_batch()
            batch.append(**row)
    sent.append(await producer.send_batch(batch, topic, partition=number))
    await asyncio.gather(*sent)


def _number(message: Message) -> int:
    """By key where the sender does not say: as every other producer has it."""
    if message.partition is not None:
        return message.partition
    return partition_of((message.key or b"").decode(), BY_NAME[message.topic].partitions)
