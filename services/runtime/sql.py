"""SQLite as the services use it: write-ahead log, a writer waits for another."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event

CHUNK = 400
T = TypeVar("T")


def engine_of(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _wal)
    return engine


def _wal(link: Any, _: object) -> None:
    for line in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        link.execute(f"PRAGMA {line}")


def utc(moment: datetime) -> datetime:
    """SQLite gives back what it was given without its zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def chunks(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[n : n + CHUNK] for n in range(0, len(rows), CHUNK))
