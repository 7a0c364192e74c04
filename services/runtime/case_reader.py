"""Everything the topics say of a case, read back from the partition of its key. Everything raises NotNow."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from schemas.cases import CaseOpened
from schemas.codec import decode
from schemas.event import Event, Refused
from schemas.topics import PARTITIONS
from services.runtime.settings import Settings
from services.runtime.settle import partition_of
from services.runtime.tail import read_all

TOPICS = ("cases", "routings", "escalations", "claims")
CHANGELOG = "escalation-advance-changelog"


def case_of_number(settings: Settings, number: str) -> UUID | None:
    """案号 → case id, from all partitions of `cases`."""
    for event in events_of(settings, ("cases",), range(PARTITIONS)):
        if isinstance(event.data, CaseOpened) and event.data.number == number:
            return event.data.case_id
    return None


def read_case(settings: Settings, case: UUID) -> tuple[list[Event], bytes | None]:
    """Its events, distinct by id, in order of the log's time; and its row as escalation last wrote it."""
    home = [partition_of(str(case), PARTITIONS)]
    known = {
        event.id: event
        for event in events_of(settings, TOPICS, home)
        if event.subject == str(case) or getattr(event.data, "case_id", None) == case
    }
    row = None
    for record in read_all(settings, (CHANGELOG,), home):
        if record.key == str(case).encode():
            row = record.value
    return list(known.values()), row


def rows_of_cases(settings: Settings) -> Iterator[bytes]:
    """Every case's row as escalation last wrote it, one partition in memory at a time. Raises NotNow."""
    for number in range(PARTITIONS):
        rows = {record.key: record.value for record in read_all(settings, (CHANGELOG,), [number])}
        yield from (raw for raw in rows.values() if raw)


def events_of(settings: Settings, topics: Sequence[str], numbers: Sequence[int]) -> list[Event]:
    found = []
    for record in sorted(read_all(settings, topics, numbers), key=lambda one: one.timestamp):
        try:
            found.append(decode(record))
        except Refused:
            continue  # not an event of ours: its reader has quarantined it
    return found
