"""A case of another grid: on no page, in no list, figure, filter, file or tick, by no form; not even that it exists."""

import asyncio
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from uuid import UUID, uuid5

import pytest
from sqlalchemy import select

from schemas.cases import CaseOpened, Likeness, MatterSuggested, SubmissionSplit
from schemas.escalations import AssignmentMade
from schemas.event import Data, Event, Out, Record
from services.desk import live, read
from services.desk.core.forms import VERBS
from services.desk.core.people import grids_of
from services.desk.tables import EVENTS
from services.runtime.publish import message_of
from tests.support.attacks import FOREIGN, FORMS, bound, enter, foreign, guarded, sent, watched
from tests.support.databases import Database
from tests.support.events import AT, CASE, OWNER
from tests.support.house import House, assigned, office, opened

NOBODY = UUID(int=9)
"""A case that does not exist."""


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """With a case of another grid than `assigned`'s; every answer is looked at."""
    with opened(database) as made:
        made.store.apply(foreign())
        made.client.event_hooks["response"] = [watched]
        yield made


def test_the_case_of_another_grid_is_answered_like_one_that_does_not_exist(house):
    forms = [way for way in guarded(house) if "{identity}" in way.path]
    assert {way.method for way in forms} == {"GET", "POST"}
    for account in bound(house):
        csrf = enter(house, account)
        for way in forms:
            asked = [{}, *({name: value} for name in way.asks for value in (UUID(int=5), "sign"))]
            for verb in VERBS if "{verb}" in way.path else ["sign"]:
                for query in asked:
                    form = {"csrf": csrf} | FORMS[way.path][1] if way.method == "POST" else None
                    theirs, none = (
                        house.client.request(way.method, way.to(case, verb), params=query, data=form)
                        for case in (CASE, NOBODY)
                    )  # fmt: skip
                    assert theirs.status_code in (404, 422), (account, way)
                    assert _told(theirs) == _told(none)
    assert sent(house) == 0
    enter(house, "centre-duty")
    assert FOREIGN[1] in house.client.get(f"/cases/{CASE}").text


def test_no_list_figure_filter_or_file_tells_that_another_grid_has_a_case(database):
    """Two desks, one of which knows the case of another grid: to who may not see it they say the same."""
    with ExitStack() as stack:
        houses = [
            stack.enter_context(opened(lambda name, n=n: database(f"{name}{n}"))) for n in (0, 1)
        ]
        houses[1].store.apply(foreign())
        houses[1].bury(Record("inbound-12345", 3, 17, AT, b"k", b"{}", ()))
        for one in houses:
            one.client.app.state.leaving = True
        for account in bound(houses[0]):
            words = [enter(house, account) for house in houses]
            for url in _questions(houses[0]):
                said = [_said(*pair, url) for pair in zip(houses, words, strict=True)]
                assert said[0] == said[1], url
                assert not any(name in said[1][1] for name in FOREIGN if name not in url), url
        enter(houses[1], "centre-duty")
        for path in ("/inbox", "/cases", "/board"):
            assert FOREIGN[1] in houses[1].client.get(path).text


def test_the_board_counts_channels_of_ones_own_cases_and_the_quarantine_for_who_sees_all(house):
    house.bury(Record("inbound-12345", 3, 17, AT, b"k", b"{}", ()))
    desk = house.client.app.state.desk
    for account in (*bound(house), "centre-duty"):
        enter(house, account)
        grids = grids_of(office().people[account], office().grids)
        text = house.client.get("/board").text
        card = re.search(r"<h2>渠道</h2>.*?</section>", text, re.DOTALL)[0]
        mine = [v for v in house.views() if grids is None or (v.owner and v.owner.grid in grids)]
        records = {(v.case_id, one.submission_id, one.channel) for v in mine for one in v.sources}
        sent_by = Counter(channel for _, _, channel in records)
        told = {one.channel: one.count for one in read.channels(desk.engine, grids)}
        assert told == {name: sent_by[name] for name in read.CHANNELS}
        assert [int(n) for n in re.findall(r'<td class="num">(\d+)</td>', card)] == list(
            told.values()
        )
        assert ("静默" in card, "隔离区" in text) == (grids is None, grids is None), account
    assert '<dt>隔离区</dt><dd class="today">1 条</dd>' in text


