"""Rows from the compacted changelog: one plain consumer for all newly owned partitions, up to the end at start."""

from collections.abc import Sequence

import aiokafka

from services.runtime.settings import Settings
from services.runtime.settle import Rows

FETCH_BYTES_MAX = 8 << 20


async def restore(
    settings: Settings, changelogs: Sequence[str], numbers: Sequence[int]
) -> dict[tuple[str, int], Rows]:
    """Rows as bytes with their armed instants; nothing is decoded, so no row can make it hang."""
    found = {(name, number): Rows() for name in changelogs for number in numbers}
    if not found:
        return found
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES_MAX,
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    try:
        names = {
            aiokafka.TopicPartition(settings.topic_prefix + name, number): (name, number)
            for name, number in found
        }
        consumer.assign(list(names))
        ends = {tp: end for tp, end in (await consumer.end_offsets(list(names))).items() if end}
        await consumer.seek_to_beginning(*names)
        consumer.pause(*(tp for tp in names if tp not in ends))
        while ends:
            for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                _apply(found[names[tp]], records)
            for tp in list(ends):
                if await consumer.position(tp) >= ends[tp]:
                    del ends[tp]
                    consumer.pause(tp)
        return found
    finally:
        await consumer.stop()


def _apply(rows: Rows, records: Sequence[aiokafka.ConsumerRecord]) -> None:
    for record in records:
        rows.put((record.key or b"").decode(), record.value, record.headers)
