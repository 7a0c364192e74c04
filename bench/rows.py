"""Case rows as the real core and the real settle write them, then the same about other cases, due when wanted."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from bench.complaints import Maker, Pattern
from schemas.escalations import DeadlineBreached
from schemas.event import Headers, Record
from schemas.topics import PARTITIONS
from services.escalation.app import NAME, stages
from services.escalation.book import Book
from services.escalation.core.state import Case, Clock
from services.escalation.settings import load_policy
from services.runtime.message import Message
from services.runtime.metrics import EngineMetrics
from services.runtime.rows import Row, Rows, decode_row, encode_row
from services.runtime.settle import Settler, partition_of
from services.runtime.timers import Timers

SETTLED = -1  # an offset below every committed one: the outbox of a row has been sent
FIRES_MAX = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kind:
    """One row's last changelog record; `says`: the types of what its next fire says."""

    case: str
    mark: Message
    row: Row[Case]
    due: datetime
    says: tuple[str, ...]

    def due_at(self, instant: datetime) -> "Kind":
        """Every running clock moved by the same span, so that the earliest armed instant is this one."""
        by, state = instant - self.due, self.row.state
        assert state is not None  # noqa: S101 - kinds have rows
        clocks = tuple(_moved(clock, by) for clock in state.clocks)
        row = Row(state.model_copy(update={"clocks": clocks}), self.row.seen)
        due = str((instant - EPOCH) // timedelta(milliseconds=1)).encode()
        headers: Headers = tuple((n, due if n == "due" else raw) for n, raw in self.mark.headers)
        mark = replace(self.mark, value=encode_row(row), headers=headers)
        return replace(self, mark=mark, row=row, due=instant)

    def copy(self, ordinal: int) -> Message:
        (message,) = Pattern(self.case, (self.mark,)).copy(ordinal)
        return message


class Desk:
    """Escalation's stage without a broker: what it would have sent is kept."""

    def __init__(self, maker: Maker) -> None:
        self.sent: list[Message] = []
        policy, registry = load_policy(maker.settings), CollectorRegistry()
        self.stage, _ = stages(Book(policy), registry)
        metrics = EngineMetrics(registry, NAME)
        self.settler = Settler(NAME, self.stage, PARTITIONS, self._keep, metrics)
        self.rows, self.timers = Rows(), Timers()

    async def _keep(self, messages: Sequence[Message], _: datetime) -> None:
        self.sent += messages

    def give(self, message: Message, at: datetime) -> None:
        key = message.key or b""
        number = partition_of(key.decode(), PARTITIONS)
        record = Record(message.topic, number, SETTLED, at, key, message.value, message.headers)
        asyncio.run(self.settler.settle(self.rows, self.timers, [record]))

    def fire(self, key: str) -> None:
        due = self.rows.due[key]
        self.give(self.settler.command(self.rows, key, due), EPOCH + timedelta(milliseconds=due))


def kinds(maker: Maker, count: int, at: datetime) -> list[Kind]:
    """Opened, routed, unsigned. Half of them next say a warning, half a breach with its first rung."""
    desk, found = Desk(maker), list[Kind]()
    for number, pattern in enumerate(maker.patterns(count, at, routed=True)):
        for message in pattern.messages:
            desk.give(message, at)
        for _ in range(FIRES_MAX):
            kind = _kind(desk, pattern.case)
            if (DeadlineBreached.TYPE in kind.says) == (number % 2 == 1):
                found.append(kind)
                break
            desk.fire(pattern.case)
    return found


def _kind(desk: Desk, case: str) -> Kind:
    """Reads the row and, on a copy of the stage's decision, what its next fire would say."""
    mark = next(
        one
        for one in reversed(desk.sent)
        if one.topic == desk.settler.changelog and one.key == case.encode()
    )
    due = EPOCH + timedelta(milliseconds=desk.rows.due[case])
    command = desk.settler.command(desk.rows, case, desk.rows.due[case])
    record = Record(command.topic, 0, 0, due, command.key, command.value, command.headers)
    row = decode_row(mark.value or b"", Case)
    step = desk.stage.decide(row.state, desk.stage.decode(record), due)
    return Kind(case, mark, row, due, tuple(out.event.type for out in step.events))


def _moved(clock: Clock, by: timedelta) -> Clock:
    def there(at: datetime | None) -> datetime | None:
        return at + by if at else None

    fields: dict[str, Any] = {
        "started_at": there(clock.started_at),
        "due_at": there(clock.due_at),
        "warn_at": tuple(at + by for at in clock.warn_at),
        "next_step_at": there(clock.next_step_at),
    }
    return clock.model_copy(update=fields)


def spread(
    made: Sequence[Kind], count: int, instants: Sequence[datetime], first: int = 0
) -> Iterator[Message]:
    """`count` rows from ordinal `first`; row n is due at instant n and made of kind n, each modulo their number."""
    if len(instants) == 1:
        made = [kind.due_at(instants[0]) for kind in made]
        for number in range(first, first + count):
            yield made[number % len(made)].copy(number)
        return
    for number in range(first, first + count):
        yield made[number % len(made)].due_at(instants[number % len(instants)]).copy(number)


def bytes_of(made: Sequence[Kind]) -> dict[str, int]:
    """Mean bytes of one changelog record: value, headers, and of these the outbox."""
    marks = [kind.mark for kind in made]
    head = [sum(len(name) + len(raw) for name, raw in one.headers) for one in marks]
    outbox = [sum(len(raw) for name, raw in one.headers if name == "out") for one in marks]
    total = len(marks)
    return {
        "value": sum(len(one.value or b"") for one in marks) // total,
        "headers": sum(head) // total,
        "of_which_outbox": sum(outbox) // total,
    }


def mix(made: Sequence[Kind]) -> dict[str, int]:
    return dict(Counter(name for kind in made for name in kind.says))
