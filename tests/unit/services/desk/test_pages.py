"""The pages over a read model of simulated worlds: who sees what, what a form sends, what comes back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from schemas import actions as a
from schemas.escalations import ActionRefused
from schemas.event import Event, Out, Record
from services.desk.app import build
from services.desk.core.fold import View
from services.desk.place import Desk
from services.desk.sessions import LASTS, Sessions
from services.desk.store import CASES, TOPICS, Store
from services.desk.wording import Office, read_office
from services.kernel.ids import NAMESPACE
from services.runtime.message import Message
from services.runtime.publish import NotNow, message_of
from tests.simulation.fleet import CALM
from tests.simulation.world import World, script_of

POLICIES = Path(__file__).resolve().parents[4] / "policies"
BOSS = "centre-head-a"


@cache
def office() -> Office:
    return read_office(POLICIES)


@cache
def log() -> tuple[list[Record], datetime]:
    """The first world in which somebody of a grid has still to sign, stopped at that instant."""
    for seed in range(400):
        world = World(seed, CALM, patient=True, script=script_of(seed))
        middle = world.outside[len(world.outside) // 2][0]
        while world.log.now < middle and world._step():
            pass
        records = [
            r for (name, _), rs in world.log.partitions.items() if name in TOPICS for r in rs
        ]
        store = Store("sqlite://")
        store.apply(records)
        if any(one.state == "assigned" and one.owner.grid for one in views_of(store)):
            return records, world.log.now
    raise AssertionError("no world of these has an assignment to sign")


def views_of(store: Store) -> list[View]:
    with store.engine.connect() as link:
        return [View.model_validate_json(row) for row in link.scalars(select(CASES.c.view))]


@dataclass
class House:
    """A desk with its doors: what was sent, whether the broker is there."""

    client: TestClient
    store: Store
    now: datetime
    sent: list[Out] = field(default_factory=list)
    away: bool = False

    def views(self) -> list[View]:
        return views_of(self.store)

    def enter(self, post: str, grid: str = "") -> str:
        """Logs in; the account."""
        person = next(
            one
            for one in office().people.values()
            if one.post == post and (not grid or one.grid == grid)
        )
        self.client.cookies.clear()
        token = self.client.app.state.desk.sessions.open(person.account, self.now)
        self.client.cookies.set("anxin", token)
        return person.account

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the first form of a page."""
        text = self.client.get(path).text
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))

    def answer(self, fact: a.Data) -> None:
        """The fact escalation would say."""
        event = Event(uuid5(NAMESPACE, fact.model_dump_json()), "urn:t", self.now, "", fact)
        message: Message = message_of(Out("escalations", str(fact.case_id), event))
        self.store.apply(
            [Record("escalations", 99, 0, self.now, message.key, message.value, message.headers)]
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    records, now = log()
    store = Store(f"sqlite:///{tmp_path}/desk.db")
    store.apply(records)
    made: list[House] = []

    def send(out: Out) -> None:
        if made[0].away:
            raise NotNow("away")
        made[0].sent.append(out)

    counter = iter(range(10_000))
    desk = Desk(
        office=office(), engine=store.engine, sessions=Sessions(store.engine), send=send,
        now=lambda: now, wall=lambda: made[0].now,
        fresh_id=lambda: uuid5(NAMESPACE, f"t{next(counter)}"), caught_up=lambda: made[0].now,
        district="420704", demo=True,
    )  # fmt: skip
    client = TestClient(build(desk), follow_redirects=False)
    made.append(House(client, store, now))
    yield made[0]
    store.close()


def assigned(house: House) -> View:
    return next(v for v in house.views() if v.state == "assigned" and v.owner and v.owner.grid)


def test_a_stranger_is_sent_to_the_login(house):
    for path in ("/", "/inbox", "/board", f"/cases/{house.views()[0].case_id}"):
        answer = house.client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_without_the_demo_nobody_enters_without_a_password(house):
    desk = house.client.app.state.desk
    house.client.app.state.desk = Desk(**{**vars(desk), "demo": False})
    assert house.client.get("/login").status_code == 404
    assert house.client.post("/login", data={"account": "g-420704001-G01-a"}).status_code == 404


def test_the_demo_offers_one_of_each_post_and_no_one_else(house):
    text = house.client.get("/login").text
    accounts = re.findall(r'name="account" value="([^"]+)"', text)
    assert len(accounts) == 5
    assert house.client.post("/login", data={"account": accounts[0]}).status_code == 303
    assert house.client.post("/login", data={"account": "g-420704108-G02-b"}).status_code == 404


@pytest.mark.parametrize("post", ["centre_duty", "director", "procuratorate"])
def test_every_page_of_every_case_is_written_for_who_sees_all(house, post):
    house.enter(post)
    for path in ("/board", "/inbox", "/cases", "/cases?show=closed", "/me"):
        assert house.client.get(path).status_code == 200
    for view in house.views():
        answer = house.client.get(f"/cases/{view.case_id}")
        assert answer.status_code == 200
        assert view.number in answer.text


def test_a_grid_officer_sees_the_own_grid_only(house):
    mine = assigned(house)
    house.enter("grid_officer", mine.owner.grid)
    assert house.client.get(f"/cases/{mine.case_id}").status_code == 200
    other = next(g for g in office().grids if g != mine.owner.grid)
    house.enter("grid_officer", other)
    assert house.client.get(f"/cases/{mine.case_id}").status_code == 404
    assert mine.number not in house.client.get("/inbox").text
    assert house.client.get(f"/grids/{mine.owner.grid}").status_code == 404
    form = {"csrf": "x", "command_id": str(UUID(int=1))}
    assert house.client.post(f"/cases/{mine.case_id}/actions/sign", data=form).status_code == 404
    assert house.sent == []


def test_one_thumb_signs_and_the_page_waits_for_the_fact(house):
    view = assigned(house)
    account = house.enter("grid_officer", view.owner.grid)
    form = house.form("/inbox")
    answer = house.client.post(f"/cases/{view.case_id}/actions/sign", data=form)
    assert answer.status_code == 303
    (sent,) = house.sent
    assert (sent.topic, sent.key) == ("actions", str(view.case_id))
    assert sent.event.data == a.Sign(
        district="420704", case_id=view.case_id, seen_attempt=view.attempt,
        actor=a.Actor(post="grid_officer", account=account),
    )  # fmt: skip
    assert str(sent.event.id) == form["command_id"]
    waiting = house.client.get(answer.headers["location"].partition("#")[0]).text
    assert "正在等待结果" in waiting
    house.answer(
        ActionRefused(
            district="420704", case_id=view.case_id, command_id=sent.event.id, verb="sign",
            actor=sent.event.data.actor, acted_at=house.now, reason="stale",
            reason_zh="案件已改派，请刷新后再办",
        )
    )  # fmt: skip
    told = house.client.get(f"/cases/{view.case_id}/verdict/{sent.event.id}").text
    assert "没有办成：案件已改派" in told


def test_a_form_sent_twice_is_one_command(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form("/inbox")
    for _ in range(2):
        house.client.post(f"/cases/{view.case_id}/actions/sign", data=form)
    assert len({one.event.id for one in house.sent}) == 1


def test_a_wrong_amount_is_said_and_what_was_typed_stays(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form(f"/cases/{view.case_id}?act=pay") | {"amount_fen": "一万八", "workers": "3"}
    answer = house.client.post(f"/cases/{view.case_id}/actions/pay", data=form)
    assert answer.status_code == 422
    assert "请填数字" in answer.text
    assert 'value="一万八"' in answer.text
    assert form["command_id"] in answer.text
    assert house.sent == []


def test_a_form_of_another_session_is_refused(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form("/inbox")
    house.enter("grid_officer", view.owner.grid)
    assert house.client.post(f"/cases/{view.case_id}/actions/sign", data=form).status_code == 403


def test_a_post_without_the_power_gets_neither_form_nor_command(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    assert house.client.get(f"/cases/{view.case_id}?act=decide").status_code == 404
    form = house.form("/inbox")
    assert house.client.post(f"/cases/{view.case_id}/actions/decide", data=form).status_code == 403


def test_a_broker_that_is_away_is_said_and_nothing_is_lost_by_trying_again(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form("/inbox")
    house.away = True
    answer = house.client.post(f"/cases/{view.case_id}/actions/sign", data=form)
    assert answer.status_code == 503
    assert "稍后再试" in answer.text


def test_a_session_ends_with_the_working_day_and_by_logging_out(house):
    house.enter("centre_duty")
    form = {"csrf": house.form("/me")["csrf"]}
    assert house.client.post("/logout", data=form).status_code == 303
    assert house.client.get("/board").status_code == 303
    house.enter("centre_duty")
    house.now += LASTS + timedelta(seconds=1)
    assert house.client.get("/board").status_code == 303


def test_no_page_may_be_framed_kept_or_scripted_from_outside(house):
    house.enter("centre_duty")
    answer = house.client.get("/board")
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", answer.text)


def test_a_number_finds_its_case(house):
    view = house.views()[0]
    house.enter("centre_duty")
    answer = house.client.get("/cases", params={"number": f" {view.number} "})
    assert answer.headers["location"] == f"/cases/{view.case_id}"
    assert "没有找到案号" in house.client.get("/cases", params={"number": "<script>"}).text
    assert "<script>" not in house.client.get("/cases", params={"number": "<script>"}).text.replace(
        '<script src="', ""
    )
