"""Methods, addresses, hosts and bodies that nobody sends who means well; and every way of the door, unproven."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from starlette.datastructures import URL
from starlette.requests import Request

from services.desk import read
from services.desk.place import COOKIE, _login_first
from tests.support import door
from tests.support.attacks import METHODS, Way, sent, watched, ways
from tests.support.databases import files
from tests.support.door import KEYS, NOW, signed
from tests.support.house import House, assigned, opened


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(files(tmp_path)) as made:
        made.client.event_hooks["response"] = [watched]
        made.enter("centre_duty")
        yield made


def test_a_method_that_a_page_does_not_have_does_nothing(house):
    taken: dict[str, set[str]] = {}
    for way in ways(house.client.app):
        taken.setdefault(way.path, set()).add(way.method)
    for path, methods in taken.items():
        for method in set(METHODS) - methods:
            at = Way(method, path).to()
            assert house.client.request(method, at).status_code == 405, (method, path)
    assert (sent(house), house.client.get("/me").status_code) == (0, 200)


@pytest.mark.parametrize(
    "path",
    [
        "/..%2finbox", "/%2e%2e/inbox", "/inbox%00", "/inbox/", "/inbox%2f", "//inbox",
        "/cases/%2e%2e%2finbox", "/cases/%00", "/grids/%00", "/grids/..%2f..%2fcases", "/cases/" + "x" * 8192,
        "/" + "x" * 8192, "/grids/" + "%2e%2e%2f" * 900, "/inbox;x=1", "/INBOX", "/inbox\\", "//evil.example/inbox/",
        "//evil.example/%2e%2e", "/static/..%2f..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd",
        "/static/%00",
        "/static/" + "x" * 8192, "/static", "/static/", "/v1/..%2f..%2finbox", "/v1//inbox",
    ],
)  # fmt: skip
def test_an_address_is_what_it_says_or_nothing(house, path):
    answer = house.client.get("http://testserver" + path)
    assert answer.status_code in (400, 404, 422), path
    assert "收件箱" not in answer.text
    assert "location" not in answer.headers
    assert "def build" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example/v1/", "evil.example/static/", "a b", "[", ""]
)
def test_the_host_that_a_caller_says_stands_in_no_answer(house, host):
    for path in (
        "/",
        "/inbox",
        "/inbox/",
        "/static",
        "/logout",
        "/nowhere",
        "/cases?number=x",
        "/v1/nothing",
    ):
        usual = house.client.get(path)
        answer = house.client.get(path, headers={"Host": host})
        assert answer.status_code == usual.status_code
        assert (
            answer.headers["content-type" if usual.text else "location"]
            == usual.headers["content-type" if usual.text else "location"]
        )
        assert "evil" not in answer.text + answer.headers.get("location", "")


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(7)"]
)
def test_nobody_is_led_away(house, to):
    names = ("next", "url", "to", "return", "redirect", "number")
    for way in ways(house.client.app):
        if way.path not in ("/live", "/login"):
            form = dict.fromkeys(names, to) | {"csrf": "x"} if way.method == "POST" else None
            answer = house.client.request(
                way.method, way.to(), params=dict.fromkeys(names, to), data=form
            )
            assert answer.status_code < 500  # `watched` looks where it leads
    account = house.enter("centre_duty")
    answer = house.client.post(
        "/login", data=dict.fromkeys(names, to) | {"account": account}, params={"next": to}
    )
    assert answer.headers["location"] == "/"


class Hostless(Request):
    """Whose address, put together with what the caller says of the host, is not to be asked for."""

    @property
    def url(self) -> URL:
        raise AssertionError("made of the Host header")


@pytest.mark.parametrize(
    ("path", "query", "host", "back"),
    [
        ("/cases", "show=late", "evil.example", "/cases?show=late"),
        ("/cases", "show=late", "evil.example/x?y=", "/cases?show=late"),
        ("/cases", "number=//evil.example", "desk", "/"),
        ("//evil.example/inbox", "", "", "/"),  # without a host such a path reads like one
        ("//evil.example/inbox", "", "desk", "/"),
        ("/\\evil.example/inbox", "", "desk", "/"),
        ("http://evil.example/inbox", "", "evil.example", "/"),  # absolute-form, as h11 hands it on
        ("/cases/a?show=late", "", "desk", "/"),  # %3F: no query
        ("/cases/%2F%2Fevil.example", "", "desk", "/"),
        ("/cases", "show=\xff", "desk", "/"),  # no UTF-8, and no fault of ours
    ],
)
def test_who_has_to_log_in_first_comes_back_to_the_path_whatever_host_was_said(
    path, query, host, back
):
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": path, "root_path": "", "server": None,
        "query_string": query.encode("latin-1"), "headers": [(b"host", host.encode())] * bool(host),
    }  # fmt: skip
    to = _login_first(Hostless(scope)).headers["Location"]
    assert to == ("/login" if back == "/" else f"/login?{urlencode({'next': back})}")


def test_logging_out_ends_the_session_here_not_in_the_browser(house):
    """Cookies, their flags and one that was planted: test_sessions."""
    token = house.client.cookies[COOKIE]
    house.client.post("/logout", data={"csrf": house.form("/me")["csrf"]})
    house.client.cookies.clear()
    house.client.cookies.set(COOKIE, token)
    assert house.client.get("/me").status_code == 303


def test_no_form_takes_more_than_its_bound_or_another_encoding(house):
    view = assigned(house)
    for way in ways(house.client.app):
        if way.method == "POST":
            at = way.to(view.case_id)
            assert house.client.post(at, data={"csrf": "x" * 600_000}).status_code == 413, way
            for named in ("utf-7", "undefined", "utf-8; charset=utf-7", "utf-16", "unicode_escape"):
                kind = {"Content-Type": f"multipart/form-data; boundary=x; charset={named}"}
                body = (
                    b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n+2AA-\r\n--x--\r\n'
                )
                assert house.client.post(at, content=body, headers=kind).status_code == 415, (
                    way,
                    named,
                )
            usual = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
            assert house.client.post(at, content=b"csrf=x", headers=usual).status_code in (
                403,
                404,
                409,
                422,
            )
    assert sent(house) == 0


def test_a_number_of_any_size_is_no_command(house):
    """It would stand in a fact and stop whoever counts it in a column of SQL."""
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    form = house.form(f"/cases/{view.case_id}?act=pay") | {"amount_fen": "5", "workers": "3"}
    at = f"/cases/{view.case_id}/actions/pay"
    for name, number in (("workers", "9" * 30), ("workers", "-1"), ("workers", "1e9"), ("workers", "３"),
                         ("attempt", "9" * 30), ("attempt", "-1"), ("amount_fen", "9" * 30)):  # fmt: skip
        assert house.client.post(at, data=form | {name: number}).status_code == 422, (name, number)
    assert sent(house) == 0
    assert house.client.post(at, data=form).status_code == 303


def test_a_fault_of_ours_says_nothing_of_it_and_is_guarded_like_any_answer(house, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(read, "counts", broken)
    transport = httpx.ASGITransport(app=house.client.app, raise_app_exceptions=False)

    async def ask() -> httpx.Response:
        cookies = {COOKIE: house.client.cookies[COOKIE]}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk", cookies=cookies
        ) as http:
            answer = await http.get("/inbox")
            await answer.aread()
            return answer

    answer = asyncio.run(ask())
    watched(answer)
    assert answer.status_code == 500
    assert "系统出了故障" in answer.text
    assert "secret" not in answer.text


BAD = {
    "replayed": {}, "unsigned": None, "stale": {"at": NOW - timedelta(seconds=301)},
    "future": {"at": NOW + timedelta(seconds=301)},
    "strange key": {"key": b"z" * 32}, "another channel's key": {"key": KEYS["window"][0]},
    "another channel": {"channel": "window"}, "no channel": {"channel": "nobody"}, "another method": {"method": "PUT"},
}  # fmt: skip


@pytest.mark.parametrize(
    "attack", [*BAD, "altered body", "X-Channel", "X-Timestamp", "X-Nonce", "X-Signature"]
)
def test_every_way_of_the_door_refuses_who_is_not_proven(tmp_path, attack):
    """The one way that a channel sends by is tried in test_edge in more detail; here all there are."""
    desk = door.Desk(tmp_path)
    proven = [way for way in ways(desk.app) if way.path.startswith("/v1/")]
    assert {way.path for way in ways(desk.app)} - {way.path for way in proven} == {
        "/openapi.json", "/open311/v2/services.json", "/open311/v2/requests.json",
        "/open311/v2/requests/{service_request_id}.json",
    }  # fmt: skip
    for way in proven:
        asyncio.run(_attacked(desk, way, attack))
    assert len(desk.broker.sent) == (attack == "replayed")


async def _attacked(desk: door.Desk, way: Way, attack: str) -> None:
    body = (
        b'{"order_no": "EZ1", "content": "x", "accepted_at": "2026-11-16 09:00"}'
        if way.method == "POST"
        else b""
    )
    more = BAD.get(attack, {})
    good = signed(body, way.to(), **({"method": way.method} | (more or {})))
    headers = httpx.Headers({} if more is None else good)
    if attack.startswith("X-"):
        headers = httpx.Headers([*good.items(), (attack, good[attack])])
    async with door.client(desk) as http:
        if attack == "replayed":
            first = await http.request(way.method, way.to(), content=body, headers=headers)
            assert first.status_code in (200, 202, 404), way
        answer = await http.request(
            way.method, way.to(), content=body + b" " * (attack == "altered body"), headers=headers
        )
        await answer.aread()
    watched(answer)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == (409 if attack == "replayed" else 401), way
