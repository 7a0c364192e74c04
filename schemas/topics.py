"""Topics as data: who writes, who reads, what the key is, how long it is kept."""

from dataclasses import dataclass
from typing import Literal

from schemas.matter import CHANNELS

PARTITIONS = 24  # fixed for life: keys would move
DAY_MS = 86_400_000
ORIGINAL_DAYS = 90
"""[own] Records as they came, unsealed: as long as a case is normally investigated (60 working days)."""
BURIED_DAYS = 730
"""What nobody has repaired yet, unsealed: as long as the matter can be complained of (监察条例 §20, two years)."""
SEGMENT_DAYS = 7
"""Kafka's `segment.ms`: a record may outlive its retention by so much."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`timestamp`: whose clock stamps the record; the log's own unless time is stepped (ADR 1)."""

    name: str
    writer: str
    readers: tuple[str, ...]
    key: str
    partitions: int = PARTITIONS
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int = 3 * 365 * DAY_MS
    timestamp: Literal["log_append", "create"] = "log_append"


INBOUND = tuple(f"inbound-{channel}" for channel in CHANNELS)

TOPICS: tuple[Topic, ...] = (
    *(
        Topic(name, "adapter", ("intake",), "external number", retention_ms=ORIGINAL_DAYS * DAY_MS)
        for name in INBOUND
    ),
    Topic("submissions", "intake", ("intake",), "person"),
    Topic("cases", "intake", ("router", "escalation"), "case id"),
    Topic("routings", "router", ("escalation",), "case id"),
    Topic("actions", "people and adapters", ("escalation",), "case id"),
    Topic("deadlines", "escalation", ("escalation",), "case id", retention_ms=30 * DAY_MS),
    Topic("escalations", "escalation", ("router", "intake"), "case id"),
    Topic("employers", "escalation", ("escalation",), "employer"),
    Topic("claims", "escalation", ("escalation",), "case id"),
    Topic("replies", "escalation", ("adapter",), "external number"),
    Topic(
        "policies", "policy publish, escalation", (), "bundle hash", partitions=1, cleanup="compact"
    ),
    Topic(
        "quarantine",
        "every service",
        (),
        "topic-partition-offset",
        retention_ms=BURIED_DAYS * DAY_MS,
    ),
    Topic("audit", "people's tools", (), "case id, submission id or position"),
)


def changelog(app: str, state: str) -> Topic:
    """Compacted state rows of one stage, written and read by its own service only."""
    return Topic(f"{app}-{state}-changelog", app, (app,), "state key", cleanup="compact")


CHANGELOGS: tuple[Topic, ...] = (
    changelog("intake", "receive"),
    changelog("intake", "recognise"),
    changelog("router", "route"),
    changelog("escalation", "advance"),
    changelog("escalation", "group"),
)

BY_NAME = {topic.name: topic for topic in (*TOPICS, *CHANGELOGS)}
