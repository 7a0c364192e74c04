"""What a channel may ask, over a read model of a simulated world: its own and nothing else, and nothing personal."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from sqlalchemy import select

from schemas.event import Record
from schemas.matter import CHANNELS
from services.desk.core import cursor
from services.desk.core.fold import View
from services.desk.core.problem import Problem
from services.desk.store import Store
from services.desk.tables import CASES, REPLIES, TOPICS
from tests.simulation.fleet import CALM
from tests.simulation.world import World
from tests.support.door import KEYS, Desk, client, signed

ALL = {name: (name.encode().ljust(32, b"."),) for name in CHANNELS} | KEYS


@cache
def log() -> list[Record]:
    """Whole worlds one after another, until several sources are owed an answer."""
    found: list[Record] = []
    ends: Counter[tuple[str, int]] = Counter()
    for seed in range(200):
        world = World(seed, CALM, patient=True).run()
        for place, records in world.log.partitions.items():
            if place[0] in TOPICS:
                found += [replace(one, offset=ends[place] + n) for n, one in enumerate(records)]
                ends[place] += len(records)
        if sum(number for (name, _), number in ends.items() if name == "replies") >= 6:
            break
    return found


@pytest.fixture
def desk(tmp_path, database):
    Store(database("model")).apply(log())
    return Desk(tmp_path, database, keys=ALL, open311=True)


def views(desk) -> list[View]:
    with desk.edge.engine.connect() as link:
        return [View.model_validate_json(row) for row in link.scalars(select(CASES.c.view))]


def get(desk, target, channel="12345", **more):
    headers = signed(b"", target, method="GET", channel=channel, key=ALL[channel][0])

    async def ask():
        async with client(desk) as http:
            return await http.get(target, headers=headers | more)

    return asyncio.run(ask())


def sources(desk):
    return [(view, one) for view in views(desk) for one in view.sources]


def test_a_channel_sees_the_fate_of_what_it_sent_and_of_nothing_else(desk):
    seen = 0
    for view, one in sources(desk):
        target = f"/v1/submissions/{one.submission_id}"
        said = get(desk, target, one.channel).json()
        assert (said["case_number"], said["external_no"]) == (view.number, one.external_no)
        assert said["fate"] == (
            "closed" if view.closed_at else "declined" if view.declined else "open"
        )
        due = said["deadline"] and said["deadline"]["due_at"]
        assert due == (view.governing and view.governing.due_at.isoformat().replace("+00:00", "Z"))
        assert said["last_step"]["name"]
        other = next(name for name in ALL if name != one.channel)
        assert get(desk, target, other).status_code == 404
        seen += 1
    assert seen > 2


def test_an_address_that_is_no_submission_is_said_so(desk):
    assert get(desk, "/v1/submissions/" + "0" * 8).status_code == 422
    answer = get(desk, "/v1/submissions/00000000-0000-0000-0000-000000000000")
    assert answer.json()["type"].endswith("not_found")
    assert answer.headers["retry-after"]


def rows(desk):
    with desk.edge.engine.connect() as link:
        return link.execute(select(REPLIES)).all()


def test_every_reply_of_a_channel_is_pulled_once_in_pages_and_survives_a_rebuild(
    desk, tmp_path, database, monkeypatch
):
    monkeypatch.setattr("services.desk.edge_read.REPLIES_MAX", 2)

    def again(name):
        return database(f"{name}-again")

    otherwise = sorted(log(), key=lambda one: (-one.partition, one.topic, one.offset))
    Store(again("model")).apply(otherwise)
    channels = {row.channel for row in rows(desk)}
    assert len(channels) > 1
    for channel in channels:
        mine = {row.event_id for row in rows(desk) if row.channel == channel}
        pulled, since = [], ""
        while page := get(desk, f"/v1/replies?since={since}", channel).json():
            pulled += [one["id"] for one in page["replies"]]
            since = page["next"]
            if not page["replies"]:
                break
        assert sorted(pulled) == sorted(mine)
        rebuilt = Desk(tmp_path, again, keys=ALL)
        assert get(rebuilt, f"/v1/replies?since={since}", channel).json()["replies"] == []


def test_a_cursor_is_read_back_and_a_strange_one_is_named(desk):
    for known in ({}, {3: 7}, {0: 0, 23: 10**17}):
        assert cursor.read(cursor.written(known)) == known
    for text in ("!", "MzoxLA", "OTk6MQ", "A" * 900, "é"):
        with pytest.raises(Problem):
            cursor.read(text)
    assert get(desk, "/v1/replies?since=!").json()["field"] == "since"


def test_the_query_is_signed_too(desk):
    headers = signed(b"", "/v1/replies?since=", method="GET")

    async def ask():
        async with client(desk) as http:
            return await http.get("/v1/replies?since=MTow", headers=headers)

    assert asyncio.run(ask()).json()["type"].endswith("bad_signature")


def test_open311_shows_cases_without_people_places_and_employers(desk):
    target = "/open311/v2/requests.json?start_date=2000-01-01T00:00:00Z&end_date=2100-01-01T00:00:00%2B08:00"
    answer = get(desk, target)
    found = {one["service_request_id"]: one for one in answer.json()}
    shown = [view for view in views(desk) if view.opened_at and view.sources]
    assert found.keys() == {view.number for view in shown}
    for view in shown:
        one = found[view.number]
        assert one["status"] == ("closed" if view.closed_at else "open")
        due = view.governing.due_at.isoformat().replace("+00:00", "Z") if view.governing else None
        assert one["expected_datetime"] == due
        assert set(one) == {
            "service_request_id", "status", "status_notes", "service_code", "service_name",
            "requested_datetime", "updated_datetime", "expected_datetime",
        }  # fmt: skip
        for source in view.sources:
            employer = source.matter.employer
            assert not employer or not employer.name or employer.name not in answer.text
    closed = get(desk, target + "&status=closed").json()
    assert {one["status"] for one in closed} <= {"closed"}
    number = shown[0].number
    [single] = get(desk, f"/open311/v2/requests/{number}.json").json()
    assert single["service_request_id"] == number
    assert get(desk, "/open311/v2/requests/none.json").status_code == 404
    assert get(desk, "/open311/v2/requests.json?start_date=soon").status_code == 422
    assert get(desk, "/open311/v2/services.json").json()[0]["service_code"] == "wages"


def test_open311_is_not_there_unless_it_is_asked_for(tmp_path, database):
    closed = Desk(tmp_path, database, keys=ALL)
    for name in ("services", "requests", "requests/1"):
        assert get(closed, f"/open311/v2/{name}.json").status_code == 404


def test_the_document_is_served_and_is_the_committed_one(desk):
    answer = get(desk, "/openapi.json")
    assert "/v1/submissions/{channel}" in answer.json()["paths"]
    assert json.loads(answer.text)["openapi"].startswith("3.1")
