"""Ticks for open pages: for whom, how many, and until when."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import HTTPException

from services.desk import live
from services.desk.place import COOKIE
from services.desk.sessions import LASTS
from tests.support.databases import Database
from tests.support.house import House, opened


@pytest.fixture
def house(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0)
    with opened(database) as made:
        made.enter("centre_duty")
        yield made


def request(house: House) -> Any:
    state = house.client.app.state
    return SimpleNamespace(
        app=SimpleNamespace(state=state), cookies={COOKIE: house.client.cookies[COOKIE]}
    )


def ticks(house: House) -> AsyncIterator[Any]:
    state = house.client.app.state
    return live.live(request(house), state.desk, None, state.audience)  # type: ignore[arg-type]


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
