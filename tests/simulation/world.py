"""A seeded world: a few weeks of complaints and deeds, three services with their faults, virtual time, one log."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.runtime.message import Message
from services.runtime.settle import Settler
from tests.simulation.fleet import CALM, Fleet, Weather
from tests.simulation.log import EPOCH, Log
from tests.simulation.officers import Done, plan
from tests.simulation.people import Person, Told, hours, person_of, tell, trouble_of

MATTERS = (1, 1, 1, 1, 1, 1, 2, 3)
LONG_EVERY, LONG = 7, 4
"""Of so many worlds, which goes the formal way to its end, with records and deeds that are told late."""
PERIODS = timedelta(days=200)  # a decision's six months
STEPS_MAX = 100_000
LAG_MAX = timedelta(hours=2)
"""Longest a record waits unread while others go on: four hops stay below the day that early commands are parked."""
SPAN_DAYS_MAX = 21
TAIL_DAYS = (3, 3, 3, 5, 8, 20, 100)
"""After the last deed: parked commands end, clocks lapse and climb."""


@dataclass(frozen=True)
class Script:
    """What the outside does, in order of instants; the same for every run of a world."""

    start: datetime
    end: datetime
    told: tuple[Told, ...]
    done: tuple[Done, ...]
    people: tuple[Person, ...]

    def items(self) -> list[tuple[datetime, Message]]:
        both = [(t.at, t.message) for t in self.told] + [(d.at, d.message()) for d in self.done]
        return sorted(both, key=lambda one: one[0])


def script_of(seed: int) -> Script:
    rng = random.Random(seed)
    start = datetime(2026, 1, 5, tzinfo=UTC) + hours(rng, 24 * 240)
    people = [person_of(rng, number) for number in range(rng.randint(1, 2))]
    long = seed % LONG_EVERY == LONG
    told: list[Told] = []
    done: list[Done] = []
    for number in range(rng.choice(MATTERS)):
        trouble = trouble_of(rng, rng.choice(people))
        at = start + hours(rng, 24 * SPAN_DAYS_MAX)
        group: list[Told] = []
        for channel in range(rng.choice((1, 1, 1, 1, 2, 2, 3))):
            group += tell(rng, trouble, at, f"W{seed}-{number}-{channel}")
            at += rng.choice((timedelta(0), timedelta(minutes=5), hours(rng, 48), hours(rng, 240)))
        group = _late(group) if long else group
        told += group
        done += plan(rng, group, long=long)
    if rng.random() < 0.5:  # everything in bursts: many things at one instant
        told = [replace(one, at=_coarse(one.at)) for one in told]
        done = [replace(one, at=_coarse(one.at)) for one in done]
    last = max([one.at for one in told] + [one.at for one in done])
    tail = timedelta(days=rng.choice(TAIL_DAYS)) + (PERIODS if long else timedelta(0))
    return Script(start, last + tail, tuple(told), tuple(done), tuple(people))


def _late(group: list[Told]) -> list[Told]:
    """The channel hands a record on days after it had it: an older one joins the newer. By dice of its own."""
    rng = random.Random(f"late {group[0].number}")
    delay = {one.submission: hours(rng, 72) * rng.randint(0, 1) for one in group}
    return [replace(one, at=one.at + delay[one.submission]) for one in group]


def apart(script: Script) -> Script:
    """No two records at one instant: which of two opens their case is then no matter of chance."""
    taken: set[datetime] = set()
    told = []
    for one in script.told:
        at = one.at
        while at in taken:
            at += timedelta(seconds=1)
        taken.add(at)
        told.append(replace(one, at=at))
    return replace(script, told=tuple(told))


def _coarse(at: datetime) -> datetime:
    """Up to the next full eight hours."""
    step = timedelta(hours=8)
    return at + (-(at - EPOCH)) % step


HARD = Weather(crash=0.15, refuse=0.1, rebalance=0.1, lag=0.9, stale=0.3, batch_max=3)


def weather_of(seed: int) -> Weather:
    """A fifth of the worlds is calm, a tenth hard; the others have some faults, not all."""
    rng = random.Random(f"weather {seed}")
    kind = rng.random()
    if kind < 0.3:
        return CALM if kind < 0.2 else HARD

    def chance(most: float) -> float:
        return rng.choice((0.0, rng.random() * most))

    return Weather(
        crash=chance(0.05), refuse=chance(0.05), rebalance=chance(0.05), lag=chance(1.0),
        stale=chance(1.0), batch_max=rng.choice((1, 5, 1000)),
    )  # fmt: skip


def world_of(seed: int) -> "World":
    """The world of a number, whole: what happens, its faults, its order."""
    return World(seed, weather_of(seed), patient=seed % 2 == 0)


@dataclass
class World:
    """`patient`: time stands still until everything published is settled (the stepped clock); else it runs on."""

    seed: int
    weather: Weather
    patient: bool
    order: int = 0
    settler: type[Settler] = Settler
    script: Script | None = None

    def __post_init__(self) -> None:
        self.script = self.script or script_of(self.seed)
        self.rng = random.Random(f"order {self.seed} {self.order}")
        stepped = random.Random(f"stamp {self.seed}").random() < 0.5
        self.log = Log(self.script.start, stepped, self.rng)
        self.fleet = Fleet(self.log, self.weather, self.rng, self.settler)
        self.outside = self.script.items()
        self.steps = 0

    def run(self) -> "World":
        while self._step():
            self.steps += 1
            if self.steps > STEPS_MAX:
                raise AssertionError(f"world {self.seed} does not come to rest")
        return self

    def settle(self) -> None:
        """Everything published is read, everything due is said; time stands."""
        while self.fleet.ready or self.fleet.fire():
            if self.fleet.ready:
                self.fleet.deliver(self.rng.choice(list(self.fleet.ready.values())))

    def _step(self) -> bool:
        """One thing happens; False = nothing is left to happen before the end."""
        self._befall()
        if self.fleet.ready and (self.patient or self.rng.random() < 0.8 or self._overdue()):
            self.fleet.deliver(self.rng.choice(list(self.fleet.ready.values())))
            return True
        if (self.patient or self.rng.random() < 0.5 or not self.fleet.ready) and self.fleet.fire():
            return True
        return bool(self._move() or self.fleet.ready)

    def _befall(self) -> None:
        weather, rng, fleet = self.weather, self.rng, self.fleet
        if fleet.seats and fleet.strikes(weather.rebalance):
            fleet.rebalance(rng.choice(list(fleet.seats.values())))
        if weather.stale and rng.random() < weather.stale * 0.1:
            fleet.fire_stale()

    def _overdue(self) -> bool:
        """Somebody reads it now: no record waits for hours while others go on."""
        oldest = min(
            self.log.partitions[topic, seat.number][seat.position.get(topic, 0)].timestamp
            for seat, topic in self.fleet.ready.values()
        )
        return self.log.now - oldest > LAG_MAX

    def _move(self) -> bool:
        """Time goes to the next deed, the next armed instant, or some steps on; what is due by then is sent."""
        steps = [at for at, _ in self.outside[:1]]
        due = self.fleet.due_rows()
        steps += [EPOCH + timedelta(milliseconds=min(due))] if due else []
        if self.fleet.ready and not self.patient:
            steps.append(self.log.now + hours(self.rng, 1))
        elif not self.patient and self.outside and self.rng.random() < 0.3:
            steps = steps[:1]  # every timer is late
        steps = [at for at in steps if at <= self.script.end]
        if not steps:
            return False
        self.log.now = max(self.log.now, min(steps))
        moved = False
        while self.outside and self.outside[0][0] <= self.log.now:
            at, message = self.outside.pop(0)
            self.log.append(message, at)
            moved = True
        return moved or self.log.now < self.script.end or bool(self.fleet.due_rows())
