"""Quarantine: a record that can never be processed, kept whole: original bytes, headers, position, reason."""

import base64
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from schemas.event import Headers, Record, Refused
from services.runtime.message import Message

TOPIC = "quarantine"
ORIGINAL = "orig_"
DETAIL_CHARS_MAX = 500
WINDOW_S = 60.0


class Flood(Exception):  # noqa: N818 - a state of the world upstream
    """More was buried in a minute than a person could look at: stop, and wait for one."""


@dataclass
class Quota:
    """How many records one worker may bury in a minute."""

    per_minute_max: int = 600
    spent: deque[tuple[float, int]] = field(default_factory=deque)

    def spend(self, count: int, now_s: float) -> None:
        """Raises Flood before anything of the batch is published."""
        while self.spent and now_s - self.spent[0][0] > WINDOW_S:
            self.spent.popleft()
        if not count:
            return
        self.spent.append((now_s, count))
        total = sum(one for _, one in self.spent)
        if total > self.per_minute_max:
            raise Flood(f"{total} records to quarantine in {WINDOW_S:.0f} s")


def to_quarantine(record: Record, refused: Refused, stage: str) -> Message:
    """Key = topic-partition-offset, so that a replay buries the same record in the same place."""
    facts = {
        "anxin_topic": record.topic,
        "anxin_partition": str(record.partition),
        "anxin_offset": str(record.offset),
        "anxin_timestamp_ms": str(int(record.timestamp.timestamp() * 1000)),
        "anxin_reason": refused.reason.value,
        "anxin_field": refused.field[:DETAIL_CHARS_MAX],
        "anxin_detail": refused.detail_zh[:DETAIL_CHARS_MAX],
        "anxin_stage": stage,
    }
    if record.key is not None:
        facts["anxin_key"] = base64.b64encode(record.key).decode()
    headers: Headers = tuple((name, text.encode()) for name, text in facts.items())
    headers += tuple((ORIGINAL + name, raw) for name, raw in record.headers)
    key = f"{record.topic}-{record.partition}-{record.offset}".encode()
    return Message(TOPIC, key, record.value, headers)


def from_quarantine(buried: Record) -> Record:
    """The record as it was. Raises KeyError where the headers are not ours."""
    facts = {name: raw.decode() for name, raw in buried.headers if name.startswith("anxin_")}
    key = facts.get("anxin_key")
    return Record(
        facts["anxin_topic"],
        int(facts["anxin_partition"]),
        int(facts["anxin_offset"]),
        datetime.fromtimestamp(int(facts["anxin_timestamp_ms"]) / 1000, UTC),
        None if key is None else base64.b64decode(key),
        buried.value,
        tuple(
            (n.removeprefix(ORIGINAL), raw) for n, raw in buried.headers if n.startswith(ORIGINAL)
        ),
    )