def test_what_became_of_a_command_on_another_case_is_not_told(house):
    mine, events = assigned(house), EVENTS.c
    enter(house, "centre-duty")
    with house.store.engine.connect() as link:
        told = select(events.command_id).where(events.case_id == str(CASE))
        command = next(one for one in link.scalars(told) if one)
    assert "正在等待结果" not in house.client.get(f"/cases/{CASE}/verdict/{command}").text
    house.enter("grid_officer", mine.owner.grid)
    for url in (
        f"/cases/{mine.case_id}/verdict/{command}",
        f"/cases/{mine.case_id}?done={command}",
    ):
        assert "正在等待结果" in house.client.get(url).text


def test_a_case_that_is_spoken_of_on_another_is_named_only_to_who_may_see_it(house):
    """疑似同一事项, and where a record went that was split off: once another grid's, once one's own."""
    mine, near, at = assigned(house), UUID(int=8), {"district": "420704"}
    here, like = at | {"case_id": mine.case_id}, Likeness(score=0.8, reason_zh="单位相近")
    of_near = at | {"case_id": near}
    told = [
        CaseOpened(**of_near, number="20250828-NEARBY", submission=mine.sources[0]),
        AssignmentMade(**of_near, attempt=1, owner=mine.owner),
    ]
    both = {CASE: FOREIGN[1], near: "20250828-NEARBY"}
    for case, number in both.items():
        more = {"other": case, "other_number": number, "since": AT, "likeness": like}
        told.append(MatterSuggested(**here, **more))
        told.append(SubmissionSplit(**here, submission_id=UUID(int=7), into=case))
    apply(house, told)
    for account in (*bound(house), "centre-duty"):
        enter(house, account)
        text = house.client.get(f"/cases/{mine.case_id}").text
        hidden = account != "centre-duty"
        assert text.count("疑似与 另一网格的案件 同一事项，请核对：单位相近") == hidden
        assert any(name in text for name in FOREIGN) != hidden
        for case, number in both.items():
            shown = not (hidden and case == CASE)
            assert text.count(f"疑似与 {number} 同一事项") == shown
            assert text.count(f'<a href="/cases/{case}">看这一案</a>') == 2 * shown


def test_a_tick_does_not_say_how_much_moved(house, monkeypatch):
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(live, "TICK_EVERY_S", 0)
    enter(house, "centre-duty")
    state, marks = house.client.app.state, iter((6, 17_000))

    async def mark_of(_: object) -> int:
        return next(marks)

    async def ticks() -> list[str]:
        monkeypatch.setattr(state.audience, "mark_of", mark_of)
        token = SimpleNamespace(app=house.client.app, cookies=dict(house.client.cookies))
        told = live.live(token, state.desk, None, state.audience)
        return [str(await anext(told)) for _ in range(2)]

    one, other = asyncio.run(asyncio.wait_for(ticks(), 30))
    assert one == other


def apply(house: House, told: list[Data]) -> None:
    for offset, data in enumerate(told):
        event = Event(uuid5(CASE, f"told/{offset}"), "urn:t", AT, "", data)
        message = message_of(Out("cases", str(CASE), event))
        record = Record("cases", 97, offset, AT, message.key, message.value, message.headers)
        house.store.apply([record])


def _told(answer) -> tuple:
    said = re.sub(f"{CASE}|{NOBODY}", "", answer.text)
    return answer.status_code, answer.headers.get("location"), said


def _questions(house: House) -> list[str]:
    """Every page of no case, with every value that could tell, for every name of its query."""
    values = (*FOREIGN, OWNER.grid, "open", "late", "returned", "closed", "2025-08", "%00")
    pages = [
        way
        for way in guarded(house, "GET")
        if not {"{identity}", "{position}"} & set(re.findall(r"{\w+}", way.path))
    ]
    return [
        way.to() + query
        for way in pages
        for query in ("", *(f"?{name}={value}" for name in way.asks for value in values))
    ]


def _said(house: House, csrf: str, url: str) -> tuple[int, str]:
    """Without what differs between two sessions, nor how far the log was: that anything moved, a tick tells all."""
    answer = house.client.get(url)
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return answer.status_code, "".join(
                book.read(name).decode() for name in book.namelist() if "/s" in name
            )
    return answer.status_code, re.sub("since=[0-9a-f]{16}", "", answer.text.replace(csrf, ""))
