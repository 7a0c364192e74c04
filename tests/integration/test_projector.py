"""The desk on a real Kafka, killed amid its reading again and again: its tables hold what one reading gives."""

import random

import pytest
from sqlalchemy import Table, func, select

from schemas.event import Record
from services.desk.serve import store_of
from services.desk.store import Store
from services.desk.tables import CASES, COUNTS, EVENTS, META, OFFSETS, REPLIES, TALLIES, TOPICS
from services.runtime.broker import free_port
from services.runtime.settings import Settings
from services.runtime.tail import Tail
from tests.simulation.fleet import CALM
from tests.simulation.world import World
from tests.support.kafka import send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
WORLDS, PORTIONS = 24, 3
OF_THE_WAY = {"seq", "cursor"}
"""In which order topics and partitions were read: of each reading its own."""


def records(numbers: range) -> list[Record]:
    worlds = [World(number, CALM, patient=True).run() for number in numbers]
    return [one for world in worlds for one in world.log.records() if one.topic in TOPICS]


def told(kafka, prefix: str, some: list[Record]) -> None:
    for topic in TOPICS:
        rows = [(r.key, r.value, list(r.headers)) for r in some if r.topic == topic]
        send(kafka.bootstrap, prefix + topic, rows)


def read_once(kafka, prefix: str, count: int) -> Store:
    """By nobody who is killed."""
    alone, seen = Store("sqlite://"), 0
    tail = Tail(kafka.bootstrap, prefix, TOPICS, begin={}, wait_ms=300)
    while seen < count:
        found = tail.poll()
        alone.apply(found)
        seen += len(found)
    tail.close()
    return alone


def rows(store: Store, table: Table) -> list[str]:
    """Without places of the tallies where nothing is counted any more: cases pass through others on other ways."""
    columns = [column for column in table.c if column.name not in OF_THE_WAY]
    with store.engine.connect() as link:
        found = link.execute(select(*columns)).mappings().all()
    return sorted(repr(row) for row in found if table is not TALLIES or any(row[n] for n in COUNTS))


def applied(store: Store) -> int:
    with store.engine.connect() as link:
        return link.scalar(select(func.coalesce(func.sum(OFFSETS.c.next_offset), 0)))


def test_killed_amid_its_reading_it_goes_on_where_the_tables_stand(
    kafka, prefix, service, tmp_path
):
    chance = random.Random(7)
    kept = store_of(Settings(home=tmp_path / "home"))
    ports = {"ANXIN_HTTP_PORT": str(free_port()), "ANXIN_PROBE_PORT": str(free_port())}
    desk = service("services.desk", **ports)
    sent, kills = 0, []
    for begin in range(0, WORLDS, WORLDS // PORTIONS):
        some = records(range(begin, begin + WORLDS // PORTIONS))
        before, sent = sent, sent + len(some)
        told(kafka, prefix, some)
        kill_at = before + chance.randrange(1, len(some))
        until(lambda at=kill_at: applied(kept) >= at, "some of it in the tables")
        desk.kill()
        kills.append(applied(kept))
        desk.start()
    until(lambda: applied(kept) >= sent, "all of it in the tables")
    once = read_once(kafka, prefix, sent)
    assert applied(kept) == applied(once) == sent
    assert {table.name: rows(kept, table) for table in META.sorted_tables} == {
        table.name: rows(once, table) for table in META.sorted_tables
    }
    assert all(rows(kept, table) for table in (CASES, EVENTS, REPLIES, TALLIES))
    assert any(at < sent for at in kills)
