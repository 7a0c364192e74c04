"""The safe Faust transport: one message a partition batch, commits of the longest acknowledged prefix.

Why each override is there: docs/adr/0005. Nothing else in Anxin imports faust.
"""

import asyncio
import collections
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import faust
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faust.transport import drivers
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from schemas.topics import PARTITIONS

SCHEME = "anxin"
FETCH_WAIT_MS_MAX, FETCH_BYTES_MIN = 40, 1 << 16  # docs/adr/0005
PRESSURE_WAIT_S_MAX = 1.0


class BatchSchema(faust.Schema):  # type: ignore[misc]
    """Hands the list of raw records of one partition batch to the agent, undecoded."""

    def compile(self, app: Any, **_: Any) -> Any:
        async def decode(message: Any, *, propagate: bool = False) -> Any:
            return app.create_event(None, message.value, message.headers, message)

        return decode


class _FixedTopics:
    """Partition counts are fixed for life (schemas.topics), so the assignment needs no broker's word.

    Seen: a broker coming back knows no topics for a moment; a group formed then was assigned nothing, and static
    membership handed that empty assignment to every restart.
    """

    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(range(PARTITIONS))


class FixedRange(RangePartitionAssignor):  # type: ignore[misc]
    """Range: partition n of every input lands on one worker. Faust without tables would take RoundRobin."""

    @classmethod
    def assign(cls, cluster: Any, members: Any) -> Any:
        return super().assign(_FixedTopics(), members)


class Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        self._assignor = FixedRange
        consumer._partition_assignment_strategy = (FixedRange,)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS_MAX
        consumer._fetch_min_bytes = FETCH_BYTES_MIN
        return consumer


class Consumer(driver.Consumer):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._delivered: dict[TP, collections.deque[int]] = collections.defaultdict(
            collections.deque
        )
        self._dropped = asyncio.Event()

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    def on_buffer_drop(self, tp: TP) -> None:
        super().on_buffer_drop(tp)
        self._dropped.set()

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's name
        """Upstream sleeps a whole second while every buffer is full: wait for room instead."""
        if self.flow_active and self._buffered_partitions and not self._get_active_partitions():
            self._dropped.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dropped.wait(), PRESSURE_WAIT_S_MAX)
            if not self._get_active_partitions():
                return {}, set()
        return await super()._wait_next_records(timeout)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        records, _ = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self.perform_seek()
            return
        for key, batch in records.items():
            tp, last = TP(key.topic, key.partition), batch[-1]
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            self._delivered[tp].append(last.offset)
            yield tp, _message(tp, batch, generation)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Gaps lie inside batches: nothing to track."""

    def _new_offset(self, tp: TP) -> int | None:
        """One past the end of the longest acknowledged prefix, or None."""
        queue, acked, end = self._delivered[tp], self._acked_index[tp], None
        while queue and queue[0] in acked:
            end = queue.popleft()
            acked.discard(end)
        if end is None:
            return None
        self._acked[tp][:] = [offset for offset in self._acked[tp] if offset > end]
        return end + 1

    async def wait_first(self, *waits: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109
        """Delivery is not raced against suspension: two tasks a message less, and no message dropped."""
        if timeout is None and len(waits) == 2 and asyncio.iscoroutine(waits[0]):
            waits[1].close()
            await waits[0]
            return None
        return await super().wait_first(*waits, timeout=timeout)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        owner = getattr(self.app, "anxin_partitions", None)
        if revoked and owner is not None and not self.app.should_stop:
            numbers = {tp.partition for tp in revoked}
            if not await owner.drain(numbers):
                owner.halt(
                    "drain", TimeoutError("a batch is still settled while its partition goes")
                )
            await self.commit()
            owner.forget(numbers)
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._delivered.pop(tp, None)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        owner = getattr(self.app, "anxin_partitions", None)
        if (
            owner is not None
        ):  # before the flow begins: a batch of a partition that is not owned is dropped
            owner.assign({tp.partition for tp in assigned})
        await super().on_partitions_assigned(assigned, generation_id)


def _message(tp: TP, batch: list[Any], generation: int) -> ConsumerMessage:
    last = batch[-1]
    return ConsumerMessage(
        tp.topic, tp.partition, last.offset, last.timestamp / 1000, last.timestamp_type,
        (), None, batch, None, 0, 0, tp, generation_id=generation,
    )  # fmt: skip


class Producer(driver.Producer):  # type: ignore[misc]
    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):  # type: ignore[misc]
    Consumer, Producer = Consumer, Producer


def register() -> None:
    drivers.TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"
