"""SQL of the services: a file of SQLite, or PostgreSQL where a URL names a server. What they differ in is here."""

import fcntl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateSchema

ROWS_MAX = 400
"""Of one statement: a statement has 32 766 parameters at most in SQLite, 65 535 in PostgreSQL."""
SERVER = "postgresql"
ALIVE = ("tcp_keepalives_idle=20", "tcp_keepalives_interval=5", "tcp_keepalives_count=3")
"""[own] A server forgets a session whose machine lost power within 35 s; by itself after two hours."""


_QUEUES: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_QUEUES_OPEN = threading.Lock()


class InUseError(RuntimeError):
    """Another process has this database for itself."""


class Line(TypeDecorator[str]):
    """Text that others wrote: cut to its length, without NUL; PostgreSQL would refuse the row, SQLite takes all."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        length = self.impl_instance.length  # type: ignore[attr-defined]  # String's own
        return value and value.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]


def engine_of(
    url: str,
    *,
    schema: str = "",
    synchronous: Literal["FULL", "NORMAL"] = "FULL",
    overwrite: bool = False,
) -> Engine:
    """`schema`: in PostgreSQL, where one database holds what are several files in SQLite; empty = the default one.

    In SQLite `synchronous` is NORMAL for what is read again from the topics after a power cut; `overwrite` is for what
    must leave the file when it is deleted.
    """
    if make_url(url).get_backend_name() == SERVER:
        options = {"schema_translate_map": {None: schema}} if schema else {}
        return create_engine(url, pool_pre_ping=True, execution_options=options)
    engine = create_engine(url)
    # busy_timeout first: the switch to WAL itself takes a lock
    pragmas = ["busy_timeout=10000", "journal_mode=WAL", f"synchronous={synchronous}"]
    pragmas += ["secure_delete=ON"] if overwrite else []

    def connected(link: Any, _: object) -> None:
        for pragma in pragmas:
            link.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)
    return engine


def create_tables(engine: Engine, meta: MetaData) -> None:
    """Those that are missing, and their schema. Processes that start at once take turns."""
    with _turn(engine), alone(engine) as link:
        schema = _schema(link)
        # asked first: IF NOT EXISTS wants the right to create even where there is nothing to create
        if schema and not inspect(link).has_schema(schema):
            link.execute(CreateSchema(schema))
        meta.create_all(link)


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads and then writes: begins when no other such one is open on the same tables."""
    with _queue(engine), engine.begin() as link:
        if link.dialect.name == SERVER:
            number = zlib.crc32(f"anxin {_schema(link)}".encode())
            link.execute(select(func.pg_advisory_xact_lock(number)))
        else:
            link.exec_driver_sql("BEGIN IMMEDIATE")
        yield link


def _queue(engine: Engine) -> AbstractContextManager[object]:
    """SQLite waits by sleeping up to 100 ms, again and again: threads of this process stand in line instead."""
    if engine.dialect.name == SERVER:
        return nullcontext()
    with _QUEUES_OPEN:
        return _QUEUES.setdefault(engine, threading.Lock())


@contextmanager
def owned(engine: Engine) -> Iterator[Callable[[], None]]:
    """These tables for this process alone; raises InUseError. A process that dies lets go, however it dies.

    Ask what it gives before an effect outside: it raises where the server has ended the session that holds them.
    """
    if engine.dialect.name == SERVER:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as link:
            link.detach()  # back in the pool it would hold on
            for setting in ALIVE:
                link.exec_driver_sql(f"SET {setting}")
            number = zlib.crc32(f"anxin {_schema(link)} owner".encode())
            if not link.scalar(select(func.pg_try_advisory_lock(number))):
                raise InUseError(f"another process has the schema {_schema(link)}")
            yield lambda: link.scalar(select(1))
        return
    path = Path(f"{engine.url.database}.owner")
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(f"another process has {path.stem}") from None
        yield lambda: None


def _schema(link: Connection) -> str:
    names: Mapping[None, str] = link.get_execution_options().get("schema_translate_map", {})
    return names.get(None, "")


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """SQLite's switch to WAL does not wait for another's."""
    path = engine.url.database
    if engine.dialect.name == SERVER or not path or path == ":memory:":
        yield
        return
    with Path(f"{path}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def insert_of(link: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT."""
    return (postgresql if link.dialect.name == SERVER else sqlite).insert(table)


def put(link: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as they are now, by primary key; the last one where a key comes twice, which PostgreSQL would refuse."""
    keys = [column.name for column in table.primary_key]
    each = list({tuple(row[key] for key in keys): row for row in rows}.values())
    for part in portions(each):
        said = insert_of(link, table).values(part)
        rest = {name: said.excluded[name] for name in part[0] if name not in keys}
        link.execute(said.on_conflict_do_update(index_elements=keys, set_=rest))


def portions(some: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """ROWS_MAX each."""
    return (some[begin : begin + ROWS_MAX] for begin in range(0, len(some), ROWS_MAX))


def utc(moment: datetime) -> datetime:
    """SQLite gives back what it was given without its zone, PostgreSQL in the zone of the connection."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
