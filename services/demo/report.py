"""What the demo reports: read back from the topics, not from what the driver thinks it sent."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from schemas.codec import decode
from schemas.event import Record
from services.demo.core.tally import Block, Buried, tally
from services.runtime.tail import Tail

TOPICS = ("submissions", "cases", "routings", "escalations")
QUARANTINE = "quarantine"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Report:
    """`fire_lag_p99_s`: real seconds from virtual time reaching a deadline until all it set off was confirmed."""

    article: Block
    extras: Block
    fire_lag_p99_s: float
    duration_s: float
    replay_s: float
    steps: int
    step_p50_s: float
    step_p99_s: float
    deadline_steps: int
    not_replayed: Mapping[str, int]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def read_back(bootstrap: str, prefix: str, extras_from: datetime) -> tuple[Block, Block]:
    """(article, extras)."""
    tail = Tail(bootstrap, prefix, (*TOPICS, QUARANTINE))
    try:
        return tallied(tail.catch_up(), extras_from)
    finally:
        tail.close()


def tallied(records: Sequence[Record], extras_from: datetime) -> tuple[Block, Block]:
    """(article, extras) of all records of TOPICS and of quarantine."""
    events = [decode(one) for one in records if one.topic in TOPICS]
    graves = {one.key: _buried(one) for one in records if one.topic == QUARANTINE}
    return tally(events, graves.values(), extras_from)


def _buried(record: Record) -> Buried:
    facts = dict(record.headers)
    at = _EPOCH + timedelta(milliseconds=int(facts["anxin_timestamp_ms"]))
    return Buried(at, facts["anxin_reason"].decode())


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; 0 of nothing."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3)
