"""The pages over a read model of simulated worlds: what a form sends, what comes back. Who sees what: test_attacks."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from schemas import actions as a
from schemas.escalations import ActionRefused, ActionTaken, ClockFact, ClockStopped
from services.desk import read
from services.desk.core.cards import deeds
from services.desk.pages_case import WAITED_H_MAX
from services.desk.place import Desk
from services.desk.sessions import LASTS
from tests.support.databases import Database
from tests.support.house import House, assigned, office, opened

BOSS = "centre-head-a"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def test_a_stranger_comes_back_to_the_page_after_the_login(house):
    for path in ("/inbox", "/board", f"/cases/{house.views()[0].case_id}", "/cases?show=late"):
        answer = house.client.get(path)
        way = f"/login?next={quote(path, safe='')}"
        assert (answer.status_code, answer.headers["location"]) == (303, way)
    assert house.client.get("/").headers["location"] == "/login"
    assert house.client.post("/cases/x/actions/sign").headers["location"] == "/login"


def test_without_the_demo_nobody_enters_without_a_password(house):
    desk = house.client.app.state.desk
    house.client.app.state.desk = Desk(**{**vars(desk), "demo": False})
    assert house.client.get("/login").status_code == 404
    assert house.client.post("/login", data={"account": "g-420704001-G01-a"}).status_code == 404


def test_the_demo_offers_one_of_each_post_and_no_one_else(house):
    text = house.client.get("/login").text
    accounts = re.findall(r'name="account" value="([^"]+)"', text)
    assert len(accounts) == 6
    assert house.client.post("/login", data={"account": accounts[0]}).status_code == 303
    for account in ("city-bureau", "nobody"):  # a post it does not offer
        assert house.client.post("/login", data={"account": account}).status_code == 404


@pytest.mark.parametrize("post", ["centre_duty", "director", "procuratorate"])
def test_every_page_of_every_case_is_written_for_who_sees_all(house, post):
    house.enter(post)
    for path in ("/board", "/inbox", "/cases", "/cases?show=closed", "/me"):
        assert house.client.get(path).status_code == 200
    for view in house.views():
        answer = house.client.get(f"/cases/{view.case_id}")
        assert answer.status_code == 200
        assert view.number in answer.text


def test_a_case_tells_what_became_of_every_clock_under_it_and_of_those_that_ended(house):
    house.enter("centre_duty")
    for view in house.views():
        text = house.client.get(f"/cases/{view.case_id}").text
        card = re.search(r"<h2>期限</h2>.*?</section>", text, re.DOTALL)[0]
        told = [
            one
            for one in read.events(house.store.engine, view.case_id)
            if isinstance(one.data, ClockFact)
        ]
        assert card.count("<li class=") == len(told)
        keys = {(one.data.clock, one.data.source) for one in told}
        assert card.count("经过 ") == len(keys)
        gone = len(keys) - len(view.clocks)
        assert (f"已停止的 {gone} 个" in card) == bool(gone)
        assert card.count('class="pill good"') + card.count('class="pill urgent"') == gone


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


def buttons(text: str) -> list[str]:
    """Verbs of the three buttons of a case page, the main one first."""
    return re.findall(r'<a class="btn[^"]*" href="\?act=(\w+)#act">', text)


def test_a_signed_case_offers_what_comes_next_and_no_signing(house):
    """What must I do now: on the case page as in the inbox."""
    view = assigned(house)
    account = house.enter("grid_officer", view.owner.grid)
    case = f"/cases/{view.case_id}"
    assert buttons(house.client.get(case).text)[0] == "sign"
    house.answer(
        ActionTaken(
            district="420704", case_id=view.case_id, command_id=view.case_id, verb="sign",
            actor=a.Actor(post="grid_officer", account=account), acted_at=house.now, detail={},
        ),
        *(
            ClockStopped(
                district="420704", case_id=view.case_id, clock=clock, stopped_at=house.now,
                due_at=house.now, kept=True, why="done",
            )
            for clock in ("S02", "S03", "S04", "S06")
        ),
    )  # fmt: skip
    text = house.client.get(case).text
    assert "?act=sign" not in text
    assert buttons(text) == (
        ["pay", "close", "contact"] if view.contacted else ["contact", "pay", "close"]
    )


def test_what_the_first_clock_waits_for_comes_first(house):
    words = office().wording
    view = assigned(house).model_copy(update={"contacted": False})
    assert deeds(words, view)[0] == words.next[view.next_due.clock]
    signed = view.model_copy(update={"signed_attempt": view.attempt, "clocks": ()})
    assert deeds(words, signed) == ("contact", "pay", "close")
    contacted = signed.model_copy(update={"contacted": True})
    assert deeds(words, contacted) == ("pay", "close", "contact")


@pytest.mark.parametrize(
    ("path", "fault", "way"),
    [
        ("/cases/not-a-uuid", "案件编号：不是完整的编号", "/cases"),
        ("/cases/{case}/verdict/1", "操作编号：不是完整的编号", "/cases"),
        ("/indicators?month=2026-11-16", "月份：太长，最多 7 字", "/indicators"),
        ("/indicators.csv?on=" + "9" * 11, "日期：太长，最多 10 字", "/indicators"),
        ("/quarantine?topic=" + "x" * 65, "主题：太长，最多 64 字", "/quarantine"),
    ],
)
def test_an_address_that_cannot_be_read_is_answered_with_what_is_wrong_and_the_way_back(
    house, path, fault, way
):
    house.enter("centre_duty")
    path = path.format(case=house.views()[0].case_id)
    answer = house.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert f"<li>{fault}</li>" in answer.text
    assert f'<a href="{way}">回到' in answer.text
    assert house.client.get(way).status_code == 200
    part = house.client.get(path, headers={"HX-Request": "true"})
    assert part.status_code == 422
    assert part.text.startswith('<p class="note bad">网址或表单里有不对的地方')
    assert fault in part.text
    assert "<html" not in part.text


def test_a_form_that_lacks_a_part_is_answered_with_a_page(house):
    house.enter("centre_duty")
    answer = house.client.post("/logout", data={"csrf_": "x"})
    assert (answer.status_code, "<li>页面凭证：缺少</li>" in answer.text) == (422, True)
    assert house.client.get("/me").status_code == 200


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


def test_a_number_finds_its_case(house):
    view = house.views()[0]
    house.enter("centre_duty")
    answer = house.client.get("/cases", params={"number": f" {view.number} "})
    assert answer.headers["location"] == f"/cases/{view.case_id}"
    assert "没有找到案号" in house.client.get("/cases", params={"number": "<script>"}).text
    assert "<script>" not in house.client.get("/cases", params={"number": "<script>"}).text.replace(
        '<script src="', ""
    )


@pytest.mark.parametrize(("said", "hours"), [("0", 0), ("7200", 2), ("-5", 0)])
def test_an_act_that_lay_on_a_phone_is_dated_when_it_was_done(house, said, hours):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form(f"/cases/{view.case_id}?act=sign") | {"waited_s": said}
    assert house.client.post(f"/cases/{view.case_id}/actions/sign", data=form).status_code == 303
    assert house.sent[0].event.time == house.client.app.state.desk.now() - timedelta(hours=hours)


@pytest.mark.parametrize("said", [str(WAITED_H_MAX * 3600 + 1), "9" * 40, "soon"])
def test_an_act_from_too_long_ago_or_from_nowhen_is_not_dated_by_guess(house, said):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form(f"/cases/{view.case_id}?act=sign") | {"waited_s": said}
    assert house.client.post(f"/cases/{view.case_id}/actions/sign", data=form).status_code == 422
    assert house.sent == []
