"""企业微信、钉钉、飞书: the person is who is logged in to the chat app. OAuth 2.0 as each of them understands it.

An answer with status 200 says nothing by itself: WeCom and Feishu refuse in the body. `pages` and `api` are other
addresses of an installation of one's own (政务微信, 私有化).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.desk.core.login import (
    Answer,
    Ask,
    Attempt,
    NoLogin,
    Talk,
    address,
    code_of,
    text_of,
)

TOKEN_KEEP_S = 3_600
"""Of the application's token: it is good for 7200 s, and whoever asks for it too often is shut out."""


@dataclass(frozen=True, slots=True)
class WeCom:
    """developer.work.weixin.qq.com/document/path/91022 (网页授权), 98152 (Web 登录), 91023 (获取访问用户身份)."""

    corp: str
    agent: str
    secret: str
    pages: str = ""
    api: str = "https://qyapi.weixin.qq.com"
    name_zh = "企业微信"
    agents = ("wxwork/",)

    def begin(self, attempt: Attempt, back: str, *, inside: bool) -> Talk[str]:
        """In the app without a question, elsewhere by a code to be scanned. The order is the documentation's."""
        yield from ()
        own = {"appid": self.corp, "agentid": self.agent, "redirect_uri": back}
        if not inside:
            url = f"{self.pages or 'https://login.work.weixin.qq.com'}/wwlogin/sso/login"
            return address(url, {"login_type": "CorpApp", **own, "state": attempt.state})
        asked = {
            "appid": self.corp,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": attempt.state,
            "agentid": self.agent,
        }
        url = f"{self.pages or 'https://open.weixin.qq.com'}/connect/oauth2/authorize"
        return address(url, asked) + "#wechat_redirect"

    def identify(
        self, attempt: Attempt, back: str, query: Mapping[str, str], now_s: int
    ) -> Talk[str]:
        code = code_of(query, "code")
        said = yield from self._who(code, renew=False)
        if said.get("errcode") in (40014, 42001):  # the token was good for less than it said
            said = yield from self._who(code, renew=True)
        _wecom(said)
        if "userid" not in said:  # somebody of outside, whom the application may be shown to
            raise NoLogin("person", "no-member")
        return text_of(said, "userid")

    def _who(self, code: str, *, renew: bool) -> Talk[dict[str, Any]]:
        own = {"corpid": self.corp, "corpsecret": self.secret}
        url = address(f"{self.api}/cgi-bin/gettoken", own)
        token = (yield Ask(url, keep_s=TOKEN_KEEP_S, renew=renew)).said()
        _wecom(token)
        asked = {"access_token": text_of(token, "access_token"), "code": code}
        return (yield Ask(address(f"{self.api}/cgi-bin/auth/getuserinfo", asked))).said()


def _wecom(said: Mapping[str, Any]) -> None:
    """Raises NoLogin. developer.work.weixin.qq.com/document/path/90313 (全局错误码)."""
    code = str(said.get("errcode"))
    if code != "0":
        # -1 busy, 45009 too often; 40029 the code was used or is older than five minutes
        raise NoLogin({"-1": "away", "45009": "away", "40029": "code"}.get(code, "answer"), code)


@dataclass(frozen=True, slots=True)
class DingTalk:
    """open.dingtalk.com/document/orgapp/obtain-identity-credentials. The id is unionId: it needs no second token."""

    client_id: str
    secret: str
    pages: str = "https://login.dingtalk.com"
    api: str = "https://api.dingtalk.com"
    name_zh = "钉钉"
    agents = ("DingTalk/",)

    def begin(self, attempt: Attempt, back: str, *, inside: bool) -> Talk[str]:
        """Without prompt=consent the question who it is is answered with 403."""
        yield from ()
        asked = {
            "redirect_uri": back,
            "response_type": "code",
            "client_id": self.client_id,
            "scope": "openid",
            "state": attempt.state,
            "prompt": "consent",
        }
        return address(f"{self.pages}/oauth2/auth", asked)

    def identify(
        self, attempt: Attempt, back: str, query: Mapping[str, str], now_s: int
    ) -> Talk[str]:
        own = {
            "clientId": self.client_id,
            "clientSecret": self.secret,
            "code": code_of(query, "authCode", "code"),
            "grantType": "authorization_code",
        }
        said = _dingtalk((yield Ask(f"{self.api}/v1.0/oauth2/userAccessToken", json=own)))
        bearer = {"x-acs-dingtalk-access-token": text_of(said, "accessToken")}
        answer = yield Ask(f"{self.api}/v1.0/contact/users/me", headers=bearer)
        return text_of(_dingtalk(answer), "unionId")


def _dingtalk(answer: Answer) -> dict[str, Any]:
    """Raises NoLogin: its status tells, and a code in words."""
    said = answer.said()
    if answer.status != 200:
        code = str(said.get("code", answer.status))
        if "qpslimit" in code.lower():  # status 403; 接口限流: Forbidden.AccessDenied.QpsLimitFor…
            raise NoLogin("away", code)
        raise NoLogin("code" if "authcode" in code.lower() else "answer", code)
    return said


@dataclass(frozen=True, slots=True)
class Feishu:
    """open.feishu.cn: 获取授权码, 获取 user_access_token (v2, RFC 6749 and PKCE), 获取用户信息.

    The id is user_id, the one that the office's directory shows; the application needs 获取用户 user ID.
    """

    client_id: str
    secret: str
    pages: str = "https://accounts.feishu.cn"
    api: str = "https://open.feishu.cn"
    name_zh = "飞书"
    agents = ("Lark/", "Feishu/")

    def begin(self, attempt: Attempt, back: str, *, inside: bool) -> Talk[str]:
        yield from ()
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": back,
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return address(f"{self.pages}/open-apis/authen/v1/authorize", asked)

    def identify(
        self, attempt: Attempt, back: str, query: Mapping[str, str], now_s: int
    ) -> Talk[str]:
        own = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": self.secret,
            "code": code_of(query, "code"),
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        said = (yield Ask(f"{self.api}/open-apis/authen/v2/oauth/token", json=own)).said()
        _feishu(said)
        bearer = {"Authorization": f"Bearer {text_of(said, 'access_token')}"}
        said = (yield Ask(f"{self.api}/open-apis/authen/v1/user_info", headers=bearer)).said()
        _feishu(said)
        data = said.get("data")
        return text_of(data if isinstance(data, dict) else {}, "user_id")


def _feishu(said: Mapping[str, Any]) -> None:
    """Raises NoLogin. The codes stand below 获取 user_access_token."""
    code = str(said.get("code"))
    if code in ("20003", "20004", "20065"):  # not found, expired, used
        raise NoLogin("code", code)
    if code in ("20008", "20010", "20066"):  # nobody, not of this application, left or suspended
        raise NoLogin("person", code)
    if code != "0":
        # 频控策略: too often, with status 400 or 429
        raise NoLogin("away" if code == "99991400" else "answer", code)
