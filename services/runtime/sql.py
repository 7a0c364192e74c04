"""SQLite as the services use it: write-ahead log, a writer waits for another."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Engine, create_engine, event


def engine_of(url: str, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> Engine:
    """`synchronous` of SQLite: NORMAL for what is read again from the topics after a power cut."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":

        def pragmas(link: Any, _: object) -> None:
            for line in ("journal_mode=WAL", f"synchronous={synchronous}", "busy_timeout=5000"):
                link.execute(f"PRAGMA {line}")

        event.listen(engine, "connect", pragmas)
    return engine


def utc(moment: datetime) -> datetime:
    """SQLite gives back what it was given without its zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
