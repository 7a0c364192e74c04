"""The one way through: decode, decide, confirm rows with their outbox, confirm outputs, remember, acknowledge.

A decision is made once: when its row is confirmed, what follows from it stands in the same record. Replayed, the event
is known and the outbox is sent again (docs/adr/0008). Independent of the broker: the simulation runs exactly this.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from aiokafka.partitioner import murmur2
from pydantic import BaseModel

from schemas.codec import encode
from schemas.event import Out, Reason, Record, Refused
from services.runtime import outbox
from services.runtime.clock import elapsed_s
from services.runtime.message import Message
from services.runtime.quarantine import Quota, to_quarantine
from services.runtime.rows import Row, Rows, encode_row
from services.runtime.stage import CannotDecide, Input, Stage
from services.runtime.timers import AT_ONCE_MS, Timers

TYPE = "ce_type"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Place = tuple[str, int]
"""A logical topic and a partition number."""
Confirm = Callable[[Sequence[Message], datetime], Awaitable[None]]
"""Send all and return when the broker has each of them; raises where it has not."""


@lru_cache(65_536)
def partition_of(key: str, partitions: int) -> int:
    """Kafka's default: murmur2, as adapters, aiokafka and kafka-python have it."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


@dataclass
class Restored:
    """Rows, and what each one's last decision may not have sent yet: (stamp, messages) by key."""

    rows: Rows = field(default_factory=Rows)
    pending: dict[str, tuple[datetime, list[Message]]] = field(default_factory=dict)


@dataclass
class _Change:
    before: Any
    item: Input
    outs: tuple[Out, ...]
    after: Any
    now: datetime


@dataclass
class _Touched:
    """A row of this batch, the topic and offset of the last record that changed it, and what follows."""

    row: Row[Any]
    at: Record | None = None
    outs: list[Message] = field(default_factory=list)
    bytes: int = 0

    def take(self, row: Row[Any], at: Record, outs: Sequence[Message]) -> None:
        self.row, self.at = row, at
        self.outs += outs
        self.bytes += sum(len(one.value or b"") for one in outs)


@dataclass
class _Work:
    """What a batch has decided and not yet confirmed. `outputs`: in order of decision."""

    outputs: list[Message] = field(default_factory=list)
    rows: dict[str, _Touched] = field(default_factory=dict)
    changes: list[_Change] = field(default_factory=list)
    quarantined: list[tuple[str, Reason]] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    full: bool = False


