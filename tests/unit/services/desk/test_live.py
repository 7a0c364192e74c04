"""Ticks for open pages: for whom, how many, and until when."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException

from schemas.actions import Actor
from schemas.escalations import ActionTaken
from services.desk import live, read
from services.desk.place import COOKIE
from services.desk.sessions import LASTS
from tests.support.databases import Database
from tests.support.house import House, assigned, opened


@pytest.fixture
def house(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(live, "TICK_EVERY_S", 0)
    with opened(database) as made:
        made.enter("centre_duty")
        yield made


def request(house: House) -> Any:
    state = house.client.app.state
    return SimpleNamespace(
        app=SimpleNamespace(state=state), cookies={COOKIE: house.client.cookies[COOKIE]}
    )


def ticks(house: House, since: str | None = None) -> AsyncIterator[Any]:
    """`since` None = of a page that was made now."""
    state = house.client.app.state
    made = live.since(request(house), state.desk) if since is None else since
    return live.live(request(house), state.desk, None, state.audience, made)  # type: ignore[arg-type]


def move(house: House) -> None:
    view = assigned(house)
    house.answer(
        ActionTaken(
            district=view.district, case_id=view.case_id, command_id=view.case_id, verb="comment",
            actor=Actor(post="grid_officer"), acted_at=view.opened_at, detail={},
        )
    )  # fmt: skip


def test_what_moved_between_a_page_and_its_stream_is_told(house):
    page = house.client.get("/board").text
    since = re.search(r"/live\?since=(\w+)", page).group(1)
    move(house)

    async def run() -> str:
        return (await anext(ticks(house, since))).event

    assert asyncio.run(asyncio.wait_for(run(), 30)) == "moved"


def test_what_moves_while_a_page_is_being_made_is_told(house, monkeypatch):
    """The place is taken before the page looks: a record that comes right after it is not lost to both."""
    looked = read.urgent_first

    def late(*asked: Any) -> Any:
        found = looked(*asked)
        move(house)
        return found

    monkeypatch.setattr(read, "urgent_first", late)
    page = house.client.get("/board").text
    monkeypatch.undo()
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0)
    assert live.since(request(house), house.client.app.state.desk) not in page


def test_an_ended_session_hears_no_more_where_nothing_moves(house):
    async def run() -> list[Any]:
        listening = ticks(house)
        house.now += LASTS
        return [one async for one in listening]

    assert asyncio.run(asyncio.wait_for(run(), 30)) == []


def test_a_desk_that_is_asked_to_stop_lets_its_pages_go(house):
    async def run() -> list[Any]:
        house.client.app.state.leaving = True
        return [one async for one in ticks(house)]

    assert asyncio.run(asyncio.wait_for(run(), 30)) == []


def test_a_place_is_taken_at_once_and_given_back(house, monkeypatch):
    monkeypatch.setattr(live, "PAGES_MAX", 2)
    people = house.client.app.state.audience

    async def run() -> None:
        seats = [live.seat(request(house)) for _ in range(2)]
        for one in seats:
            await anext(one)
        with pytest.raises(HTTPException) as refused:
            await anext(live.seat(request(house)))
        assert refused.value.status_code == 503
        await seats[0].aclose()
        assert people.pages == 1
        await anext(live.seat(request(house)))

    asyncio.run(run())
