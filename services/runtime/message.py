"""What is sent: bytes for a topic."""

from dataclasses import dataclass

from schemas.event import Headers


@dataclass(frozen=True, slots=True)
class Message:
    """To be sent: logical topic, bytes. `partition` None = by key."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
