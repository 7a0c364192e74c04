"""The broker as a value: topics of 24 partitions, offsets, stamps, headers, committed offsets, compacted changelogs."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from schemas.codec import decode
from schemas.event import Event, Record
from schemas.topics import BY_NAME
from services.runtime.message import Message
from services.runtime.outbox import Committed, unsettled
from services.runtime.settle import Restored, partition_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Log:
    """`now`: the broker's clock. `events`: by place, what a stage has decoded.

    `stepped`: the sender stamps, as with CreateTime; else the broker does (ADR 1).
    """

    now: datetime
    stepped: bool
    rng: random.Random
    told: Callable[[Record], None] = lambda record: None
    partitions: dict[tuple[str, int], list[Record]] = field(default_factory=dict)
    committed: dict[tuple[str, str, int], int] = field(default_factory=dict)
    events: dict[tuple[str, int, int], tuple[Record, Event]] = field(default_factory=dict)

    def append(self, message: Message, stamp: datetime) -> None:
        count = BY_NAME[message.topic].partitions
        number = message.partition
        if number is None:
            key = message.key
            number = self.rng.randrange(count) if key is None else place_of(key, count)
        records = self.partitions.setdefault((message.topic, number), [])
        at = stamp if self.stepped else self.now
        record = Record(
            message.topic, number, len(records), whole_ms(at), message.key, message.value,
            message.headers,
        )  # fmt: skip
        records.append(record)
        self.told(record)

    def some(self, messages: Sequence[Message], stamp: datetime) -> None:
        """What stands there after a send that failed: of each partition a prefix, perhaps all."""
        alive: dict[tuple[str, object], bool] = {}
        for one in messages:
            place = (one.topic, one.partition if one.partition is not None else one.key)
            alive[place] = alive.get(place, True) and self.rng.random() < 0.6
            if alive[place]:
                self.append(one, stamp)

    def event(self, record: Record) -> Event:
        held, event = self.events.get((record.topic, record.partition, record.offset), (None, None))
        return event if event is not None and held is record else decode(record)

    def of(self, topic: str) -> list[Record]:
        """All records, partition after partition."""
        return [
            record
            for (name, _), records in sorted(self.partitions.items())
            if name == topic
            for record in records
        ]

    def records(self) -> list[Record]:
        """All that stands on all topics."""
        return [record for place in sorted(self.partitions) for record in self.partitions[place]]

    def restored(self, changelog: str, number: int, committed: Committed) -> Restored:
        """What a restore reads: of each key the last mark, as after compaction, and its outbox."""
        last = {one.key: one for one in self.partitions.get((changelog, number), ())}
        found = Restored()
        for record in last.values():
            key = (record.key or b"").decode()
            found.rows.put(key, record.value, record.headers)
            messages = unsettled(record.headers, committed)
            if messages:
                found.pending[key] = (record.timestamp, messages)
        return found


@lru_cache(4096)
def place_of(key: bytes, count: int) -> int:
    return partition_of(key.decode(), count)


def whole_ms(at: datetime) -> datetime:
    """As a broker keeps it."""
    return EPOCH + (at - EPOCH) // timedelta(milliseconds=1) * timedelta(milliseconds=1)
