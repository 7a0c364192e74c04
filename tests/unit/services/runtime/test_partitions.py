"""Hand-over of partitions: nobody writes for what is another's, and what was not begun is not acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from schemas.event import Record
from services.runtime.partitions import Partitions
from services.runtime.quarantine import Flood
from services.runtime.settle import Restored

AT = datetime(2026, 1, 5, tzinfo=UTC)
ENTERED_S_MAX = 5.0


class Gated:
    """A settler whose batches end when told to."""

    changelog = "router-route-changelog"

    def __init__(self, failure: Exception | None = None) -> None:
        self.stage = SimpleNamespace(name="route", state=object, inputs=("submissions",))
        self.metrics = SimpleNamespace(settled=lambda *_: None)
        self.failure = failure
        self.begun: list[list[int]] = []
        self.entered, self.gate = asyncio.Event(), asyncio.Event()

    async def settle(self, rows: object, timers: object, records: Sequence[Record]) -> None:
        self.begun.append([one.offset for one in records])
        self.entered.set()
        if self.failure is not None:
            raise self.failure
        await self.gate.wait()

    async def resend(self, restored: Restored) -> None:
        return None

    def arm(self, rows: object, timers: object) -> None:
        return None


class House:
    """Partitions over one gated stage. `restores`: numbers read, in order; `acked`: offsets."""

    def __init__(self, failure: Exception | None = None, drain_timeout_s: float = 0.01) -> None:
        self.settler = Gated(failure)
        self.restores: list[int] = []
        self.acked: list[int] = []
        self.halts: list[str] = []
        settings = SimpleNamespace(
            batches_in_flight_max=8,
            batch_records_max=3,
            settle_timeout_s=60.0,
            drain_timeout_s=drain_timeout_s,
        )
        halt = lambda where, error: self.halts.append(where)  # noqa: E731
        self.partitions = Partitions([self.settler], self.restore, halt, settings)  # type: ignore[list-item,arg-type]

    async def restore(self, changelogs: object, numbers: Sequence[int]) -> dict[Any, Restored]:
        self.restores += numbers
        return {(self.settler.changelog, number): Restored() for number in numbers}

    async def put(self, number: int, offset: int) -> None:
        record = Record("submissions", number, offset, AT, b"k", b"v", ())
        await self.partitions.put("route", number, [record], lambda: self.acked.append(offset))

    async def entered(self) -> None:
        await asyncio.wait_for(self.settler.entered.wait(), ENTERED_S_MAX)

    async def settled(self) -> None:
        chain = self.partitions.owned[3].chains["route"]
        if chain.task is not None:
            await asyncio.wait_for(asyncio.shield(chain.task), ENTERED_S_MAX)


def story(tell: Callable[[House], Awaitable[None]], **more: Any) -> House:
    async def run() -> House:
        house = House(**more)
        house.partitions.assign({3})
        await tell(house)
        return house

    return asyncio.run(run())


def test_what_is_not_owned_is_dropped_and_never_adopted() -> None:
    async def tell(house: House) -> None:
        await house.put(7, 0)
        house.partitions.forget({3})
        await house.put(3, 1)

    house = story(tell)
    assert house.partitions.owned == {}
    assert house.settler.begun == house.acked == []
    assert 7 not in house.restores


def test_a_drain_waits_for_what_is_under_way_and_begins_nothing_more() -> None:
    async def tell(house: House) -> None:
        await house.put(3, 0)
        await house.entered()
        await house.put(3, 1)
        draining = asyncio.create_task(house.partitions.drain({3}))
        await asyncio.sleep(0)
        await house.put(3, 2)
        house.settler.gate.set()
        assert await draining
        await house.settled()

    house = story(tell, drain_timeout_s=ENTERED_S_MAX)
    assert house.settler.begun == [[0]]
    assert house.acked == [0]


def test_what_waited_is_settled_together_in_order_and_within_bounds() -> None:
    async def tell(house: House) -> None:
        await house.put(3, 0)
        await house.entered()
        for offset in range(1, 6):
            await house.put(3, offset)
        house.settler.gate.set()
        await house.settled()

    house = story(tell)
    assert house.settler.begun == [[0], [1, 2, 3], [4, 5]]
    assert house.acked == [0, 1, 2, 3, 4, 5]
    assert house.partitions.room._value == 8  # all places are free again


def test_what_a_leaving_partition_had_waiting_gives_its_places_back() -> None:
    async def tell(house: House) -> None:
        await house.put(3, 0)
        await house.entered()
        await house.put(3, 1)
        house.partitions.forget({3})
        house.settler.gate.set()
        house.partitions.assign({3})
        await house.put(3, 1)
        await house.settled()

    house = story(tell)
    assert house.settler.begun == [[0], [1]]
    assert house.partitions.room._value == 8


def test_a_drain_says_when_something_still_writes() -> None:
    async def tell(house: House) -> None:
        await house.put(3, 0)
        await house.entered()
        assert not await house.partitions.drain({3})

    assert story(tell).acked == []


def test_a_flooded_chain_writes_nothing_and_holds_up_nobody() -> None:
    async def tell(house: House) -> None:
        await house.put(3, 0)
        await house.entered()
        await asyncio.sleep(0)
        assert await house.partitions.drain({3})

    house = story(tell, failure=Flood("too much"))
    assert house.partitions.flooded == "too much"
    assert house.acked == house.halts == []


def test_a_partition_that_comes_back_is_read_anew() -> None:
    async def tell(house: House) -> None:
        house.settler.gate.set()
        await house.put(3, 0)
        await house.settled()
        assert await house.partitions.drain({3})
        house.partitions.forget({3})
        house.partitions.assign({3})
        await house.put(3, 1)
        await house.settled()

    house = story(tell)
    assert house.restores == [3, 3]
    assert house.acked == [0, 1]