@dataclass(frozen=True)
class Settler:
    """A stage with its effects bound."""

    app: str
    stage: Stage[Any]
    partitions: int
    confirm: Confirm
    metrics: Any
    quota: Quota = field(default_factory=Quota)
    crash: Callable[[str], None] = lambda point: None  # the simulation pulls the plug here

    @property
    def changelog(self) -> str:
        return f"{self.app}-{self.stage.name}-changelog"

    async def settle(self, rows: Rows, timers: Timers, records: Sequence[Record]) -> None:
        """All or, replayed, all again. Raises only where an effect could not be confirmed."""
        work, moved = _Work(), list[str]()
        items = await self._decoded(records, work, moved)
        # a replay elsewhere sends old stamps behind newer ones: what follows from the newer is not dated back
        stamp = max(record.timestamp for record in records)
        for record, item in items:
            self._decide(rows, record, item, work)
            if work.full:
                await self._flush(rows, timers, work, stamp)
                work = _Work()
        await self._flush(rows, timers, work, stamp)
        here = Counter(record.topic for record in records)
        here.subtract(moved)
        for topic, count in here.items():
            self.metrics.received(topic, count)

    async def _flush(self, rows: Rows, timers: Timers, work: _Work, stamp: datetime) -> None:
        self.quota.spend(len(work.quarantined), elapsed_s())
        marks = [self._mark(key, touched) for key, touched in work.rows.items()]
        if marks:
            await self.confirm(marks, stamp)
        self.crash("rows")
        if work.outputs:
            await self.confirm(work.outputs, stamp)
        self.crash("outputs")
        self._remember(rows, timers, marks, work)
        self._count(work)

    async def resend(self, restored: Restored) -> None:
        """What a predecessor decided and perhaps never said, before the first batch runs: same ids, same bytes."""
        for stamp, messages in restored.pending.values():
            await self.confirm(messages, stamp)

    def arm(self, rows: Rows, timers: Timers) -> None:
        """After a restore: every instant, and at once what is to be looked at anew."""
        if self.stage.hurried is not None:
            for key, label in rows.label.items():
                if self.stage.hurried(label):
                    rows.due[key] = AT_ONCE_MS
        timers.rebuild(rows.due)

    def command(self, rows: Rows, key: str, due_ms: int) -> Message:
        """What the stage's timer says to a row whose instant has come."""
        if self.stage.timer is None or self.stage.state is None:
            raise TypeError(f"stage {self.stage.name} has no timer")
        state = rows.row(key, self.stage.state).state
        return _message(self.stage.timer.fire(key, state, _EPOCH + timedelta(milliseconds=due_ms)))

    async def _decoded(
        self, records: Sequence[Record], work: _Work, moved: list[str]
    ) -> list[tuple[Record, Input]]:
        found: list[tuple[Record, Input]] = []
        for record in records:
            if not heeded(record, self.stage.heeds):
                continue
            try:
                item = self.stage.decode(record)
            except Refused as refused:
                self._bury(record, refused, work)
            except Exception as error:
                self._bury(record, _bug(error), work)
            else:
                if partition_of(item.key, self.partitions) == record.partition:
                    found.append((record, item))
                else:  # docs/adr/0002: the same bytes again, under the key of the row
                    moved.append(record.topic)
                    work.outputs.append(
                        Message(record.topic, item.key.encode(), record.value, record.headers)
                    )
        if self.stage.enrich is None or not found:
            return found
        enriched = await asyncio.to_thread(self.stage.enrich, [item for _, item in found])
        return [(record, item) for (record, _), item in zip(found, enriched, strict=True)]

    def _decide(self, rows: Rows, record: Record, item: Input, work: _Work) -> None:
        key = item.row or item.key
        touched = work.rows.get(key) or _Touched(self._before(rows, key))
        row = touched.row
        if row.applied(item.event.id):
            work.duplicates.append((record.topic, "id"))
            return
        try:
            step = self.stage.decide(row.state, item, record.timestamp)
            outs = [_message(out) for out in step.events]
        except Refused as refused:
            self._bury(record, refused, work)
            return
        except CannotDecide:
            raise
        except Exception as error:
            self._bury(record, _bug(error), work)
            return
        if self.stage.repeats and step.state is row.state and not outs:
            work.duplicates.append((record.topic, "content"))
        work.outputs += outs
        work.changes.append(_Change(row.state, item, step.events, step.state, record.timestamp))
        if self.stage.state is not None:
            touched.take(row.after(item.event.id, step.state), record, outs)
            work.rows[key] = touched
            work.full |= touched.bytes > outbox.BYTES_MAX

    def _before(self, rows: Rows, key: str) -> Row[Any]:
        return Row(None) if self.stage.state is None else rows.row(key, self.stage.state)

    def _bury(self, record: Record, refused: Refused, work: _Work) -> None:
        """Not remembered in the row: a person may send the same id again once the cause is mended."""
        work.outputs.append(to_quarantine(record, refused, f"{self.app}.{self.stage.name}"))
        work.quarantined.append((record.topic, refused.reason))

    def _mark(self, key: str, touched: _Touched) -> Message:
        row, at = touched.row, touched.at
        assert at is not None  # noqa: S101 - only rows that a record changed are marked
        headers: list[tuple[str, bytes]] = []
        due = self._due_ms(row.state)
        if due is not None:
            headers.append(("due", str(due).encode()))
        if self.stage.census is not None and row.state is not None:
            headers.append(("label", self.stage.census.label(row.state).encode()))
        headers += outbox.enclose(at.topic, at.offset, touched.outs)
        value = encode_row(row)
        return Message(self.changelog, key.encode(), value, tuple(headers), at.partition)

    def _due_ms(self, state: BaseModel | None) -> int | None:
        """Rounded up: a command is never said before its instant."""
        if self.stage.timer is None or state is None:
            return None
        due = self.stage.timer.due(state)
        return None if due is None else -((_EPOCH - due) // timedelta(milliseconds=1))

    def _remember(self, rows: Rows, timers: Timers, marks: Sequence[Message], work: _Work) -> None:
        for mark, (key, touched) in zip(marks, work.rows.items(), strict=True):
            before = rows.due.get(key)
            rows.put(key, mark.value, mark.headers)
            rows.hold(key, touched.row)
            due, answered = rows.due.get(key), timers.answered(key)
            if due is not None and (due != before or answered):
                timers.arm(key, due)

    def _count(self, work: _Work) -> None:
        for topic, reason in work.quarantined:
            self.metrics.quarantined(topic, reason.value)
        for topic, kind in work.duplicates:
            self.metrics.duplicates(topic, kind)
        for change in work.changes:
            self.stage.observe(change.before, change.after, change.item, change.outs, change.now)


def heeded(record: Record, types: frozenset[str]) -> bool:
    """By the header; a record without one must be decoded to be refused."""
    said = next((raw for name, raw in record.headers if name == TYPE), None)
    return not types or said is None or said.decode("utf-8", "replace") in types


def _bug(error: Exception) -> Refused:
    return Refused(Reason.PROCESSING_ERROR, f"处理出错：{type(error).__name__}，请联系运维")


def _message(out: Out) -> Message:
    headers, value = encode(out.event)
    return Message(out.topic, out.key.encode(), value, tuple(headers))
