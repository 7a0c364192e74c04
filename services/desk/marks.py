"""Which messages a person has looked at: beside the sessions, since a new shape of the read model unreads nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, delete, select

from services.runtime.sql import Line, create_tables, put

META = MetaData()
LOOKED_AT = Table(
    "looked_at", META,
    Column("account", Line(64), primary_key=True),
    Column("event_id", String(36), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
)  # fmt: skip
KEPT = timedelta(days=100)


class Marks:
    """Blocking."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        create_tables(engine, META)

    def of(self, account: str) -> frozenset[str]:
        with self.engine.connect() as link:
            asked = select(LOOKED_AT.c.event_id).where(LOOKED_AT.c.account == account)
            return frozenset(link.scalars(asked))

    def look(self, account: str, events: Iterable[str], now: datetime) -> None:
        rows = [{"account": account, "event_id": one, "at": now} for one in events]
        with self.engine.begin() as link:
            link.execute(delete(LOOKED_AT).where(LOOKED_AT.c.at < now - KEPT))
            put(link, LOOKED_AT, rows)
