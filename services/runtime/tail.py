"""Reading topics back from their beginning, without a group: what a driver, a report or a person looks at."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.event import Record
from schemas.topics import BY_NAME
from services.runtime.clock import elapsed_s
from services.runtime.publish import BOOTSTRAP_MS_MAX, NotNow, away
from services.runtime.settings import Settings

FETCH_WAIT_MS = 20
CATCH_UP_S_MAX = 60.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Position = tuple[str, int]
"""Logical topic and partition number."""


class TailError(RuntimeError):
    """The broker did not hand over what it has."""


class Tail:
    """`catch_up` returns what is new since the last call, in order within each partition."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        topics: Sequence[str],
        numbers: Sequence[int] = (),
        *,
        begin: Mapping[Position, int] | None = None,
        wait_ms: int = FETCH_WAIT_MS,
    ) -> None:
        """`numbers`: only these partitions; none = all. `begin`: offsets to read from, else the beginning.

        Raises NotNow.
        """
        self.prefix, self.wait_ms = prefix, wait_ms
        try:
            self._consumer: Any = KafkaConsumer(
                bootstrap_servers=bootstrap,
                bootstrap_timeout_ms=BOOTSTRAP_MS_MAX,
                enable_auto_commit=False,
                auto_offset_reset="earliest",  # a place that is no more: rather again than not at all
                fetch_max_wait_ms=wait_ms,
            )
        except KafkaError as error:
            raise NotNow(away(bootstrap, error)) from None
        self._parts = {
            (name, number): TopicPartition(prefix + name, number)
            for name in topics
            for number in numbers or range(BY_NAME[name].partitions)
        }
        self._consumer.assign(list(self._parts.values()))
        self._consumer.seek_to_beginning(*self._parts.values())
        for position, offset in (begin or {}).items():
            self._consumer.seek(self._parts[position], offset)
        self._next: dict[Position, int] = dict.fromkeys(self._parts, 0) | dict(begin or {})

    def catch_up(self, ends: Mapping[Position, int] | None = None) -> list[Record]:
        """Up to `ends` (of more partitions than ours, too), or up to the ends at the time of the call."""
        wanted = self._ends() if ends is None else {p: ends[p] for p in self._parts}
        found: list[Record] = []
        deadline = elapsed_s() + CATCH_UP_S_MAX
        while behind := [p for p, end in wanted.items() if self._next[p] < end]:
            if elapsed_s() > deadline:
                raise TailError(f"{behind[0]} could not be read up to {wanted[behind[0]]}")
            found += self._poll()
            for position in behind:  # compaction leaves holes, also at the end
                self._next[position] = self._consumer.position(self._parts[position])
        return found

    def poll(self) -> list[Record]:
        """What has come, after `wait_ms` at most; nothing where the broker is away."""
        return self._poll()

    def at_end(self) -> bool:
        """Whether everything the broker said it has was handed over."""
        return all(
            (high := self._consumer.highwater(part)) is not None
            and self._consumer.position(part) >= high
            for part in self._parts.values()
        )

    def _ends(self) -> dict[Position, int]:
        said = self._consumer.end_offsets(list(self._parts.values()))
        return {position: said[part] for position, part in self._parts.items()}

    def _poll(self) -> list[Record]:
        batches = self._consumer.poll(timeout_ms=self.wait_ms)
        return [self._record(raw) for batch in batches.values() for raw in batch]

    def _record(self, raw: Any) -> Record:
        return Record(
            raw.topic.removeprefix(self.prefix),
            raw.partition,
            raw.offset,
            _EPOCH + timedelta(milliseconds=raw.timestamp),
            raw.key,
            raw.value,
            tuple(raw.headers),
        )

    def close(self) -> None:
        self._consumer.close()


def read_all(
    settings: Settings, topics: Sequence[str], numbers: Sequence[int] = ()
) -> list[Record]:
    """Once, up to the ends at the time of the call. Raises NotNow."""
    try:
        tail = Tail(settings.kafka, settings.topic_prefix, topics, numbers)
        try:
            return tail.catch_up()
        finally:
            tail.close()
    except (KafkaError, TailError) as error:
        raise NotNow(away(settings.kafka, error)) from None
