"""What SQLite and PostgreSQL differ in, and the services must not notice."""

import multiprocessing
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, select

from services.desk.nonces import Nonces
from services.desk.sessions import Sessions
from services.desk.store import Store
from services.runtime.sql import Line, alone, create_tables, engine_of, put, utc
from services.runtime.vault import Vault
from tests.support.notices import outbox

AT = datetime(2026, 11, 26, 20, 30, tzinfo=UTC)
META = MetaData()
NOTES = Table(
    "notes",
    META,
    Column("number", Integer, primary_key=True),
    Column("said", Line(8), index=True),
    Column("at", DateTime(timezone=True)),
)


@pytest.fixture
def engine(database):
    made = engine_of(database("notes"), schema="notes")
    create_tables(made, META)
    yield made
    made.dispose()


def rows(engine):
    with engine.connect() as link:
        return link.execute(select(NOTES).order_by(NOTES.c.number)).all()


def test_of_a_key_that_comes_twice_the_last_row_stands(engine):
    for said in ("first", "second"):
        with alone(engine) as link:
            put(
                link,
                NOTES,
                [{"number": 1, "said": "x", "at": AT}, {"number": 1, "said": said, "at": AT}],
            )
            put(link, NOTES, [])
    assert [row.said for row in rows(engine)] == ["second"]


def test_more_rows_than_one_statement_takes(engine):
    with alone(engine) as link:
        put(link, NOTES, [{"number": n, "said": "x", "at": AT} for n in range(30_000)])
    assert len(rows(engine)) == 30_000


@pytest.mark.parametrize("text", ["a\0b", "工资" * 9, "\0", "", None])
def test_what_others_wrote_is_kept_without_nul_and_found_by_what_they_wrote(engine, text):
    with alone(engine) as link:
        put(link, NOTES, [{"number": 1, "said": text, "at": AT}])
        if text is not None:
            assert link.scalar(select(NOTES.c.number).where(NOTES.c.said == text)) == 1
    assert rows(engine)[0].said == (text and text.replace("\0", "\ufffd")[:8])


def test_an_instant_comes_back_in_utc_whatever_the_zone_of_the_server(engine):
    with alone(engine) as link:
        put(link, NOTES, [{"number": 1, "said": "x", "at": AT}])
        assert link.scalar(select(NOTES.c.number).where(NOTES.c.at == AT)) == 1
    assert utc(rows(engine)[0].at).isoformat() == AT.isoformat()


def test_a_transaction_that_reads_before_it_writes_waits_for_the_other(database, engine):
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(4)
    workers = [fork.Process(target=_count, args=(database("notes"), gate)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(rows(engine)) == 100


def _count(url, gate):
    """Each next number is read, then written."""
    gate.wait(30)
    mine = engine_of(url, schema="notes")
    for _ in range(25):
        with alone(mine) as link:
            last = link.scalar(select(NOTES.c.number).order_by(NOTES.c.number.desc()).limit(1)) or 0
            put(link, NOTES, [{"number": last + 1, "said": "x", "at": AT}])


def test_processes_that_start_at_once_on_an_empty_database_find_their_tables(database):
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(4)
    workers = [fork.Process(target=_begin, args=(database("desk"), gate)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4


def _begin(url, gate):
    gate.wait(30)
    assert Store(url).places() == {}


def test_a_server_holds_everybody_in_one_database(database):
    one = database("anxin")
    url = database if one.startswith("sqlite") else lambda _: one  # a file has no schemas
    store, box = Store(url("desk")), outbox(url("notifier"))
    door = engine_of(url("door"), schema="desk")
    nonces, sessions = Nonces(door), Sessions(door)
    vault = Vault(url("vault"), b"k" * 32)
    assert nonces.take("12345", "n" * 16, 0)
    assert not nonces.take("12345", "n" * 16, 1)
    assert sessions.find(sessions.open("g-1", AT), AT).account == "g-1"
    assert (store.places(), box.places(), vault.census().current) == ({}, {}, 0)
    vault.close()
