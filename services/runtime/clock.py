"""The one clock. Real in production; stepped when a year is replayed over real processes; manual in tests."""

import os
import struct
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What time it is, as an aware UTC instant."""

    stepped: bool

    def now(self) -> datetime: ...


class RealClock:
    stepped = False

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place


class SteppedClock:
    """Virtual time that stands still until its driver moves it: eight bytes in a file, microseconds since 1970."""

    stepped = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        (micros,) = struct.unpack(">q", self.path.read_bytes())
        return _EPOCH + timedelta(microseconds=micros)


class ManualClock:
    """For tests."""

    stepped = True

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> datetime:
        self.at += by
        return self.at


def write_stepped(path: Path, instant: datetime) -> None:
    """Move virtual time; readers see the old or the new instant, never half of it."""
    micros = (instant - _EPOCH) // timedelta(microseconds=1)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(struct.pack(">q", micros))
    fresh.replace(path)


def clock_of(text: str) -> Clock:
    """`real`, or `stepped:<path of the clock file>`."""
    kind, _, path = text.partition(":")
    if kind == "real" and not path:
        return RealClock()
    if kind == "stepped" and path:
        return SteppedClock(Path(path))
    raise ValueError(f"ANXIN_CLOCK must be 'real' or 'stepped:<file>', not {text!r}")


def elapsed_s() -> float:
    """Real seconds that only grow, for lags and time-outs."""
    return time.monotonic()


def fresh_id() -> uuid.UUID:
    """A new identity for a person's command; everything derived takes services.kernel.ids."""
    return uuid.uuid4()  # noqa: TID251 - the one place
