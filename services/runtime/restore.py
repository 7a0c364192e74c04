"""Rows from the compacted changelog: one plain consumer for all newly owned partitions, up to the end at start.

With them what their last decision may not have sent: the outbox of every row whose input was never acknowledged.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import aiokafka
from aiokafka.admin import AIOKafkaAdminClient

from services.runtime.outbox import unsettled
from services.runtime.settings import Settings
from services.runtime.settle import Place, Restored

FETCH_BYTES_MAX = 8 << 20
SILENT_S_MAX = 30.0  # longer than leaders need to move
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def restore(
    settings: Settings,
    group: str,
    changelogs: Mapping[str, Sequence[str]],
    numbers: Sequence[int],
    silent_s_max: float = SILENT_S_MAX,
) -> dict[Place, Restored]:
    """`changelogs`: each with its stage's input topics. Rows as bytes: nothing is decoded, no row can make it hang.

    Raises TimeoutError where the broker gives nothing for so long: partitions that wait for their rows settle nothing,
    and who watches over batches sees none stand still.
    """
    found = {(name, number): Restored() for name in changelogs for number in numbers}
    if not found:
        return found
    inputs = sorted({topic for topics in changelogs.values() for topic in topics})
    async with asyncio.timeout(silent_s_max) as silence:

        def heard() -> None:
            silence.reschedule(asyncio.get_running_loop().time() + silent_s_max)

        committed = await _committed(settings, group, [(t, n) for t in inputs for n in numbers])
        await _rows(settings, found, committed, heard)
    return found


async def _rows(
    settings: Settings,
    found: Mapping[Place, Restored],
    committed: Mapping[Place, int],
    heard: Callable[[], None],
) -> None:
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES_MAX,
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    try:
        await _read(settings, consumer, found, committed, heard)
    finally:
        await consumer.stop()


async def _committed(settings: Settings, group: str, places: Sequence[Place]) -> dict[Place, int]:
    """The group's committed offsets; 0 where there is none."""
    names = {
        aiokafka.TopicPartition(settings.topic_prefix + topic, number): (topic, number)
        for topic, number in places
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        said = await admin.list_consumer_group_offsets(group, partitions=list(names))
        return {place: max(said[tp].offset, 0) for tp, place in names.items() if tp in said}
    finally:
        await admin.close()


async def _read(
    settings: Settings,
    consumer: aiokafka.AIOKafkaConsumer,
    found: Mapping[Place, Restored],
    committed: Mapping[Place, int],
    heard: Callable[[], None],
) -> None:
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
            for record in records:
                _apply(found[names[tp]], record, tp.partition, committed)
            heard()
        for tp in list(ends):
            if await consumer.position(tp) >= ends[tp]:
                del ends[tp]
                consumer.pause(tp)


def _apply(
    restored: Restored,
    record: aiokafka.ConsumerRecord,
    number: int,
    committed: Mapping[Place, int],
) -> None:
    key, headers = (record.key or b"").decode(), tuple(record.headers)
    restored.rows.put(key, record.value, headers)
    messages = unsettled(headers, lambda topic: committed.get((topic, number), 0))
    if messages:
        stamp = _EPOCH + timedelta(milliseconds=record.timestamp)
        restored.pending[key] = (stamp, messages)
    else:
        restored.pending.pop(key, None)
