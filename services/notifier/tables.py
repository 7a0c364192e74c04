"""The outbox's tables."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, String, Table

from services.runtime.sql import Line

META = MetaData()
OFFSETS = Table(
    "offsets", META,
    Column("topic", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)  # fmt: skip
CASES = Table(
    "cases", META,
    Column("case_id", String(36), primary_key=True),
    Column("number", Line(24), nullable=False),
    Column("urgent", Boolean, nullable=False),
)  # fmt: skip
MESSAGES = Table(
    "messages", META,
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("robot", Line(40), nullable=False),
    Column("account", Line(64), nullable=False, index=True),
    Column("post", Line(40), nullable=False),
    Column("grid", Line(16), nullable=False),
    Column("clock", Line(12), nullable=False),
    Column("variant", Line(40), nullable=False),
    Column("source", Line(100), nullable=False),
    Column("level", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("hard", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("vacant", Line(40), nullable=False),
    Column("tell_at", DateTime(timezone=True), nullable=False, index=True),
    Column("due_at", DateTime(timezone=True)),
    Column("ordinal", Integer, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("letter", String(36), index=True),
)  # fmt: skip
"""`state`: waiting, delivered, dead, needless."""
LETTERS = Table(
    "letters", META,
    Column("id", String(36), primary_key=True),
    Column("robot", Line(40), nullable=False),
    Column("pressing", Boolean, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("code", Line(80), nullable=False),
)  # fmt: skip
"""`state`: open, delivered, dead, needless."""
POSTS = Table(
    "posts", META,
    Column("number", Integer, primary_key=True),
    Column("robot", Line(40), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Every attempt, because the other side counts each; forgotten after an hour."""
RESTS = Table(
    "rests", META,
    Column("robot", Line(40), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
)  # fmt: skip
