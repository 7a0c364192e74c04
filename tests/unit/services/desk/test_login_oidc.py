"""Login by OpenID Connect through the pages, against a provider on loopback; every way in which it is refused."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from joserfc import jwt
from joserfc.jwk import RSAKey
from structlog.testing import capture_logs

from services.desk import logins
from services.desk.core.login import ATTEMPT_S_MAX
from services.desk.core.login_oidc import LEEWAY_S
from services.desk.place import Desk
from tests.support import identity
from tests.support.databases import files
from tests.support.entrance import ACCOUNT, ADDRESS, Entrance, entrance
from tests.support.identity import SECRET, Identity, confused, unsigned

CALLBACK = "/login/oidc/callback"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Entrance]:
    with entrance(files(tmp_path), tmp_path) as made:
        yield made


@pytest.fixture
def idp(door: Entrance) -> Iterator[Identity]:
    made = Identity(lambda: door.house.now)
    door.admit(made.line(), f"oidc,sub-1,{ACCOUNT}")
    yield made
    made.close()


def begun(door: Entrance, onward: str = "") -> str:
    """Where the provider is to be asked."""
    answer = door.get(f"/login/oidc{onward}")
    assert answer.status_code == 303
    return answer.headers["location"]


def refused(door: Entrance, answer: Response, status: int, outcome: str) -> str:
    """The page; nobody is logged in, and it is counted."""
    assert answer.status_code == status
    assert door.inside() == ""
    assert door.count("oidc", outcome) == 1
    assert answer.headers["cache-control"] == "no-store"
    text = re.search(r'<p class="note bad">(.*?)</p>', answer.text)
    assert text
    return text[1]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
def test_who_the_provider_names_is_logged_in_and_back_where_they_wanted_to_be(door, algorithm):
    idp = Identity(lambda: door.house.now, algorithm)
    door.admit(idp.line(), f"oidc,sub-1,{ACCOUNT}")
    way = door.get("/cases?show=late").headers["location"]
    assert way == "/login?next=%2Fcases%3Fshow%3Dlate"
    (button,) = re.findall(r'href="(/login/oidc[^"]*)"', door.get(way).text)
    url = door.get(button.replace("&amp;", "&")).headers["location"]
    with capture_logs() as said:
        answer = door.get(idp.agree(url))
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases?show=late")
    assert door.inside() == ACCOUNT
    assert door.count("oidc", "in") == 1
    assert said == [{"event": "login", "log_level": "info", "provider": "oidc", "account": ACCOUNT}]
    assert "anxin-login" not in door.house.client.cookies
    idp.close()


def test_what_goes_over_the_wire_is_what_the_standard_asks(door, idp):
    answer = door.get("/login/oidc")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    asked = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert asked["redirect_uri"] == f"{ADDRESS}{CALLBACK}"
    assert asked["scope"] == "openid"
    secret = cookie.partition("=")[2].partition(".")[0]
    assert len({secret, asked["state"], asked["nonce"], asked["code_challenge"]}) == 4
    door.get(idp.agree(answer.headers["location"]))
    (token,) = [said for path, said in idp.asked if path == "/token"]
    assert "client_secret" not in token  # it went in the header
    assert set(token) == {"grant_type", "code", "redirect_uri", "code_verifier"}


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(door, idp):
    idp.ways = ["client_secret_post"]
    door.get(idp.agree(begun(door)))
    assert door.inside() == ACCOUNT
    idp.ways = ["private_key_jwt"]
    door.house.client.cookies.clear()
    door.http_s += 3601
    refused(door, door.get(idp.agree(begun(door))), 502, "answer")


def test_another_claim_names_the_person_where_the_office_says_so(door, idp):
    door.admit(idp.line("claim=employee_no"), "oidc,*,*")
    idp.claims = {"employee_no": ACCOUNT}
    url = begun(door)
    assert parse_qs(urlsplit(url).query)["scope"] == ["openid profile"]
    door.get(idp.agree(url))
    assert door.inside() == ACCOUNT
    door.house.client.cookies.clear()
    idp.claims = {"employee_no": ["a", "b"]}
    refused(door, door.get(idp.agree(begun(door))), 502, "answer")


@pytest.mark.parametrize("spoilt", ["", "0" * 64, "é"])
def test_a_state_that_is_not_of_this_login(door, idp, spoilt):
    back = idp.agree(begun(door))
    answer = door.get(re.sub(r"state=\w+", f"state={spoilt}", back))
    assert "不是从这个浏览器开始的" in refused(door, answer, 400, "state")
    assert idp.times("/token") == 0


def test_a_way_back_of_another_browser(door, idp):
    """Somebody sends their own link to be logged in as them (RFC 6749, 10.12)."""
    theirs = idp.agree(begun(door))
    door.house.client.cookies.clear()
    refused(door, door.get(theirs), 400, "state")
    begun(door)
    assert door.get(theirs).status_code == 400
    assert idp.times("/token") == 0


@pytest.mark.parametrize("cookie", ["x", "a.b.c", f"{'a' * 43}.1.!", f"{'a' * 43}.1.{'A' * 9000}"])
def test_a_cookie_that_is_none_of_ours(door, idp, cookie):
    back = idp.agree(begun(door))
    door.house.client.cookies.set("anxin-login", cookie)
    refused(door, door.get(back), 400, "state")


def test_where_to_return_cannot_be_changed_on_the_way(door, idp):
    back = idp.agree(begun(door, "?next=/board"))
    secret, began, _ = door.house.client.cookies["anxin-login"].split(".")
    door.house.client.cookies.clear()
    door.house.client.cookies.set("anxin-login", f"{secret}.{began}.L2luYm94")
    refused(door, door.get(back), 400, "state")


def test_a_login_that_took_too_long(door, idp):
    back = idp.agree(begun(door))
    door.house.now += timedelta(seconds=ATTEMPT_S_MAX + 1)
    refused(door, door.get(back), 400, "state")


def test_the_same_way_back_twice(door, idp):
    url = begun(door)
    kept = door.house.client.cookies["anxin-login"]
    back = idp.agree(url)
    door.get(back)
    assert door.inside() == ACCOUNT
    door.house.client.cookies.clear()
    door.house.client.cookies.set("anxin-login", kept)
    refused(door, door.get(back), 400, "state")
    assert idp.times("/token") == 1


def test_a_code_that_was_used_is_the_provider_s_to_refuse(door, idp):
    url = begun(door)
    code = parse_qs(urlsplit(idp.agree(url)).query)["code"][0]
    door.get(f"{CALLBACK}?code={code}&state={_state(url)}")
    door.house.client.cookies.clear()
    answer = door.get(f"{CALLBACK}?code={code}&state={_state(begun(door))}")
    assert "已用过或已过期" in refused(door, answer, 403, "code")


def test_a_code_of_another_s_login_is_worth_nothing_in_this_browser(door, idp):
    """PKCE: who caught the code has not the browser's secret (RFC 7636, 1)."""
    code = parse_qs(urlsplit(idp.agree(begun(door))).query)["code"][0]
    door.house.client.cookies.clear()
    answer = door.get(f"{CALLBACK}?code={code}&state={_state(begun(door))}")
    refused(door, answer, 403, "code")


