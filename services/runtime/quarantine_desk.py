"""A person at the quarantine: what lies there, what it was, and back it goes, repaired where needed.

That a record was sent again is itself a record of the topic, under the same key, written after the broker confirmed
the first. A plug pulled in between leaves the record to be sent once more: the same id, taken once.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.audit import QuarantineRedriven
from schemas.event import Headers, Record
from schemas.topics import BY_NAME
from services.runtime import audit
from services.runtime.clock import clock_of
from services.runtime.message import Message
from services.runtime.publish import BOOTSTRAP_MS_MAX, NotNow, Position, Publisher, away
from services.runtime.quarantine import TOPIC, from_quarantine
from services.runtime.settings import Settings
from services.runtime.settle import partition_of

REDRIVEN_AT, REDRIVEN_TO = "anxin_redriven_at", "anxin_redriven_to"
LIST_RECORDS_MAX = 2_000
"""Per partition, the newest."""
FIND_RECORDS_MAX = 200_000
READ_S_MAX = 60.0
PARTITIONS = BY_NAME[TOPIC].partitions
Mend = Callable[[Record], tuple[bytes | None, Sequence[tuple[str, str]]]]
"""Other bytes, None = its own; headers to put in place of its own."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unwilling(Exception):  # noqa: N818 - an answer to the person who asked
    """Nothing was sent; why, in one line, and `zh` for the pages."""

    def __init__(self, line: str, zh: str) -> None:
        super().__init__(line)
        self.zh = zh


@dataclass(frozen=True, slots=True)
class Entry:
    """One quarantined record. `at`: when it was buried; `redriven_at`: ISO instant, "" = not yet."""

    position: str
    at: datetime
    facts: Mapping[str, str]
    original: Record
    redriven_at: str = ""
    redriven_to: str = ""

    @property
    def topic(self) -> str:
        return self.original.topic

    @property
    def redriven_when(self) -> datetime:
        """`redriven_at`; where it is no instant, that of the record."""
        try:
            return datetime.fromisoformat(self.redriven_at).astimezone(UTC)
        except (ValueError, OverflowError):
            return self.at

    @property
    def reason(self) -> str:
        return self.facts.get("anxin_reason", "")


def entries(records: Iterable[Record]) -> dict[str, Entry]:
    """By position. `records` in the order of each partition; what is not a burial of ours is passed over."""
    found: dict[str, Entry] = {}
    for record in records:
        entry = _entry(record)
        if entry is None:
            continue
        known = found.get(entry.position)
        found[entry.position] = entry if known is None else _both(known, entry)
    return found


def _both(known: Entry, later: Entry) -> Entry:
    """A replay of the burial changes nothing; a mark adds itself."""
    if not later.redriven_at:
        return known
    return replace(known, redriven_at=later.redriven_at, redriven_to=later.redriven_to)


def _entry(record: Record) -> Entry | None:
    try:
        original = from_quarantine(record)
        facts = {name: raw.decode() for name, raw in record.headers if name.startswith("anxin_")}
    except (
        KeyError,
        ValueError,
        OverflowError,
        AttributeError,
    ):  # the last: a header without value
        return None
    position = str(Position(original.topic, original.partition, original.offset))
    at, to = facts.pop(REDRIVEN_AT, ""), facts.pop(REDRIVEN_TO, "")
    return Entry(position, record.timestamp, facts, original, at, to)


def check(entry: Entry) -> None:
    """Raises Unwilling where it is not to be sent."""
    if entry.redriven_at:
        line = (
            f"{entry.position} was already redriven at {entry.redriven_at} to {entry.redriven_to}"
        )
        raise Unwilling(line, f"已经重投过，现在的位置是 {entry.redriven_to}；没有再发一次")
    if entry.topic not in BY_NAME or entry.topic == TOPIC:
        line = f"{entry.topic} is no topic to send to"
        raise Unwilling(line, f"没有主题 {entry.topic}，不能重投")


def repaired(
    original: Record, value: bytes | None = None, headers: Sequence[tuple[str, str]] = ()
) -> Message:
    """To its own topic under its own key, other bytes and headers only where given; a header "" is left out."""
    given = {name.lower() for name, _ in headers}
    kept: Headers = tuple(pair for pair in original.headers if pair[0].lower() not in given)
    kept += tuple((name, text.encode()) for name, text in headers if text)
    body = original.value if value is None else value
    return Message(original.topic, original.key, body, kept)


def mark(entry: Entry, at: datetime, to: Position) -> Message:
    """Facts without bytes: the original lies before it, and a second copy would be one more to erase."""
    said = {**entry.facts, REDRIVEN_AT: at.isoformat(), REDRIVEN_TO: str(to)}
    headers = tuple((name, text.encode()) for name, text in said.items())
    return Message(TOPIC, entry.position.encode(), None, headers)


