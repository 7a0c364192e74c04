"""触发延迟 on the board: how long after a clock's end its lapse was said."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest

from schemas.escalations import DeadlineBreached
from schemas.event import Event, Out, Record
from services.desk.tables import FACTS
from services.runtime.publish import message_of
from tests.support.databases import Database
from tests.support.house import House, opened
from tests.support.notices import OWNER

CASE = uuid5(NAMESPACE_URL, "fires")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def lapse(house: House, clock: str, late: timedelta, ago: timedelta = timedelta()) -> None:
    said = house.now - ago
    fact = DeadlineBreached(
        district="420704", case_id=CASE, clock=clock, due_at=said - late, owner=OWNER, hard=False
    )
    sent = message_of(
        Out("escalations", str(CASE), Event(uuid5(CASE, clock), "urn:t", said, "", fact))
    )
    place = house.store.places().get(("escalations", 96))
    offset = place.next_offset if place else 0
    house.store.apply([Record("escalations", 96, offset, said, sent.key, sent.value, sent.headers)])


def told(house: House) -> str:
    text = house.client.get("/board").text
    return re.search(r"触发延迟（近 24 小时）</dt><dd[^>]*>([^<]*)<", text)[1]


def test_the_slowest_of_a_day_is_said_to_who_sees_all(house):
    house.enter("centre_duty")
    before = told(house)
    lapse(house, "S03", timedelta(days=30), ago=timedelta(hours=25))
    assert told(house) == before
    lapse(house, "S04", timedelta(days=20))
    assert "最慢 20 天" in told(house)
    assert 'class="late">' in house.client.get("/board").text
    house.enter("town_squad_leader")
    assert "触发延迟" not in house.client.get("/board").text


def test_seconds_are_said_as_seconds(house):
    house.enter("centre_duty")
    with house.store.engine.begin() as link:
        link.execute(FACTS.delete())
    assert told(house) == "没有逾期"
    lapse(house, "S03", timedelta(seconds=2.5))
    assert told(house) == "1 次，最慢 2.5 秒"
