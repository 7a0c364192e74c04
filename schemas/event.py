"""The envelope of every message: CloudEvents 1.0 attributes around one closed data model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

SPEC_VERSION = "1.0"
ID_CHARS_MAX = 64
TEXT_CHARS_MAX = 4000
RECORD_BYTES_MAX = 1_000_000


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return moment.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_utc)]
"""An aware instant, UTC on the wire."""
District = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
"""Six digits of GB/T 2260, 420704 = 鄂城区."""


class Reason(StrEnum):
    """Why a record can never be processed: the closed list of quarantine."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    BAD_ENVELOPE = "bad_envelope"
    WRONG_TYPE = "wrong_type"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    BAD_ENCODING = "bad_encoding"
    BAD_JSON = "bad_json"
    BAD_FIELD = "bad_field"
    MISSING_FIELD = "missing_field"
    BAD_TIME = "bad_time"
    PROCESSING_ERROR = "processing_error"


class Refused(Exception):  # noqa: N818 - a fact about a record, not a fault of ours
    """The record can never be processed: what, where, why, and what to do, in the sender's language."""

    def __init__(self, reason: Reason, detail_zh: str, field: str = "") -> None:
        super().__init__(f"{reason}: {field} {detail_zh}")
        self.reason, self.detail_zh, self.field = reason, detail_zh, field


class Model(BaseModel):
    """Frozen value inside a message. Writers are strict by type, readers tolerate unknown fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Data(Model):
    """The data of one event type; `TYPE` is its name and version for ever."""

    TYPE: ClassVar[str] = ""
    district: District


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `time` is when it happened at its source (for derived facts: the instant of the cause's record)."""

    id: UUID
    source: str
    time: datetime
    subject: str
    data: Data
    traceparent: str = ""

    @property
    def type(self) -> str:
        return self.data.TYPE


@dataclass(frozen=True, slots=True)
class Out:
    """An event on its way: logical topic, record key, content."""

    topic: str
    key: str
    event: Event


Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What the broker handed over. `timestamp` is the log's own time (ADR 1): the `now` of every decision."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


Row = Mapping[str, object]
