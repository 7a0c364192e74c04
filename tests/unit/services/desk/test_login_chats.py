"""Login by WeCom, DingTalk and Feishu through the pages, against their likeness on loopback."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs

from services.desk import logins
from services.desk.core.login import Attempt
from services.desk.core.login_chats import DingTalk, Feishu, WeCom
from tests.support.chat_apps import SECRET, ChatApps
from tests.support.databases import files
from tests.support.entrance import ACCOUNT, ADDRESS, Entrance, entrance

CHATS = ("wecom", "dingtalk", "feishu")
IDS = "\n".join(f"{one},LiSi,{ACCOUNT}" for one in CHATS)
AGENTS = {
    "wecom": "Mozilla/5.0 (Linux; Android 12) Mobile Safari/537.36 wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh",
    "dingtalk": "Mozilla/5.0 (Linux; U; Android 12) Mobile Safari/537.36 AliApp(DingTalk/6.5.20) language/zh-CN",
    "feishu": "Mozilla/5.0 (Linux; Android 9; wv) Mobile Safari/537.36 Lark/5.10.4 LarkLocale/zh_CN ChannelName/Feishu",
}
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 12) Mobile Safari/537.36 MicroMessenger/8.0.23 WeChat/arm64"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Entrance]:
    with entrance(files(tmp_path), tmp_path) as made:
        yield made


@pytest.fixture
def apps(door: Entrance) -> Iterator[ChatApps]:
    made = ChatApps()
    door.admit(made.lines(), IDS)
    yield made
    made.close()


def begun(door: Entrance, chat: str, agent: str = BROWSER) -> str:
    return door.get(f"/login/{chat}", **{"User-Agent": agent}).headers["location"]


@pytest.mark.parametrize("chat", CHATS)
def test_who_opens_a_case_in_the_chat_app_is_there_without_a_click(door, apps, chat):
    door.house.client.headers["User-Agent"] = AGENTS[chat]
    case = f"/cases/{door.house.views()[0].case_id}"
    way = door.get(door.get(case).headers["location"])
    url = door.get(way.headers["location"]).headers["location"]
    answer = door.get(apps.agree(url))
    assert (answer.status_code, answer.headers["location"]) == (303, case)
    assert door.inside() == ACCOUNT
    assert door.get(case).status_code == 200
    assert door.count(chat, "in") == 1


@pytest.mark.parametrize("agent", [BROWSER, WECHAT])
def test_elsewhere_there_is_a_button_for_each(door, apps, agent):
    answer = door.get("/login", **{"User-Agent": agent})
    assert answer.status_code == 200
    for chat, name in zip(CHATS, ("企业微信", "钉钉", "飞书"), strict=True):
        assert f'href="/login/{chat}"' in answer.text
        assert f"{name}登录" in answer.text


def test_who_logs_out_in_the_app_is_not_logged_in_again_by_the_page(door, apps):
    door.house.client.headers["User-Agent"] = AGENTS["wecom"]
    door.get(apps.agree(begun(door, "wecom", AGENTS["wecom"])))
    form = {"csrf": door.house.form("/me")["csrf"]}
    left = door.house.client.post("/logout", data=form).headers["location"]
    assert door.get(left).status_code == 200
    assert door.get("/login", **{"X-Requested-With": "desk"}).status_code == 200  # desk.js reads it


def test_in_wecom_nothing_is_asked_and_elsewhere_a_code_is_scanned(door, apps):
    inside = urlsplit(begun(door, "wecom", AGENTS["wecom"]))
    assert inside.path == "/connect/oauth2/authorize"
    names = [name for name, _ in parse_qsl(inside.query)]
    assert names == ["appid", "redirect_uri", "response_type", "scope", "state", "agentid"]
    outside = urlsplit(begun(door, "wecom"))
    assert outside.path == "/wwlogin/sso/login"
    assert parse_qs(outside.query)["login_type"] == ["CorpApp"]
    door.get(apps.agree(outside.geturl()))
    assert door.inside() == ACCOUNT


def test_the_addresses_are_those_of_the_documentation():
    attempt = Attempt("x", "s" * 43, 0, "/")
    begins = {
        (WeCom("c", "a", "s"), True): "https://open.weixin.qq.com/connect/oauth2/authorize?",
        (WeCom("c", "a", "s"), False): "https://login.work.weixin.qq.com/wwlogin/sso/login?",
        (DingTalk("c", "s"), True): "https://login.dingtalk.com/oauth2/auth?",
        (Feishu("c", "s"), True): "https://accounts.feishu.cn/open-apis/authen/v1/authorize?",
    }
    for (provider, inside), address in begins.items():
        with pytest.raises(StopIteration) as end:
            next(provider.begin(attempt, f"{ADDRESS}/login/x/callback", inside=inside))
        assert end.value.value.startswith(address)
    firsts = {
        WeCom("c", "a", "s"): "https://qyapi.weixin.qq.com/cgi-bin/gettoken?",
        DingTalk("c", "s"): "https://api.dingtalk.com/v1.0/oauth2/userAccessToken",
        Feishu("c", "s"): "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
    }
    for provider, address in firsts.items():
        assert next(provider.identify(attempt, ADDRESS, {"code": "1"}, 0)).url.startswith(address)


@pytest.mark.parametrize("chat", CHATS)
def test_a_code_that_was_used(door, apps, chat):
    back = apps.agree(begun(door, chat))
    door.get(back)
    door.house.client.cookies.clear()
    code = parse_qsl(urlsplit(back).query)[0]
    state = parse_qs(urlsplit(begun(door, chat)).query)["state"][0]
    answer = door.get(f"/login/{chat}/callback?{code[0]}={code[1]}&state={state}")
    assert answer.status_code == 403
    assert "已用过或已过期" in answer.text
    assert door.inside() == ""
    assert door.count(chat, "code") == 1


@pytest.mark.parametrize("chat", CHATS)
@pytest.mark.parametrize("wrong", ["state", "another provider's", "no code"])
def test_a_way_back_that_is_none(door, apps, chat, wrong):
    back = apps.agree(begun(door, chat))
    if wrong == "state":
        back = back[:-1] + ("0" if back[-1] != "0" else "1")
    elif wrong == "no code":  # who presses cancel in WeCom comes back so
        back = back.partition("?")[0] + "?state=" + back.rpartition("=")[2]
    else:
        other = CHATS[(CHATS.index(chat) + 1) % 3]
        back = back.replace(f"/login/{chat}/", f"/login/{other}/")
    asked = len(apps.asked)
    assert door.get(back).status_code == (403 if wrong == "no code" else 400)
    assert (door.inside(), len(apps.asked)) == ("", asked)


@pytest.mark.parametrize("chat", CHATS)
def test_a_way_back_of_another_browser(door, apps, chat):
    """Somebody sends their own link to be logged in as them (RFC 6749, 10.12)."""
    theirs = apps.agree(begun(door, chat))
    door.house.client.cookies.clear()
    begun(door, chat)
    asked = len(apps.asked)
    assert door.get(theirs).status_code == 400
    assert (door.inside(), len(apps.asked)) == ("", asked)


@pytest.mark.parametrize("chat", CHATS)
def test_who_is_not_in_the_file_reads_their_own_id_to_tell(door, apps, chat):
    apps.who = "WangWu"
    with capture_logs() as said:
        answer = door.get(apps.agree(begun(door, chat)))
    assert answer.status_code == 403
    assert "WangWu" in answer.text
    assert "请联系区级平台管理员登记" in answer.text
    assert "张三" not in answer.text
    assert [one["event"] for one in said] == ["no_login"]
    assert not any(one in str(said) for one in ("WangWu", "张三", "13800001101", "code-"))
    assert door.count(chat, "person") == 1


def test_an_id_is_one_app_s_only(door, apps):
    door.admit(apps.lines(), f"wecom,LiSi,{ACCOUNT}")
    assert door.get(apps.agree(begun(door, "feishu"))).status_code == 403
    door.get(apps.agree(begun(door, "wecom")))
    assert door.inside() == ACCOUNT


def test_who_is_no_member_of_the_office_is_nobody_in_wecom(door, apps):
    door.admit(apps.lines(), "wecom,*,*")
    apps.who = "outside-1"
    answer = door.get(apps.agree(begun(door, "wecom")))
    assert answer.status_code == 403
    assert "outside-1" not in answer.text


def test_wecom_s_token_is_asked_for_once_and_again_when_it_is_good_no_more(door, apps):
    for _ in range(2):
        door.get(apps.agree(begun(door, "wecom")))
        assert door.inside() == ACCOUNT
        door.house.client.cookies.clear()
    assert apps.times("/cgi-bin/gettoken") == 1
    apps.old, apps.token = {"token-1"}, 2
    door.http_s += logins.RENEW_S_MIN
    door.get(apps.agree(begun(door, "wecom")))
    assert door.inside() == ACCOUNT
    assert apps.times("/cgi-bin/gettoken") == 2


@pytest.mark.parametrize("code", [-1, 45009, 40001])
def test_a_refusal_of_the_token_is_not_kept(door, apps, code):
    """It comes with status 200, as a token does."""
    apps.spoil = lambda path, got: (200, {"errcode": code}) if "gettoken" in path else got
    door.get(apps.agree(begun(door, "wecom")))
    assert door.inside() == ""
    apps.spoil = lambda path, got: got
    door.get(apps.agree(begun(door, "wecom")))
    assert door.inside() == ACCOUNT


def test_wecom_s_token_outlasts_a_moment_in_which_wecom_is_busy(door, apps):
    apps.spoil = lambda path, got: (200, {"errcode": -1}) if "getuserinfo" in path else got
    door.get(apps.agree(begun(door, "wecom")))
    apps.spoil = lambda path, got: got
    door.get(apps.agree(begun(door, "wecom")))
    assert door.inside() == ACCOUNT
    assert apps.times("/cgi-bin/gettoken") == 1


@pytest.mark.parametrize(
    ("chat", "detail"),
    [("wecom", "40001"), ("dingtalk", "invalidClientIdOrSecret"), ("feishu", "20002")],
)
def test_a_wrong_secret_is_said_to_the_log_and_shown_to_nobody(door, apps, chat, detail):
    door.admit(apps.lines().replace(SECRET, "z" * 24), IDS)
    with capture_logs() as said:
        answer = door.get(apps.agree(begun(door, chat)))
    assert answer.status_code == 502
    assert [one["detail"] for one in said] == [detail]
    assert "z" * 24 not in answer.text + str(said)
    assert door.count(chat, "answer") == 1


LAST = {
    "wecom": "/cgi-bin/auth/getuserinfo",
    "dingtalk": "/v1.0/contact/users/me",
    "feishu": "/open-apis/authen/v1/user_info",
}


@pytest.mark.parametrize(
    ("chat", "answer", "outcome"),
    [
        ("wecom", (200, {"errcode": -1, "errmsg": "system busy"}), "away"),
        ("wecom", (200, {"errcode": 45009, "errmsg": "reach max api daily quota limit"}), "away"),
        ("wecom", (200, {"errcode": 50001, "errmsg": "redirect_url未登记可信域名"}), "answer"),
        ("wecom", (200, {"errcode": 0, "userid": ["a"]}), "answer"),
        ("wecom", (200, {"userid": "LiSi"}), "answer"),
        ("dingtalk", (403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"}), "answer"),
        ("dingtalk", (200, {"nick": "张三", "openId": "o"}), "answer"),
        ("dingtalk", (403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}), "away"),
        ("dingtalk", (503, {"code": "ServiceUnavailable"}), "away"),
        ("feishu", (200, {"code": 0, "data": {"open_id": "ou_1"}}), "answer"),
        ("feishu", (200, {"code": 0, "data": None}), "answer"),
        ("feishu", (400, {"code": 99991663, "msg": "token invalid"}), "answer"),
        ("feishu", (400, {"code": 99991400, "msg": "request trigger frequency limit"}), "away"),
        ("feishu", (400, {"code": 20010, "error": "access_denied"}), "person"),
    ],
)  # fmt: skip
def test_an_answer_that_names_nobody(door, apps, chat, answer, outcome):
    apps.spoil = lambda path, got: answer if path == LAST[chat] else got
    door.get(apps.agree(begun(door, chat)))
    assert door.inside() == ""
    assert door.count(chat, outcome) == 1


@pytest.mark.parametrize("chat", CHATS)
def test_an_app_that_is_away(door, apps, chat):
    back = apps.agree(begun(door, chat))
    apps.down = True
    assert door.get(back).status_code == 503
    assert door.count(chat, "away") == 1
