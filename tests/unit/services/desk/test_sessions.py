"""How long a login lasts, and what ends it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.desk.place import Desk
from services.desk.sessions import IDLE, LASTS, SEEN_EVERY, SESSIONS, Sessions
from services.runtime.sql import engine_of
from tests.support.databases import Database
from tests.support.house import House, opened

AT = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sessions(database: Database) -> Iterator[Sessions]:
    made = Sessions(engine_of(database("door"), schema="desk"))
    yield made
    made.engine.dispose()


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def test_who_is_away_for_two_hours_is_logged_out(sessions):
    token = sessions.open("g-1", AT)
    assert sessions.find(token, AT + IDLE - MINUTE)
    assert sessions.find(token, AT + 2 * IDLE - 2 * MINUTE)
    assert sessions.find(token, AT + 3 * IDLE) is None


def test_a_working_day_ends_it_however_busy(sessions):
    token, now = sessions.open("g-1", AT), AT
    while now < AT + LASTS:
        assert sessions.find(token, now)
        now += timedelta(hours=1)
    assert sessions.find(token, now) is None


def test_clicks_are_written_down_once_in_five_minutes(sessions):
    token, written = sessions.open("g-1", AT), []
    event.listen(
        sessions.engine, "before_cursor_execute", lambda *said: written.append(said[2].split()[0])
    )
    for second in range(0, 600, 10):
        assert sessions.find(token, AT + timedelta(seconds=second))
    assert written.count("UPDATE") == timedelta(seconds=590) // SEEN_EVERY


def test_a_page_that_asks_by_itself_keeps_nobody_logged_in(house):
    house.enter("centre_duty")
    for _ in range(12):
        house.now += timedelta(minutes=9)
        assert house.client.get("/board", headers={"HX-Request": "true"}).status_code == 200
    house.now += timedelta(minutes=13)
    assert house.client.get("/board", headers={"HX-Request": "true"}).status_code == 401


def test_only_a_hash_is_kept_and_what_is_over_is_swept(sessions):
    token = sessions.open("g-1", AT)
    (row,) = rows(sessions)
    assert token not in str(row)
    sessions.open("g-2", AT + IDLE)
    assert [row.account for row in rows(sessions)] == ["g-2"]


def rows(sessions: Sessions) -> list[Any]:
    with sessions.engine.connect() as link:
        return list(link.execute(select(SESSIONS)))


def test_the_token_that_somebody_planted_is_not_the_one_of_the_login(house):
    house.client.get("/login")
    mine = house.client.app.state.desk.sessions.open("centre-duty", house.now)
    house.client.cookies.set("anxin", mine)
    answer = house.client.post("/login", data={"account": "g-420704001-G01-a"})
    cookie = answer.headers["set-cookie"]
    assert mine not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    house.client.cookies.clear()
    house.client.cookies.set("anxin", mine)
    assert house.client.get("/board").status_code == 303


def test_over_https_the_cookie_is_of_this_host_only(house):
    state = house.client.app.state
    state.desk = Desk(**{**vars(state.desk), "secure": True})
    cookie = house.client.post("/login", data={"account": "g-420704001-G01-a"}).headers[
        "set-cookie"
    ]
    assert cookie.startswith("__Host-anxin=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    house.client.cookies.clear()
    house.enter("centre_duty")  # under the plain name: somebody else's page could have set it
    assert house.client.get("/board").status_code == 303


def test_who_leaves_the_roster_is_out_at_once_and_stays_out(house):
    account = house.enter("centre_duty")
    assert house.client.get("/board").status_code == 200
    state = house.client.app.state
    whole = state.desk
    left = {name: one for name, one in whole.office.people.items() if name != account}
    office = type(whole.office)(**{**vars(whole.office), "people": left})
    state.desk = Desk(**{**vars(whole), "office": office})
    assert house.client.get("/board").status_code == 303
    state.desk = whole
    assert house.client.get("/board").status_code == 303
