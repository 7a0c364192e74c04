"""What stands on the log at the end, read as a reader would: each event once, by id, in order of its partition."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from schemas.event import Data, Event, Record
from schemas.topics import INBOUND
from services.escalation.core.state import Case
from services.runtime.rows import Rows, decode_row
from tests.simulation.world import World

OURS = (
    "submissions", "cases", "routings", "deadlines", "escalations", "employers", "claims", "replies",
)  # fmt: skip
CHANGELOGS = (
    "intake-receive-changelog", "intake-recognise-changelog", "router-route-changelog",
    "escalation-advance-changelog", "escalation-group-changelog",
)  # fmt: skip
NEVER = 1 << 62
Body = tuple[tuple[tuple[str, bytes], ...], bytes | None, bytes | None]


@dataclass
class Facts:
    """`of_case`: facts of `escalations` by case, in order. `twofold`: ids that carried more than one content."""

    world: World
    events: dict[str, dict[UUID, tuple[Event, Record]]] = field(default_factory=dict)
    twofold: list[str] = field(default_factory=list)
    of_case: dict[UUID, list[tuple[Event, Record]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    cases: dict[UUID, Case] = field(default_factory=dict)
    rows: list[tuple[str, Rows]] = field(default_factory=list)
    buried: list[Record] = field(default_factory=list)

    def kind(self, topic: str, *kinds: type[Data]) -> list[Event]:
        return [
            one
            for one, _ in self.events[topic].values()
            if not kinds or isinstance(one.data, kinds)
        ]


def facts_of(world: World) -> Facts:
    found = Facts(world)
    for topic in (*OURS, "actions"):
        found.events[topic] = _distinct(found, topic)
    for event, record in found.events["escalations"].values():
        found.of_case[event.data.case_id].append((event, record))  # type: ignore[attr-defined]
    _rows(found)
    found.buried = list({one.key: one for one in world.log.of("quarantine")}.values())
    return found


def _rows(found: Facts) -> None:
    for name, number in sorted(found.world.log.partitions):
        if name not in CHANGELOGS:
            continue
        rows = found.world.log.restored(name, number, lambda _: NEVER).rows
        found.rows.append((name, rows))
        if name == "escalation-advance-changelog":
            cases = (decode_row(raw, Case).state for raw in rows.raw.values())
            found.cases |= {case.case_id: case for case in cases if case is not None}


def _distinct(found: Facts, topic: str) -> dict[UUID, tuple[Event, Record]]:
    bodies: dict[bytes, Body] = {}
    events: dict[UUID, tuple[Event, Record]] = {}
    for record in found.world.log.of(topic):
        identity = next(raw for name, raw in record.headers if name == "ce_id")
        body = (record.headers, record.key, record.value)
        if identity not in bodies:
            bodies[identity] = body
            event = found.world.log.event(record)
            events[event.id] = (event, record)
        elif bodies[identity] != body:
            found.twofold.append(f"{topic} {_kind(record)} {identity.decode()}")
    return events


def _kind(record: Record) -> str:
    return next(raw.decode() for name, raw in record.headers if name == "ce_type")


def later_bytes(world: World) -> list[Any]:
    """Every value and key after the inbound topics, quarantine apart (it keeps the sender's bytes)."""
    return [
        part
        for (name, _), records in world.log.partitions.items()
        if name not in INBOUND and name != "quarantine"
        for record in records
        for part in (record.key, record.value)
        if part
    ]
