"""The workers of the three services around the real `Settler.settle` and `Timing.turn`, and what may befall them."""

import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.event import Record
from schemas.topics import PARTITIONS
from services.escalation import app as escalation
from services.escalation.book import Book
from services.escalation.settings import load_policy as escalation_policy
from services.intake import app as intake
from services.router import app as router
from services.router.settings import load_policy as router_policy
from services.runtime.clock import ManualClock
from services.runtime.message import Message
from services.runtime.partitions import Chain
from services.runtime.quarantine import Quota
from services.runtime.settings import Settings
from services.runtime.settle import Settler, heeded
from services.runtime.stage import Input, Stage
from services.runtime.timing import Timing
from tests.simulation.log import EPOCH, Log
from tests.support.intake import KEY, policy

WORKERS = 2
FIRES_MAX = 3
FAULTS_MAX = 40
"""Then the weather clears: a world in which nothing but faults happens would not end."""


class PulledError(Exception):
    """The plug of this worker."""


class Mute:
    """Metrics nobody reads."""

    def __getattr__(self, _: str) -> "Mute":
        return self

    def __call__(self, *_: object, **__: object) -> "Mute":
        return self


@cache
def services() -> dict[str, list[Stage[Any]]]:
    """The three apps as they are wired, once a process. Enriching runs inside decoding: no thread is needed."""
    settings, registry = Settings(), CollectorRegistry()
    found = {
        intake.NAME: intake.stages(policy(), lambda ids: dict.fromkeys(ids, KEY), registry),
        router.NAME: router.stages(router_policy(settings), registry),
        escalation.NAME: escalation.stages(Book(escalation_policy(settings)), registry),
    }
    return {app: [_in_line(stage) for stage in stages] for app, stages in found.items()}


def _in_line(stage: Stage[Any]) -> Stage[Any]:
    enrich = stage.enrich
    if enrich is None:
        return stage

    def decode(record: Record) -> Input:
        return enrich([stage.decode(record)])[0]

    return replace(stage, decode=decode, enrich=None)


@dataclass(frozen=True)
class Weather:
    """Chances of each fault at each step; of `lag`: that what was acknowledged is not committed yet."""

    crash: float = 0.0
    refuse: float = 0.0
    rebalance: float = 0.0
    lag: float = 0.0
    stale: float = 0.0
    batch_max: int = 1000


CALM = Weather()


@dataclass
class Seat:
    """One partition number of one service, held by `worker`. `chains` None = to be restored first."""

    app: str
    number: int
    worker: int = 0
    chains: dict[str, Chain] | None = None
    position: dict[str, int] = field(default_factory=dict)


Lane = tuple[Seat, str]
"""A seat and one of its topics."""


