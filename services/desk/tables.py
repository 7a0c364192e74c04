"""The read model's tables: what pages and the door ask for. No plain personal data."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from services.runtime.sql import Line

SCHEMA = 11
"""Of the tables and the fold; another number = built anew from the topics."""
CASE_TOPICS = ("cases", "routings", "escalations", "claims")
TOPICS = (*CASE_TOPICS, "replies", "quarantine", "audit")
GRID_CHARS = 16
META = MetaData()
OFFSETS = Table(
    "offsets", META,
    Column("topic", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("logged_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
EVENTS = Table(
    "events", META,
    Column("event_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("seq", Integer, nullable=False, index=True),
    Column("type", String(80), nullable=False, index=True),
    Column("command_id", String(36), index=True),
    Column("data", Text, nullable=False),
)  # fmt: skip
CASES = Table(
    "cases", META,
    Column("case_id", String(36), primary_key=True),
    Column("number", Line(24), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("grid", Line(GRID_CHARS), nullable=False),
    Column("unit_code", Line(12), nullable=False),
    Column("account", Line(64), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("disputed", Boolean, nullable=False),
    Column("returns", Integer, nullable=False),
    Column("breached", Boolean, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("opened_at", DateTime(timezone=True), index=True),
    Column("closed_at", DateTime(timezone=True), index=True),
    Column("paid_fen", BigInteger, nullable=False),
    Column("workers", BigInteger, nullable=False),
    Column("rung", Line(GRID_CHARS), nullable=False),
    Column("view", Text, nullable=False),
    # What pages sort and choose by, apart from the views, which are twenty times as long: of the district, of one grid.
    Index("cases_due", "open", "due_at", "case_id", "grid", "state", "returns"),
    Index("cases_held", "open", "account"),
    Index("cases_due_in_grid", "grid", "open", "due_at", "case_id", "state", "returns"),
)  # fmt: skip
MESSAGES = Table(
    "messages", META,
    Column("event_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("account", Line(64), nullable=False),
    Column("post", Line(40), nullable=False),
    Column("clock", Line(12), nullable=False),
    Column("variant", Line(40), nullable=False),
    Column("source", Line(120), nullable=False),
    Column("level", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("tell_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("ordinal", Integer, nullable=False),
    Column("over", String(12)),
    Column("done", Boolean, nullable=False),
    Index("messages_waiting", "account", "done", "tell_at"),
)  # fmt: skip
"""What people were told (core.messages)."""
PLACE = ("grid", "state", "rung")
COUNTS = ("open", "returned", "disputed", "paid_fen", "workers")
TALLIES = Table(
    "tallies", META,
    Column("grid", Line(GRID_CHARS), primary_key=True),
    Column("state", String(16), primary_key=True),
    Column("rung", Line(GRID_CHARS), primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in COUNTS),
)  # fmt: skip
"""The cases of a grid, counted: kept with them in one transaction, so that no page counts 50 000 rows."""
FACTS = Table(
    "facts", META,
    Column("event_id", String(36), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("told_ms", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("name", Line(64), nullable=False),
    Column("source", Line(120), nullable=False),
    Column("unit", Line(12), nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("more", BigInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("facts_told", "told_ms", "case_id"),
    # all of it in the index: a month is some thousands of rows, each elsewhere in the table
    Index(
        "facts_of_case", "case_id", "seq", "told_ms", "kind", "at_ms", "name", "source", "unit", "value", "more",
        "withdrawn",
    ),
)  # fmt: skip
"""What indicators look at (core.indicators.Fact), a row an event."""
SUBMISSIONS = Table(
    "submissions", META,
    Column("submission_id", String(36), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("external_no", Line(64), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Index("submissions_counted", "channel", "received_at"),
    Index("submissions_of_case", "case_id", "channel", "received_at"),  # the board of a town counts them in it
)  # fmt: skip
REPLIES = Table(
    "replies", META,
    Column("event_id", String(36), primary_key=True),
    Column("cursor", Integer, nullable=False, unique=True),
    Column("channel", String(16), nullable=False, index=True),
    Column("external_no", Line(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("value", LargeBinary, nullable=False),
)  # fmt: skip
BURIED = Table(
    "quarantine", META,
    Column("place", Line(300), primary_key=True),
    Column("stage", Line(40), nullable=False),
    Column("topic", Line(250), nullable=False),
    Column("reason", Line(40), nullable=False),
    Column("field", Line(300), nullable=False),
    Column("detail_zh", Line(2000), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("came_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("redriven_at", DateTime(timezone=True)),
    Column("redriven_to", Line(300), nullable=False),
)  # fmt: skip
SEEN = Table(
    "seen", META,
    Column("event_id", String(36), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("account", Line(64), nullable=False),
    Column("post", Line(40), nullable=False),
    Column("case_id", String(36), nullable=False, index=True),
    Column("fields", Line(120), nullable=False),
    Column("reason", Line(2000), nullable=False),
)  # fmt: skip
