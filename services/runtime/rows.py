"""State rows of one partition: encoded bytes in memory, decoded on use; each remembers what it applied."""

import base64
import json
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

S = TypeVar("S", bound=BaseModel)
SEEN_IDS_MAX = 256  # the replay window of one key: more than a batch of the busiest row
ID_BYTES = 8
VERSION = 1


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
    return b'{"v":1,"seen":"' + seen + b'","state":' + state + b"}"


def decode_row(raw: bytes, model: type[S]) -> Row[S]:
    """Raises ValueError: a row we wrote and cannot read stops the process rather than be forgotten."""
    whole = json.loads(raw)
    if whole["v"] != VERSION:
        raise ValueError(f"row version {whole['v']} is not known here")
    state = None if whole["state"] is None else model.model_validate(whole["state"])
    return Row(state, base64.b64decode(whole["seen"]))