class Fleet:
    """Everything that runs. Raises nothing: a worker that fails is started again by its runner."""

    def __init__(
        self, log: Log, weather: Weather, rng: random.Random, settler: type[Settler] = Settler
    ) -> None:
        self.log, self.weather, self.rng = log, weather, rng
        self.settlers = {
            app: [
                settler(
                    app,
                    self._noting(stage),
                    PARTITIONS,
                    self.confirm,
                    Mute(),
                    Quota(10**9),
                    self.crash,
                )
                for stage in stages
            ]
            for app, stages in services().items()
        }
        self.stage_of = {
            (app, topic): one.stage.name
            for app, settlers in self.settlers.items()
            for one in settlers
            for topic in one.stage.inputs
        }
        self.readers: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for app, settlers in self.settlers.items():
            for stage in (one.stage for one in settlers):
                for topic in stage.inputs:
                    self.readers.setdefault(topic, []).append((app, stage.heeds))
        self.timed = {
            app
            for app, settlers in self.settlers.items()
            if any(one.stage.timer is not None for one in settlers)
        }
        self.seats: dict[tuple[str, int], Seat] = {}
        self.ready: dict[tuple[str, int, str], Lane] = {}
        self.stale: list[Chain] = []
        self.faults = 0
        self.clock = ManualClock(log.now)
        log.told = self.told

    def _noting(self, stage: Stage[Any]) -> Stage[Any]:
        """What was decoded once need not be decoded again to be judged."""

        def decode(record: Record) -> Input:
            item = stage.decode(record)
            place = (record.topic, record.partition, record.offset)
            self.log.events[place] = (record, item.event)
            return item

        return replace(stage, decode=decode)

    def told(self, record: Record) -> None:
        topic, number = record.topic, record.partition
        for app, heeds in self.readers.get(topic, ()):
            seat = self.seats.get((app, number))
            if seat is None:
                seat = Seat(app, number, self.rng.randrange(WORKERS))
                self.seats[app, number] = seat
            next_to_read = seat.position.get(topic, 0) == record.offset
            if next_to_read and seat.chains is not None and not heeded(record, heeds):
                seat.position[topic] = record.offset + 1  # acknowledged by its header, as it comes
            else:
                self.ready[app, number, topic] = (seat, topic)

    async def confirm(self, messages: Sequence[Message], stamp: datetime) -> None:
        if self.strikes(self.weather.refuse):
            self.log.some(messages, stamp)
            raise PulledError("not confirmed")
        for one in messages:
            self.log.append(one, stamp)

    def strikes(self, chance: float) -> bool:
        return bool(chance) and self.faults < FAULTS_MAX and self.rng.random() < chance

    def crash(self, point: str) -> None:
        if self.strikes(self.weather.crash):
            raise PulledError(point)

    def deliver(self, lane: Lane) -> None:
        """One batch of any size to its chain; acknowledged, and committed now or later."""
        seat, topic = lane
        chain = self.restored(seat)[self.stage_of[seat.app, topic]]
        records = self.log.partitions[topic, seat.number][seat.position.get(topic, 0) :]
        if len(records) > self.weather.batch_max:
            records = records[: self.rng.randint(1, self.weather.batch_max)]
        try:
            self.crash("before")
            run(chain.settler.settle(chain.rows, chain.timers, records))
            self.crash("after")
        except PulledError:
            self.pull(seat.app, seat.worker)
            return
        seat.position[topic] = end = records[-1].offset + 1
        if end >= len(self.log.partitions[topic, seat.number]):
            self.ready.pop((seat.app, seat.number, topic), None)
        if not self.weather.lag or self.rng.random() > self.weather.lag:
            self.commit(seat)

    def restored(self, seat: Seat) -> dict[str, Chain]:
        """Rows from the changelogs; what a predecessor decided and may not have said is said first."""
        while seat.chains is None:
            chains = {one.stage.name: Chain(one) for one in self.settlers[seat.app]}
            try:
                for chain in chains.values():
                    self._load(seat, chain)
                seat.chains = chains
            except PulledError:
                self.pull(seat.app, seat.worker)
        return seat.chains

    def _load(self, seat: Seat, chain: Chain) -> None:
        if chain.settler.stage.state is None:
            return

        def committed(topic: str) -> int:
            return self.log.committed.get((seat.app, topic, seat.number), 0)

        restored = self.log.restored(chain.settler.changelog, seat.number, committed)
        run(chain.settler.resend(restored))
        chain.rows = restored.rows
        chain.settler.arm(chain.rows, chain.timers)

    def commit(self, seat: Seat) -> None:
        """Where commits lag, of some topics: each partition commits for itself."""
        for topic, end in seat.position.items():
            if not self.weather.lag or self.rng.random() < 0.7:
                self.log.committed[seat.app, topic, seat.number] = end

    def pull(self, app: str, worker: int) -> None:
        """Every seat of the worker begins again at what was committed."""
        self.faults += 1
        for seat in list(self.seats.values()):
            if (seat.app, seat.worker) == (app, worker):
                self.lose(seat)

    def lose(self, seat: Seat) -> None:
        if seat.chains is not None and self.weather.stale:
            self.stale += [c for c in seat.chains.values() if c.settler.stage.timer is not None]
        seat.chains = None
        for topic in list(seat.position):
            begin = self.log.committed.get((seat.app, topic, seat.number), 0)
            seat.position[topic] = begin
            if begin < len(self.log.partitions[topic, seat.number]):
                self.ready[seat.app, seat.number, topic] = (seat, topic)

    def rebalance(self, seat: Seat) -> None:
        """To another worker; what was acknowledged is committed first, unless the old one was too slow."""
        self.faults += 1
        if self.rng.random() < 0.5:
            self.commit(seat)
        self.lose(seat)
        seat.worker = (seat.worker + 1) % WORKERS

    def timed_seats(self) -> list[Seat]:
        return [seat for seat in self.seats.values() if seat.app in self.timed]

    def fire(self) -> int:
        """One turn of every timer loop; how many commands went out."""
        fired = 0
        for worker in range(WORKERS):
            chains = [
                chain
                for seat in self.timed_seats()
                if seat.worker == worker
                for chain in self.restored(seat).values()
                if chain.settler.stage.timer is not None
            ]
            try:
                fired += self._turn(chains)
            except PulledError:
                self.pull(escalation.NAME, worker)
                fired += 1
        return fired

    def fire_stale(self) -> None:
        """A worker that was put out and does not know it yet."""
        if self.stale:
            with_rows, self.stale = self.stale, []
            try:
                self._turn(with_rows)
            except PulledError:
                self.faults += 1

    def _turn(self, chains: list[Chain]) -> int:
        now_ms = (self.log.now - EPOCH) // timedelta(milliseconds=1)
        due = any(at <= now_ms for chain in chains for at in chain.rows.due.values())
        if not due and self.rng.random() < 0.9:  # now and then with nothing to do, too
            return 0
        self.clock.at = self.log.now
        settings = SimpleNamespace(fires_per_turn_max=FIRES_MAX)
        owned = SimpleNamespace(chains=lambda: chains, settlers=())
        timing = Timing(owned, self.clock, self.confirm, Mute(), settings)  # type: ignore[arg-type]
        return int(run(timing.turn()))

    def due_rows(self) -> list[int]:
        """Armed instants of all rows, milliseconds."""
        return [
            at
            for seat in self.timed_seats()
            for chain in self.restored(seat).values()
            for at in chain.rows.due.values()
        ]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """To its end at once: nothing here waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise RuntimeError("the simulation must not wait")
