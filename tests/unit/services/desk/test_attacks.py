"""Every page and every form, as the application lists them, against who may not: a new one without a guard fails here.

Of one page or one post: test_pages, test_quarantine, test_reveal. Of sessions and logins: test_sessions, test_login_*.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import APIRouter
from sqlalchemy import select

from schemas.event import Record
from services.desk.core.forms import VERBS
from services.desk.place import COOKIE, MENU
from services.desk.sessions import LASTS
from services.desk.tables import META
from tests.support.attacks import FORMS, REASON, enter, foreign, guarded, sent, watched, ways
from tests.support.databases import Database
from tests.support.events import AT, CASE, OWNER
from tests.support.house import House, assigned, office, opened

EVERY, FEW = frozenset(MENU), frozenset
SEEN_BY = {
    "/": EVERY, "/me": EVERY, "/inbox": EVERY, "/cases": EVERY, "/board": EVERY, "/live": EVERY, "/grids/{grid}": EVERY,
    "/cases/{identity}": EVERY, "/cases/{identity}/verdict/{command}": EVERY, "/seen": FEW({"leader", "auditor"}),
    "/messages": EVERY,
    "/quarantine": FEW({"dispatcher", "operator"}), "/quarantine/{position}": FEW({"operator"}),
} | dict.fromkeys(
    ("/indicators", "/indicators.csv", "/indicators.xlsx"), FEW({"dispatcher", "leader", "auditor"})
)  # fmt: skip
"""Roles by page; of cases those of their grids."""
POSTS = {
    "inspector": "grid_officer", "dispatcher": "centre_duty", "leader": "director", "operator": "platform_admin",
    "auditor": "procuratorate",
}  # fmt: skip


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """With a case of another grid than `assigned`'s, and a record in quarantine; every answer is looked at."""
    with opened(database) as made:
        made.store.apply(foreign())
        made.bury(Record("inbound-12345", 3, 17, AT, b"k", b"{}", ()))
        made.client.event_hooks["response"] = [watched]
        yield made


def test_a_page_that_is_added_is_among_the_ways(house):
    added = APIRouter()
    added.add_api_route("/new/{identity}", lambda: "all of it", methods=["GET", "POST"])
    house.client.app.include_router(added)
    new = [way for way in ways(house.client.app) if way.path == "/new/{identity}"]
    assert [way.method for way in new] == ["GET", "POST"]
    house.client.app.mount("/hidden", APIRouter())
    with pytest.raises(AssertionError, match="/hidden"):
        ways(house.client.app)


def test_nobody_sees_or_does_anything_without_a_session_that_stands(house):
    sessions = house.client.app.state.desk.sessions
    tokens = ["", "x" * 43, "' OR 1=1 --", sessions.open("left-the-office", house.now)]
    tokens.append(sessions.open("centre-duty", house.now - LASTS))
    for token in tokens:
        house.client.cookies.clear()
        house.client.cookies.set(COOKIE, token)
        for way in guarded(house):
            form = REASON if way.method == "POST" else None
            answer = house.client.request(way.method, way.to(), data=form)
            assert (answer.status_code, answer.text) == (303, ""), way
            assert re.fullmatch(r"/login(\?next=%2F[\w%.-]*)?", answer.headers["location"]), way
            assert "set-cookie" not in answer.headers
    assert sent(house) == 0


def test_every_page_is_for_the_roles_that_are_said_here_and_looking_changes_nothing(house):
    house.client.app.state.leaving = True  # /live ends
    before = _rows(house)
    for role, post in POSTS.items():
        house.enter(post, OWNER.grid if post == "grid_officer" else "")
        for way in guarded(house, "GET"):
            answer = house.client.get(way.to())
            assert (answer.status_code in (200, 303)) == (role in SEEN_BY[way.path]), (role, way)
            assert answer.status_code in (200, 303, 403, 404)
        for verb in VERBS:
            able = _able(house, verb)
            assert house.client.get(f"/cases/{CASE}?act={verb}").status_code == (
                200 if able else 404
            )
    assert (sent(house), _rows(house)) == (0, before)


def test_what_a_post_may_not_do_it_cannot_send(house):
    form = {"command_id": str(UUID(int=5))}
    for post in POSTS.values():
        csrf = enter(house, house.enter(post, OWNER.grid if post == "grid_officer" else ""))
        for verb in [*VERBS, "nothing"]:
            if not _able(house, verb):
                at = f"/cases/{CASE}/actions/{verb}"
                assert house.client.post(at, data=form | {"csrf": csrf}).status_code == 403, (
                    post,
                    verb,
                )
    assert sent(house) == 0


def test_a_form_without_the_word_of_its_own_session_does_nothing(house):
    mine = assigned(house)
    for way in guarded(house, "POST"):
        post, form = FORMS[way.path]
        grid = mine.owner.grid if post == "grid_officer" else ""
        house.enter(post, grid)
        other = house.form("/me")["csrf"]
        house.enter(post, grid)
        at, csrf, before = way.to(mine.case_id), house.form("/me")["csrf"], sent(house)
        assert csrf != other
        for bad in (
            {},
            {"csrf": ""},
            {"csrf": "x" * 43},
            {"csrf": other},
            {"csrf": csrf[:-1]},
            {"csrf": "é" * 43},
        ):
            answer = house.client.post(
                at, data=form | bad, headers={"X-CSRF-Token": csrf}, params={"csrf": csrf}
            )
            assert answer.status_code in (409, 422), (way, bad)
            assert (sent(house), house.client.get("/me").status_code) == (before, 200), (way, bad)
        assert house.client.post(at, data=form | {"csrf": csrf}).status_code in (200, 303), way
        done = (
            house.client.get("/me").status_code == 303
            if way.path == "/logout"
            else sent(house) > before
        )
        assert done, way
        del house.graves.records[1:]  # the mark of a redrive


def _able(house: House, verb: str) -> bool:
    """The post that is logged in; `replied` is told by a source and has no form."""
    session = house.client.app.state.desk.sessions.find(house.client.cookies[COOKIE], house.now)
    return verb != "replied" and office().may(office().people[session.account], verb)


def _rows(house: House) -> dict:
    with house.store.engine.connect() as link:
        return {table.name: link.execute(select(table)).all() for table in META.sorted_tables}