class Log(Protocol):
    """What `Desk` is to an act at the quarantine."""

    def find(self, position: str) -> Entry: ...

    def send(
        self, entry: Entry, value: bytes | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> Position: ...


def asked(settings: Settings, position: str, account: str, reason: str) -> QuarantineRedriven:
    """Who wants it sent again, and why. Raises NotAllowed."""
    who = audit.allowed(settings, "quarantine", account, reason)
    return QuarantineRedriven(
        district=settings.district, account=who.account, post=who.post, reason_zh=reason,
        position=position, repaired=False,
    )  # fmt: skip


def redrive(
    log: Log, fact: QuarantineRedriven, mend: Mend, tell: Callable[[QuarantineRedriven], object]
) -> Position:
    """Where it is now: found, mended, told on `audit`, sent, in this order; what raises ends it there.

    Raises Unwilling, NotNow, and what `mend` raises.
    """
    entry = log.find(fact.position)
    check(entry)
    value, headers = mend(entry.original)
    tell(fact.model_copy(update={"repaired": value is not None or bool(headers)}))
    return log.send(entry, value, headers)


@dataclass(frozen=True)
class Desk:
    """Reads are bounded in records and in seconds. Everything raises NotNow where the broker is away."""

    settings: Settings
    read_s_max: float = READ_S_MAX

    def newest(
        self, keep: Callable[[Entry], bool], depth: int = LIST_RECORDS_MAX
    ) -> tuple[list[Entry], bool]:
        """Newest first; whether older ones were not looked at. `depth`: records of each partition."""
        with self._reader(range(PARTITIONS), depth) as (records, cut):
            found = entries(replace(record, value=None) for record in records)
        kept = [entry for entry in found.values() if keep(entry)]
        return sorted(kept, key=lambda entry: (entry.at, entry.position), reverse=True), cut

    def find(self, position: str) -> Entry:
        """With its bytes. Raises Unwilling."""
        key, number = position.encode(), partition_of(position, PARTITIONS)
        with self._reader([number], FIND_RECORDS_MAX) as (records, _):
            found = entries(record for record in records if record.key == key)
        if position not in found:
            line = f"{position} is not in quarantine (see `anxin quarantine list`)"
            raise Unwilling(line, "隔离区里已没有这条来件的原文")
        return found[position]

    def send(
        self, entry: Entry, value: bytes | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> Position:
        """What was found, back to its topic. Raises Unwilling, before anything is sent."""
        check(entry)
        clock = clock_of(self.settings.clock)
        now = clock.now()
        stamp = now if clock.stepped else None
        with Publisher(self.settings) as publisher:
            to = publisher.send(repaired(entry.original, value, headers), stamp)
            publisher.send(mark(entry, now, to), stamp)
        return to

    @contextmanager
    def _reader(
        self, numbers: Iterable[int], depth: int
    ) -> Iterator[tuple[Iterator[Record], bool]]:
        name = self.settings.topic_prefix + TOPIC
        parts = [TopicPartition(name, number) for number in numbers]
        try:
            consumer = KafkaConsumer(
                bootstrap_servers=self.settings.kafka,
                bootstrap_timeout_ms=BOOTSTRAP_MS_MAX,
                enable_auto_commit=False,
            )
        except KafkaError as error:
            raise NotNow(away(self.settings.kafka, error)) from None
        try:
            starts, ends = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
            consumer.assign(parts)
            for part in parts:
                consumer.seek(part, max(starts[part], ends[part] - depth))
            cut = any(ends[part] - depth > starts[part] for part in parts)
            yield self._records(consumer, ends), cut
        except KafkaError as error:
            why = f"{away(self.settings.kafka, error)} Or is {name} missing (`anxin topics check`)?"
            raise NotNow(why) from None
        finally:
            consumer.close()

    def _records(self, consumer: Any, ends: Mapping[Any, int]) -> Iterator[Record]:
        deadline = time.monotonic() + self.read_s_max
        while any(consumer.position(part) < end for part, end in ends.items()):
            if time.monotonic() > deadline:
                raise NotNow(f"quarantine was not read within {self.read_s_max:.0f} s")
            for batch in consumer.poll(500).values():
                yield from map(_record, batch)


def _record(raw: Any) -> Record:
    at = _EPOCH + timedelta(milliseconds=raw.timestamp)
    return Record(TOPIC, raw.partition, raw.offset, at, raw.key, raw.value, tuple(raw.headers))
