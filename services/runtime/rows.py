"""State rows of one partition: encoded bytes in memory, decoded on use; each remembers what it applied."""

import base64
import sys
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from schemas.event import Headers

S = TypeVar("S", bound=BaseModel)
SEEN_IDS_MAX = 256  # the replay window of one key: more than a batch of the busiest row
ID_BYTES = 8
DECODED_ROWS_MAX = (
    128  # of one stage in one partition: more than its share of the commands under way
)
_HEAD, _STATE = b'{"v":1,"seen":"', b'","state":'


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """`seen`: the first eight bytes of the last applied event ids, oldest first."""

    state: S | None
    seen: bytes = b""

    def applied(self, event: UUID) -> bool:
        mark = event.bytes[:ID_BYTES]
        at = self.seen.find(mark)
        while at >= 0 and at % ID_BYTES:
            at = self.seen.find(mark, at + 1)
        return at >= 0

    def after(self, event: UUID, state: S | None) -> "Row[S]":
        seen = (self.seen + event.bytes[:ID_BYTES])[-SEEN_IDS_MAX * ID_BYTES :]
        return Row(state, seen)


def encode_row(row: Row[S]) -> bytes:
    """`{"v":1,"seen":base64,"state":…}`; state null = the row only remembers."""
    state = (
        b"null" if row.state is None else row.state.model_dump_json(exclude_defaults=True).encode()
    )
    seen = base64.b64encode(row.seen)
    return _HEAD + seen + _STATE + state + b"}"


def decode_row(raw: bytes, model: type[S]) -> Row[S]:
    """Raises ValueError: a row we wrote and cannot read stops the process rather than be forgotten."""
    if not raw.startswith(_HEAD):
        raise ValueError(f"row version is not known here: {raw[: len(_HEAD)]!r}")
    seen, found, state = raw[len(_HEAD) : -1].partition(_STATE)
    if not found:
        raise ValueError("row without a state")
    # from bytes to the model at once: by way of a dict it takes half as long again
    after = None if state == b"null" else model.model_validate_json(state)
    return Row(after, base64.b64decode(seen))


@dataclass
class Rows:
    """One stage's rows of one partition. `due`: milliseconds of each row's earliest armed instant.

    `decoded`: the rows last used, with the bytes they stand for: a command that the timer says is decided next.
    """

    raw: dict[str, bytes] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    label: dict[str, str] = field(default_factory=dict)
    decoded: dict[str, tuple[bytes, Row[Any]]] = field(default_factory=dict)

    def row(self, key: str, model: type[BaseModel]) -> Row[Any]:
        raw = self.raw.get(key)
        if raw is None:
            return Row(None)
        held, row = self.decoded.get(key, (None, None))
        if row is None or held is not raw:
            row = decode_row(raw, model)
            self.hold(key, row)
        return row

    def hold(self, key: str, row: Row[Any]) -> None:
        """`row` is what the bytes of `key` say."""
        self.decoded.pop(key, None)
        self.decoded[key] = (self.raw[key], row)
        if len(self.decoded) > DECODED_ROWS_MAX:
            del self.decoded[next(iter(self.decoded))]

    def put(self, key: str, value: bytes | None, headers: Headers) -> None:
        """One record of the changelog; no value = no row any more."""
        said = dict(headers) if value is not None else {}
        if value is None:
            self.raw.pop(key, None)
        else:
            self.raw[key] = value
        if "due" in said:
            self.due[key] = int(said["due"])
        else:
            self.due.pop(key, None)
        if "label" in said:
            self.label[key] = sys.intern(said["label"].decode())
        else:
            self.label.pop(key, None)