def _state(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def test_who_does_not_agree_is_not_logged_in_and_the_provider_s_words_stay_outside(door, idp):
    state = _state(begun(door))
    with capture_logs() as said:
        answer = door.get(
            f"{CALLBACK}?error=access_denied&error_description=<b>{SECRET}</b>&state={state}"
        )
    refused(door, answer, 403, "declined")
    assert SECRET not in answer.text + str(said)
    assert said[0]["detail"] == "access_denied"


def test_an_answer_of_another_provider_is_not_taken(door, idp):
    """RFC 9207."""
    refused(door, door.get(idp.agree(begun(door)) + "&iss=https://other.example"), 400, "state")
    door.get(idp.agree(begun(door)) + f"&iss={idp.url}")
    assert door.inside() == ACCOUNT


WRONG = {
    "nonce": {"nonce": "0" * 64},
    "no nonce": {"nonce": None},
    "InvalidClaimError:aud": {"aud": "another"},
    "MissingClaimError:aud": {"aud": None},
    "no azp, several aud": {"aud": ["another", "anxin"]},
    "azp": {"aud": ["another", "anxin"], "azp": "another"},
    "azp of one aud": {"azp": "another"},
    "InvalidClaimError:iss": {"iss": "https://other.example"},
    "MissingClaimError:sub": {"sub": None},
    "no-sub": {"sub": " "},
    "long-claim": {"sub": "s" * 256},
    "MissingClaimError:exp": {"exp": None},
    "MissingClaimError:iat": {"iat": None},
    "InvalidClaimError:exp": {"exp": "tomorrow"},
    "ExpiredTokenError:exp": {"exp": 1},
    "InvalidClaimError:iat": {"iat": 2**40, "exp": 2**41},
    "InvalidClaimError:nbf": {"nbf": 2**40},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_that_says_something_else(door, idp, wrong):
    idp.claims = WRONG[wrong]
    with capture_logs() as said:
        answer = door.get(idp.agree(begun(door)))
    assert "不能采信" in refused(door, answer, 502, "answer")
    detail = said[0]["detail"]
    assert detail == wrong if " " not in wrong else detail in ("nonce", "azp")


def test_several_audiences_are_taken_where_it_was_made_for_us(door, idp):
    idp.claims = {"aud": ["another", "anxin"], "azp": "anxin"}
    door.get(idp.agree(begun(door)))
    assert door.inside() == ACCOUNT


@pytest.mark.parametrize(("early_s", "good"), [(LEEWAY_S - 1, True), (LEEWAY_S + 1, False)])
def test_clocks_may_differ_by_a_minute(door, idp, early_s, good):
    now_s = int(door.house.now.timestamp())
    idp.claims = {"iat": now_s + early_s, "exp": now_s + early_s + 300}
    door.get(idp.agree(begun(door)))
    assert (door.inside() == ACCOUNT) == good
    door.house.client.cookies.clear()
    idp.claims = {"iat": now_s - 600, "exp": now_s - early_s}
    door.get(idp.agree(begun(door)))
    assert (door.inside() == ACCOUNT) == good


FORGED = {
    "UnsupportedAlgorithmError:": [unsigned, confused],
    "signature": [
        lambda claims: as_if(identity.key("RS256", "stranger"), claims),
        lambda claims: as_if(identity.key("RS256"), claims)[:-8] + "AAAAAAAA",
    ],
    "DecodeError:": [lambda _: "a.b.c", lambda _: "." * 5000],
    "no-id_token": [lambda _: ""],
}


@pytest.mark.parametrize(("why", "forge"), [(a, one) for a, some in FORGED.items() for one in some])
def test_a_token_that_nobody_of_theirs_signed(door, idp, why, forge):
    idp.forge = forge
    with capture_logs() as said:
        answer = door.get(idp.agree(begun(door)))
    refused(door, answer, 502, "answer")
    assert said[0]["detail"] == why


def as_if(key: RSAKey, claims: dict[str, Any]) -> str:
    """Signed by that key under the name of theirs."""
    return jwt.encode({"alg": "RS256", "kid": identity.key("RS256").kid}, claims, key)


def test_keys_are_asked_for_once_and_again_when_they_were_changed(door, idp):
    for _ in range(2):
        door.get(idp.agree(begun(door)))
        assert door.inside() == ACCOUNT
        door.house.client.cookies.clear()
    assert (idp.times("/keys"), idp.times("/.well-known/openid-configuration")) == (1, 1)
    idp.rotate("two")
    door.http_s += logins.RENEW_S_MIN
    door.get(idp.agree(begun(door)))
    assert door.inside() == ACCOUNT
    assert idp.times("/keys") == 2


def test_a_key_that_is_nowhere_does_not_make_us_ask_for_ever(door, idp):
    door.get(idp.agree(begun(door)))
    door.house.client.cookies.clear()
    idp.signs = identity.key("RS256", "hidden")
    door.http_s += logins.RENEW_S_MIN
    refused(door, door.get(idp.agree(begun(door))), 502, "answer")
    assert idp.times("/keys") == 2
    idp.rotate("hidden")  # shown at last
    door.get(idp.agree(begun(door)))
    assert door.inside() == ACCOUNT


def test_a_key_we_do_not_understand_spoils_none_of_the_others(door, idp):
    def spoil(path: str, got: identity.Got) -> identity.Got:
        odd = [{"kty": "EC", "crv": "SM2", "kid": "sm"}, {"kty": "RSA"}, "key", {}]
        return (200, {"keys": [*odd, *got[1]["keys"]]}) if path == "/keys" else got

    idp.spoil = spoil
    door.get(idp.agree(begun(door)))
    assert door.inside() == ACCOUNT


@pytest.mark.parametrize("who", ["sub-2", "sub-3", "*", "<script>"])
def test_who_is_not_in_the_roster_reads_whom_to_ask(door, idp, who):
    door.admit(idp.line(), f"oidc,sub-1,{ACCOUNT}\noidc,sub-3,gone-a")
    idp.who = who
    answer = door.get(idp.agree(begun(door)))
    assert "请联系区级平台管理员登记" in refused(door, answer, 403, "person")
    assert "登录编号" in answer.text
    assert "<script>" not in re.sub(r"<script src=", "", answer.text)


def test_no_other_column_of_the_file_makes_somebody_an_account(door, idp):
    """Without `*` an id that happens to be an account's name is nobody's."""
    idp.who = ACCOUNT
    refused(door, door.get(idp.agree(begun(door))), 403, "person")


def test_a_provider_that_is_away(door, idp):
    url = begun(door)
    idp.down = True
    assert "暂时联系不上" in refused(door, door.get(idp.agree(url)), 503, "away")
    door.http_s += 3601
    answer = door.get("/login/oidc")
    assert answer.status_code == 503
    assert "anxin-login" not in door.house.client.cookies


def test_a_provider_that_does_not_come_to_an_end(door, idp, monkeypatch):
    url = begun(door)
    monkeypatch.setattr(logins, "ANSWER_S_MAX", 0.05)
    idp.gate.clear()
    refused(door, door.get(idp.agree(url)), 503, "away")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    ("answer", "outcome", "status"),
    [
        ((500, {}), "away", 503),
        ((429, {}), "away", 503),
        ((200, b"{" + b" " * logins.ANSWER_BYTES_MAX + b"}"), "answer", 502),
        ((200, b"<html>"), "answer", 502),
        ((200, b"\xff\xfe"), "answer", 502),
        ((200, b"[" * 100_000), "answer", 502),
        ((200, []), "answer", 502),
        ((200, {}), "answer", 502),
        ((302, b"http://127.0.0.1:1/elsewhere"), "answer", 502),
    ],
    ids=["500", "429", "large", "html", "bytes", "deep", "list", "empty", "redirect"],
)
def test_an_answer_that_is_none(door, idp, path, answer, outcome, status):
    idp.spoil = lambda asked, got: answer if asked == path else got
    first = door.get("/login/oidc")
    got = first if first.status_code != 303 else door.get(idp.agree(first.headers["location"]))
    assert got.status_code == status
    assert door.count("oidc", outcome) == 1
    idp.spoil = lambda _, got: got  # what could not be used was not kept
    door.get(idp.agree(begun(door)))
    assert door.inside() == ACCOUNT


@pytest.mark.parametrize(
    "spoilt",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://idp.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_s_own_account_of_itself_is_not_believed_blindly(door, idp, spoilt):
    idp.spoil = lambda path, got: (200, got[1] | spoilt) if "well-known" in path else got
    answer = door.get("/login/oidc")
    refused(door, answer, 502, "answer")


def test_a_wrong_secret_is_our_fault_and_not_the_person_s(door, idp):
    door.admit(idp.line().replace(SECRET, "z" * 32), f"oidc,sub-1,{ACCOUNT}")
    with capture_logs() as said:
        answer = door.get(idp.agree(begun(door)))
    assert "请把时间告诉区级平台管理员" in refused(door, answer, 502, "answer")
    assert said[0]["detail"] == "unauthorized_client"
    assert "z" * 32 not in answer.text + str(said)
    assert "Invalid client" not in answer.text + str(said)


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "/%5Cevil.example", "javascript:alert(1)",
        "/cases/../../evil", "/board\r\nSet-Cookie:a=b", "/login/oidc", "/logout", "board", "/a//b", "/" + "a" * 300,
        "/cases?to=https://evil.example", "",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_place_after_the_login(door, idp, onward):
    url = door.house.client.get("/login/oidc", params={"next": onward}).headers["location"]
    assert door.get(idp.agree(url)).headers["location"] == "/"
    assert door.inside() == ACCOUNT


def test_too_many_at_once_are_told_to_come_again(door, idp):
    url = begun(door)
    door.logins.talks = logins.TALKS_MAX
    refused(door, door.get(idp.agree(url)), 503, "busy")
    door.logins.talks = 0
    door.get(idp.agree(begun(door)))
    assert (door.inside(), door.logins.talks) == (ACCOUNT, 0)


def test_a_provider_nobody_set_up_has_no_page(door, idp):
    for path in ("/login/wecom", "/login/wecom/callback?code=1&state=2", "/login/none"):
        assert door.get(path).status_code == 404
    assert door.house.client.post("/login", data={"account": ACCOUNT}).status_code == 404


def test_logged_out_is_logged_out(door, idp):
    door.get(idp.agree(begun(door)))
    form = {"csrf": door.house.form("/me")["csrf"]}
    answer = door.house.client.post("/logout", data=form)
    assert answer.headers["location"] == "/login?left=1"
    assert door.inside() == ""
    assert "统一身份认证登录" in door.get("/login?left=1").text


def test_a_part_of_a_page_that_asks_by_itself_takes_the_whole_page_to_the_login(door, idp):
    answer = door.get("/board", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_over_https_what_binds_the_login_is_of_this_host_only(door, idp):
    door.admit(idp.line(), f"oidc,sub-1,{ACCOUNT}", desk_address="https://anxin.example.gov.cn/")
    state = door.house.client.app.state
    state.desk = Desk(**vars(state.desk) | {"secure": True})
    answer = door.get("/login/oidc")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-anxin-login=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    back = parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"]
    assert back == ["https://anxin.example.gov.cn/login/oidc/callback"]


def test_talks_at_the_same_time_do_not_disturb_each_other(door, idp):
    async def both() -> list[tuple[str, object]]:
        return await asyncio.gather(
            *(door.logins.begin("oidc", "/", inside=False) for _ in range(5))
        )

    found = asyncio.run(both())
    assert len({url for url, _ in found}) == 5
    assert door.logins.talks == 0
