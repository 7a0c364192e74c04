"""The demo's replay without processes: what it moves, asks and sends, done by the simulated fleet and its log."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.event import Out, Record
from services.demo.replay import WATCH
from services.runtime.clock import write_stepped
from services.runtime.message import Message
from services.runtime.publish import message_of
from services.runtime.settings import Settings
from services.runtime.stepper import Settled
from tests.simulation.fleet import Fleet, Weather
from tests.simulation.log import EPOCH, Log


@dataclass
class Paper:
    """Stands where a Stepper and where a Publisher stand."""

    start: datetime
    weather: Weather
    folder: Path
    seed: int = 1
    seen: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.log = Log(self.start, True, self.rng)
        self.fleet = Fleet(self.log, self.weather, self.rng)
        self.settings = Settings(clock=f"stepped:{self.folder / 'clock'}")
        self.move(self.start)

    # a Stepper
    def move(self, at: datetime) -> None:
        self.log.now = at
        write_stepped(self.folder / "clock", at)

    def settle(self) -> Settled:
        while self.fleet.ready or self._due() <= self.log.now:
            if self.fleet.ready:
                self.fleet.deliver(self.rng.choice(list(self.fleet.ready.values())))
            else:
                self.fleet.fire()
        due = self._due()
        return Settled(None if due == _NEVER else due, 0.0, tuple(self._news()))

    def _due(self) -> datetime:
        rows = self.fleet.due_rows()
        return EPOCH + timedelta(milliseconds=min(rows)) if rows else _NEVER

    def _news(self) -> Iterator[Record]:
        for place, records in self.log.partitions.items():
            if place[0] in WATCH:
                yield from records[self.seen.get(place, 0) :]
                self.seen[place] = len(records)

    # a Publisher
    def send(self, message: Message, at: datetime) -> None:
        self.log.append(message, at)

    def event(self, out: Out, at: datetime) -> None:
        self.send(message_of(out), at)

    def each(
        self, items: Iterable[tuple[Any, Message | None]], at: datetime
    ) -> Iterator[tuple[Any, None]]:
        for item, message in items:
            if message is not None:
                self.send(message, at)
            yield item, None


_NEVER = datetime.max.replace(tzinfo=EPOCH.tzinfo)
