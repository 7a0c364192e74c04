"""The outbox's tables."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

META = MetaData()
OFFSETS = Table(
    "offsets", META,
    Column("topic", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("next_offset", Integer, nullable=False),
)  # fmt: skip
CASES = Table(
    "cases", META,
    Column("case_id", String(36), primary_key=True),
    Column("number", String(24), nullable=False),
    Column("urgent", Boolean, nullable=False),
)  # fmt: skip
MESSAGES = Table(
    "messages", META,
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("robot", String(40), nullable=False),
    Column("account", String(64), nullable=False, index=True),
    Column("post", String(40), nullable=False),
    Column("grid", String(16), nullable=False),
    Column("clock", String(12), nullable=False),
    Column("variant", String(40), nullable=False),
    Column("source", String(100), nullable=False),
    Column("level", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("hard", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("vacant", String(40), nullable=False),
    Column("tell_at", DateTime(timezone=True), nullable=False, index=True),
    Column("due_at", DateTime(timezone=True)),
    Column("ordinal", Integer, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("letter", String(36), index=True),
)  # fmt: skip
"""`state`: page, waiting, delivered, dead, needless."""
LETTERS = Table(
    "letters", META,
    Column("id", String(36), primary_key=True),
    Column("robot", String(40), nullable=False),
    Column("pressing", Boolean, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("code", String(80), nullable=False),
)  # fmt: skip
"""`state`: open, delivered, dead, needless."""
POSTS = Table(
    "posts", META,
    Column("number", Integer, primary_key=True),
    Column("robot", String(40), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Every attempt, because the other side counts each; forgotten after an hour."""
RESTS = Table(
    "rests", META,
    Column("robot", String(40), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
)  # fmt: skip


def upsert(link: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    made: Callable[..., Any] = (
        postgresql.insert if link.dialect.name == "postgresql" else sqlite.insert
    )
    said = made(table).values(row)
    keys = [column.name for column in table.primary_key]
    rest = {name: said.excluded[name] for name in row if name not in keys}
    return said.on_conflict_do_update(index_elements=keys, set_=rest)
