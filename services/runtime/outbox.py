"""The outbox of a row: a decision and what follows from it, confirmed as one record (docs/adr/0008).

It travels as headers of the changelog record, so a row in memory carries none of it:
`at` = topic/offset of the input it answers, `out` (repeated) = one framed message.
"""

import base64
import json
from collections.abc import Callable, Sequence

from schemas.event import Headers
from services.runtime.message import Message

AT, OUT = "at", "out"
OLDER = ["ce_specversion", "MS4w"]
"""In a frame of the first version, whose keys and header values are base64: it is read for ever."""
BYTES_MAX = 256_000
"""Of one row in one batch; a larger batch is settled in several parts."""
Committed = Callable[[str], int]
"""The group's committed offset of a topic in this partition; 0 = none."""


def enclose(topic: str, offset: int, messages: Sequence[Message]) -> Headers:
    """Headers that say what follows from the input at `topic`/`offset`."""
    if not messages:
        return ()
    return ((AT, f"{topic}/{offset}".encode()), *((OUT, _frame(one)) for one in messages))


def unsettled(headers: Headers, committed: Committed) -> list[Message]:
    """What may not have been sent: the input it answers was never acknowledged."""
    at = next((raw for name, raw in headers if name == AT), None)
    if at is None:
        return []
    topic, _, offset = at.decode().rpartition("/")
    if int(offset) < committed(topic):
        return []
    return [_unframe(raw) for name, raw in headers if name == OUT]


def _frame(message: Message) -> bytes:
    """A line of JSON (topic, key, partition, headers), then the value as it is."""
    head = [
        message.topic,
        _text(message.key),
        message.partition,
        [(name, _text(raw)) for name, raw in message.headers],
        message.value is not None,
    ]
    return json.dumps(head, ensure_ascii=True).encode() + b"\n" + (message.value or b"")


def _unframe(raw: bytes) -> Message:
    line, _, value = raw.partition(b"\n")
    topic, key, partition, headers, has_value = json.loads(line)
    read = base64.b64decode if OLDER in headers else _latin
    pairs = tuple((name, read(text or "")) for name, text in headers)
    return Message(
        topic, None if key is None else read(key), value if has_value else None, pairs, partition
    )


def _text(raw: bytes | None) -> str | None:
    """Any bytes, a character each."""
    return None if raw is None else raw.decode("latin-1")


def _latin(text: str) -> bytes:
    return text.encode("latin-1")
