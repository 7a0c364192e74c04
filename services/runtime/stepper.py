"""Virtual time over real processes: it stands still until everything published before it is settled in every group.

*Settled* is decided from outside and exactly. First every group's committed offsets are read, then the end offsets of
its inputs. Equal everywhere: each record that existed at the second reading was acknowledged before the first, and a
record is acknowledged only after all its consequences were confirmed; so nothing is under way. What timers have still
to say stands in the changelog: each row carries its earliest armed instant as the header `due`.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError

from schemas.event import Record
from schemas.topics import BY_NAME, TOPICS, changelog
from services.runtime.clock import elapsed_s, write_stepped
from services.runtime.tail import Position, Tail

SETTLE_S_MAX = 120.0  # a killed service is back long before
ASK_EVERY_S = 0.01
LAGGING_NAMED_MAX = 5
DUE = changelog("escalation", "advance").name
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Committed = Mapping[tuple[str, str, int], int]
"""(group, logical topic, partition) -> committed offset; absent = nothing committed yet."""


class StuckError(RuntimeError):
    """Something published before has not settled in time: which group, which topic, or which deadline."""


def groups_of(apps: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group (= app) -> all topics it reads."""
    return {app: tuple(t.name for t in TOPICS if app in t.readers) for app in apps}


def lagging(
    groups: Mapping[str, Sequence[str]], committed: Committed, ends: Mapping[Position, int]
) -> list[str]:
    """Who has still something to acknowledge; empty = nothing is under way. `committed` was read before `ends`."""
    return [
        f"{group} has acknowledged {done} of {end} records of {topic}-{number}"
        for group, topics in groups.items()
        for topic in topics
        for number in range(BY_NAME[topic].partitions)
        if (done := committed.get((group, topic, number), 0))
        < (end := ends.get((topic, number), 0))
    ]


def follow_due(due: dict[bytes, int], rows: Iterable[Record]) -> None:
    """Keeps `due` (row key -> ms of its earliest armed instant) up with the changelog."""
    for row in rows:
        at = next((int(raw) for name, raw in row.headers if name == "due"), None)
        if row.value is None or at is None:
            due.pop(row.key or b"", None)
        else:
            due[row.key or b""] = at


def next_instant(line: datetime | None, due: datetime | None) -> datetime | None:
    """Where time moves next: the earlier of the two; None where neither waits."""
    waiting = [at for at in (line, due) if at is not None]
    return min(waiting, default=None)


@dataclass(frozen=True, slots=True)
class Settled:
    """`due`: the next armed instant. `seconds`: how long it took. `news`: what came on the watched topics meanwhile."""

    due: datetime | None
    seconds: float
    news: tuple[Record, ...]


class Stepper:
    """Moves the clock file and waits. `watch`: topics whose new records each `settle` hands over."""

    def __init__(
        self, bootstrap: str, prefix: str, apps: Sequence[str], clock: Path, watch: Sequence[str]
    ) -> None:
        self.prefix, self.clock = prefix, clock
        self.groups = groups_of(apps)
        self.now: datetime | None = None
        self._due: dict[bytes, int] = {}
        self._known: dict[Position, int] = {}
        self._admin: Any = KafkaAdminClient(bootstrap_servers=bootstrap)
        self._tail = Tail(bootstrap, prefix, (DUE, *watch))
        names = {t for topics in self.groups.values() for t in topics} | {DUE, *watch}
        self._parts = {
            TopicPartition(prefix + name, number): (name, number)
            for name in sorted(names)
            for number in range(BY_NAME[name].partitions)
        }

    def move(self, at: datetime) -> None:
        """Time never runs backwards."""
        if self.now is not None and at < self.now:
            raise ValueError(f"time would run back from {self.now} to {at}")
        write_stepped(self.clock, at)
        self.now = at

    def settle(self, settle_s_max: float = SETTLE_S_MAX) -> Settled:
        """Returns once nothing is under way and nothing due. Raises StuckError naming what lags."""
        began = elapsed_s()
        news: list[Record] = []
        while True:
            asked = elapsed_s()
            problems, ends = self._look()
            if not problems:
                records = self._tail.catch_up(ends)
                follow_due(self._due, (one for one in records if one.topic == DUE))
                news += [one for one in records if one.topic != DUE]
                due = self._next_due()
                if due is None or self.now is None or due > self.now:
                    return Settled(due, elapsed_s() - began, tuple(news))
                problems = [f"the deadline of {due.isoformat()} has not fired"]
            if elapsed_s() - began > settle_s_max:
                named = "; ".join(problems[:LAGGING_NAMED_MAX])
                raise StuckError(f"not settled after {settle_s_max:.0f} s at {self.now}: {named}")
            time.sleep(max(ASK_EVERY_S, elapsed_s() - asked))  # half of one core at most

    def _look(self) -> tuple[list[str], Mapping[Position, int]]:
        """A broker that answers badly for a moment is asked again until the caller's deadline.

        Ends only grow: a group that lags behind those known already needs no second, dearer question.
        """
        try:
            committed = self._committed()
            problems = lagging(self.groups, committed, self._known)
            if not problems:
                self._known = self._ends()
                problems = lagging(self.groups, committed, self._known)
        except KafkaError as error:
            return [f"the broker answered {type(error).__name__}"], {}
        return problems, self._known

    def _committed(self) -> Committed:
        said = self._admin.list_group_offsets({self.prefix + app: None for app in self.groups})
        return {
            (app, *self._parts[part]): found.offset
            for app in self.groups
            for part, found in said[self.prefix + app].items()
            if part in self._parts
        }

    def _ends(self) -> dict[Position, int]:
        said = self._admin.list_partition_offsets(dict.fromkeys(self._parts, OffsetSpec.LATEST))
        return {self._parts[part]: found.offset for part, found in said.items()}

    def _next_due(self) -> datetime | None:
        first = min(self._due.values(), default=None)
        return None if first is None else _EPOCH + timedelta(milliseconds=first)

    def close(self) -> None:
        self._tail.close()
        self._admin.close()
