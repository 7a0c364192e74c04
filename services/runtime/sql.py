"""SQLite as the services use it: write-ahead log, a writer waits for another."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, create_engine, event


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
