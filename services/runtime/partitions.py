"""Owned partitions: per stage and number one state, one chain of batches in order, one heap of instants."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.event import Record
from services.runtime.clock import elapsed_s
from services.runtime.quarantine import Flood
from services.runtime.rows import Rows
from services.runtime.settings import Settings
from services.runtime.settle import Place, Restored, Settler
from services.runtime.timers import Timers

Restore = Callable[[Mapping[str, Sequence[str]], Sequence[int]], Awaitable[dict[Place, Restored]]]
"""(changelogs with their stages' inputs, partition numbers) -> what each holds."""
Halt = Callable[[str, BaseException], None]


Batch = tuple[Sequence[Record], Callable[[], None]]
"""Records in order, and how they are acknowledged."""


@dataclass
class Chain:
    """One stage's ordered work on one partition: what waits is settled together, by one task."""

    settler: Settler
    rows: Rows = field(default_factory=Rows)
    timers: Timers = field(default_factory=Timers)
    waiting: deque[Batch] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    settling: bool = False

    def take(self, records_max: int) -> list[Batch]:
        """What waits, oldest first, up to so many records; at least one batch."""
        taken, records = [self.waiting.popleft()], 0
        while self.waiting:
            records += len(taken[-1][0])
            if records + len(self.waiting[0][0]) > records_max:
                break
            taken.append(self.waiting.popleft())
        return taken


@dataclass
class Partition:
    """What one partition number holds; nothing begins before `restored` nor once it is `leaving`."""

    chains: dict[str, Chain]
    restored: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: bool = False


class Partitions:
    """Batches of one chain are settled in order; chains overlap, bounded by `batches_in_flight_max`."""

    def __init__(
        self, settlers: Sequence[Settler], restore: Restore, halt: Halt, settings: Settings
    ) -> None:
        self.settlers, self.restore, self.halt, self.settings = settlers, restore, halt, settings
        self.owned: dict[int, Partition] = {}
        self.room = asyncio.Semaphore(settings.batches_in_flight_max)
        self.loading: set[asyncio.Task[None]] = set()
        self.progress_s = elapsed_s()
        self.running = 0
        self.flooded = ""

    def assign(self, numbers: set[int]) -> None:
        """Restore what is new; rows of what stays are kept."""
        fresh = sorted(numbers - self.owned.keys())
        if not fresh:
            return
        for number in fresh:
            self.owned[number] = Partition({s.stage.name: Chain(s) for s in self.settlers})
        task = asyncio.create_task(self._load({n: self.owned[n] for n in fresh}))
        self.loading.add(task)
        task.add_done_callback(self.loading.discard)

    async def _load(self, fresh: dict[int, Partition]) -> None:
        keyed = {s.changelog: s.stage for s in self.settlers if s.stage.state is not None}
        inputs = {changelog: stage.inputs for changelog, stage in keyed.items()}
        try:
            found = await self.restore(inputs, list(fresh))
            for (changelog, number), restored in found.items():
                chain = fresh[number].chains[keyed[changelog].name]
                await chain.settler.resend(restored)
                chain.rows = restored.rows
                chain.settler.arm(chain.rows, chain.timers)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.halt("restore", error)
            return
        for partition in fresh.values():
            partition.restored.set()

    async def put(
        self, stage: str, number: int, records: Sequence[Record], ack: Callable[[], None]
    ) -> None:
        """Queue one batch; returns when there is room for the next. What is not owned is its owner's to read."""
        partition = self.owned.get(number)
        if partition is None or partition.leaving:
            return
        await self.room.acquire()
        chain = partition.chains[stage]
        chain.waiting.append((records, ack))
        if chain.task is None or chain.task.done():
            chain.task = asyncio.create_task(self._run(partition, chain))

    async def _run(self, partition: Partition, chain: Chain) -> None:
        """Until nothing waits; what waits when the partition leaves is not ours to acknowledge."""
        await partition.restored.wait()
        while chain.waiting and not partition.leaving:
            taken = chain.take(self.settings.batch_records_max)
            try:
                await self._settle(chain, taken)
            except asyncio.CancelledError:
                raise
            except Flood as flood:
                self.flooded = str(flood)
                await asyncio.Event().wait()  # not acknowledged; a person looks and restarts
            except BaseException as error:
                self.halt("settle", error)
            finally:
                self._release(len(taken))
        self._release(len(chain.waiting))
        chain.waiting.clear()

    def _release(self, batches: int) -> None:
        for _ in range(batches):
            self.room.release()

    async def _settle(self, chain: Chain, taken: Sequence[Batch]) -> None:
        started = elapsed_s()
        self.running += 1
        chain.settling = True
        records = [record for some, _ in taken for record in some]
        try:
            async with asyncio.timeout(self.settings.settle_timeout_s):
                await chain.settler.settle(chain.rows, chain.timers, records)
        finally:
            chain.settling = False
            self.running -= 1
        for _, ack in taken:
            ack()
        self.progress_s = elapsed_s()
        chain.settler.metrics.settled(chain.settler.stage.name, self.progress_s - started)

    async def drain(self, numbers: set[int]) -> bool:
        """Begin nothing more there and wait, bounded, for what is under way; False = something still writes.

        What was not begun is replayed by the next owner. Who is not done must not be left to write: a row confirmed
        after the next owner has read the changelog is a decision it does not know (docs/adr/0008).
        """
        leaving = [self.owned[number] for number in numbers & self.owned.keys()]
        for partition in leaving:
            partition.leaving = True
        chains = [chain for partition in leaving for chain in partition.chains.values()]
        tasks = [chain.task for chain in chains if chain.settling and chain.task is not None]
        if not tasks:
            return True
        _, pending = await asyncio.wait(tasks, timeout=self.settings.drain_timeout_s)
        return not pending

    def forget(self, numbers: set[int]) -> None:
        for number in numbers & self.owned.keys():
            self.owned.pop(number).leaving = True

    def restored(self) -> bool:
        return bool(self.owned) and all(p.restored.is_set() for p in self.owned.values())

    def chains(self) -> list[Chain]:
        """Restored chains whose stage has a timer."""
        return [
            chain
            for partition in self.owned.values()
            if partition.restored.is_set()
            for chain in partition.chains.values()
            if chain.settler.stage.timer is not None
        ]
