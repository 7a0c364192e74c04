"""A checker has its own failing test: engines broken on purpose, each caught within some worlds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from schemas.event import Record
from services.escalation.core.state import Case
from services.runtime.message import Message
from services.runtime.rows import Row, Rows
from services.runtime.settle import Restored, Settler
from services.runtime.timers import Timers
from tests.simulation.fleet import PulledError
from tests.simulation.invariants import broken
from tests.simulation.world import HARD, World, world_of

SEEDS = range(160)


class SaysBeforeItRemembers(Settler):
    """Outputs first, then the row: the replay decides anew."""

    def _mark(self, key: str, touched: Any) -> Message:
        mark = super()._mark(key, touched)
        return replace(mark, headers=tuple(h for h in mark.headers if h[0] not in ("at", "out")))

    async def _flush(self, rows: Rows, timers: Timers, *more: Any) -> None:
        work, stamp = more
        await self.confirm(work.outputs, stamp)
        work.outputs = []
        self.crash("outputs")
        await super()._flush(rows, timers, *more)


class ForgetsTheOutbox(Settler):
    """A row that was remembered and never said."""

    async def resend(self, restored: Restored) -> None:
        return None


class ForgetsIds(Settler):
    def _before(self, rows: Rows, key: str) -> Row[Any]:
        return replace(super()._before(rows, key), seen=b"")


class HoldsTheRowBefore(Settler):
    """What it keeps decoded is older than what it wrote."""

    def _remember(self, rows: Rows, timers: Timers, marks: Sequence[Message], work: Any) -> None:
        model = self.stage.state or Case
        before = {key: rows.row(key, model) for key in work.rows if key in rows.raw}
        super()._remember(rows, timers, marks, work)
        for key, row in before.items():
            rows.hold(key, row)


class AcknowledgesFailures(Settler):
    async def settle(self, rows: Rows, timers: Timers, records: Sequence[Record]) -> None:
        try:
            await super().settle(rows, timers, records)
        except Exception:
            return


class WritesAfterItsPartitionsWentOn(Settler):
    """Put out amid a batch, it confirms its rows when its successor has read the changelog and decided."""

    held: ClassVar[list[Message]] = []

    async def _flush(self, rows: Rows, timers: Timers, *more: Any) -> None:
        work, stamp = more
        late, self.held[:] = self.held[:], []
        marks = [self._mark(key, touched) for key, touched in work.rows.items()]
        try:
            self.crash("evicted")
        except PulledError:
            self.held[:] = marks
            raise
        await super()._flush(rows, timers, *more)
        await self.confirm(late, stamp)


class SkipsRungs(Settler):
    """Its timer does not arm the steps after a breach."""

    def _due_ms(self, state: BaseModel | None) -> int | None:
        if isinstance(state, Case):
            waiting = tuple(clock for clock in state.clocks if not clock.breached)
            state = state.model_copy(update={"clocks": waiting})
        return super()._due_ms(state)


@pytest.mark.parametrize(
    "mutant",
    [
        SaysBeforeItRemembers,
        ForgetsTheOutbox,
        ForgetsIds,
        HoldsTheRowBefore,
        AcknowledgesFailures,
        WritesAfterItsPartitionsWentOn,
        SkipsRungs,
    ],
)
def test_a_broken_engine_is_found(mutant: type[Settler]) -> None:
    found = (s for s in SEEDS if broken(World(s, HARD, patient=False, settler=mutant).run()))
    seed = next(found, None)
    assert seed is not None, f"{mutant.__name__} lives in all {len(SEEDS)} worlds"
    assert broken(World(seed, HARD, patient=False).run()) == []


def test_a_leak_is_found() -> None:
    world = world_of(4).run()
    phone = world.script.people[0].phone
    assert broken(world) == []
    changelog = next(name for name in world.log.partitions if name[0] == "router-route-changelog")
    record = world.log.partitions[changelog][0]
    world.log.partitions[changelog].insert(0, replace(record, value=f"call {phone}".encode()))
    assert any(text.startswith("personal") for text in broken(world))


def test_a_lost_submission_is_found() -> None:
    world = world_of(4).run()
    seen = [name for name in world.log.partitions if name[0] == "escalation-advance-changelog"]
    for name in seen:
        del world.log.partitions[name]
    assert any("is in 0 cases" in text for text in broken(world))
