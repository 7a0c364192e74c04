"""The floor: raw aiokafka, one record out for each record in, nothing decided. Same delivery promises as the engine."""

import asyncio
import signal
from typing import Any

import aiokafka
import uvloop

from services.runtime.settings import Settings, load_settings


async def main(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    prefix = settings.topic_prefix
    consumer = aiokafka.AIOKafkaConsumer(
        prefix + "cases",
        bootstrap_servers=settings.kafka,
        group_id=prefix + "passthrough",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    producer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=131_072,
    )
    await producer.start()
    await consumer.start()
    while not stop.is_set():
        batches = await consumer.getmany(timeout_ms=200, max_records=settings.batch_records_max)
        sent = [
            await _send(producer, prefix + "routings", record)
            for records in batches.values()
            for record in records
        ]
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit()
    await consumer.stop()
    await producer.stop()


async def _send(producer: aiokafka.AIOKafkaProducer, topic: str, record: Any) -> Any:
    return await producer.send(
        topic, record.value, record.key, record.partition, headers=list(record.headers)
    )


if __name__ == "__main__":
    uvloop.run(main(load_settings()))
