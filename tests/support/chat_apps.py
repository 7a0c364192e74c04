"""WeCom, DingTalk and Feishu as identity providers, on loopback: their addresses, codes used once, their error bodies.

Bodies as their documentation and public logs have them.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.identity import Got, Loopback, challenge_of

SECRET = "Ym9f-27xQpLw_0dTzRk4Hs81"  # noqa: S105 - of the likeness, made up
HINT = "more info at https://open.work.weixin.qq.com/devtool/query?e="
BEGIN = {
    "/connect/oauth2/authorize": "wecom",
    "/wwlogin/sso/login": "wecom",
    "/oauth2/auth": "dingtalk",
    "/open-apis/authen/v1/authorize": "feishu",
}


class ChatApps(Loopback):
    """`who`: the person who is logged in to the app. `old`: tokens of WeCom that it takes no more."""

    def __init__(self) -> None:
        super().__init__()
        self.who = "LiSi"
        self.token, self.old = 1, set[str]()
        self._codes: dict[str, dict[str, str]] = {}
        self._made = 0

    def lines(self) -> str:
        """Of ANXIN_LOGINS."""
        where = f"pages={self.url} api={self.url}"
        return (
            f"wecom corp=ww1 agent=1000002 secret={SECRET} {where}\n"
            f"dingtalk client_id=ding1 secret={SECRET} {where}\n"
            f"feishu client_id=cli_1 secret={SECRET} {where}\n"
        )

    def agree(self, url: str) -> str:
        """What the browser is sent back to; DingTalk calls the code by a name of its own."""
        parts = urlsplit(url)
        asked = {name: some[0] for name, some in parse_qs(parts.query).items()}
        kind = BEGIN[parts.path]
        assert asked["state"].isalnum()
        assert len(asked["state"]) <= 128
        assert asked.get("prompt") == ("consent" if kind == "dingtalk" else None)
        assert parts.fragment == ("wechat_redirect" if "connect" in parts.path else "")
        self._made += 1
        code = f"code-{self._made}"
        self._codes[code] = asked | {"who": self.who}
        name = "authCode" if kind == "dingtalk" else "code"
        return f"{asked['redirect_uri']}?{urlencode({name: code, 'state': asked['state']})}"

    def routes(self) -> Mapping[str, Any]:
        return {
            "/cgi-bin/gettoken": self._wecom_token,
            "/cgi-bin/auth/getuserinfo": self._wecom_who,
            "/v1.0/oauth2/userAccessToken": self._dingtalk_token,
            "/v1.0/contact/users/me": self._dingtalk_who,
            "/open-apis/authen/v2/oauth/token": self._feishu_token,
            "/open-apis/authen/v1/user_info": self._feishu_who,
        }

    def _wecom_token(self, said: dict[str, str], _: Any) -> Got:
        if said != {"corpid": "ww1", "corpsecret": SECRET}:
            return 200, {"errcode": 40001, "errmsg": f"invalid credential, hint: [1], {HINT}40001"}
        token = f"token-{self.token}"
        return 200, {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}

    def _wecom_who(self, said: dict[str, str], _: Any) -> Got:
        if said["access_token"] in self.old:
            return 200, {"errcode": 42001, "errmsg": f"access_token expired, {HINT}42001"}
        began = self._codes.pop(said["code"], None)
        if began is None:
            return 200, {"errcode": 40029, "errmsg": f"invalid code, hint: [1], {HINT}40029"}
        if began["who"].startswith("outside"):
            return 200, {"errcode": 0, "errmsg": "ok", "openid": began["who"]}
        return 200, {"errcode": 0, "errmsg": "ok", "userid": began["who"]}

    def _dingtalk_token(self, said: dict[str, str], _: Any) -> Got:
        began = self._codes.pop(said["code"], None)
        if (said["clientId"], said["clientSecret"]) != ("ding1", SECRET):
            return 400, _words("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        if began is None:
            return 400, _words("invalidParameter.authCode.notFound", "不存在的临时授权码")
        self._codes["dingtalk"] = began
        return 200, {"expireIn": 7200, "accessToken": "user-token", "refreshToken": "r"}

    def _dingtalk_who(self, _: Any, asked: Any) -> Got:
        assert asked.headers["x-acs-dingtalk-access-token"] == "user-token"
        who = self._codes.pop("dingtalk")["who"]
        return 200, {"nick": "张三", "unionId": who, "openId": "o", "mobile": "13800001101"}

    def _feishu_token(self, said: dict[str, str], _: Any) -> Got:
        began = self._codes.pop(said["code"], None)
        if (said["client_id"], said["client_secret"]) != ("cli_1", SECRET):
            return 400, _error(20002, "invalid_client", "The client secret is invalid.")
        if began is None:
            words = "The authorization code is not found. Please note that an authorization code can only be used once."
            return 400, _error(20003, "invalid_grant", words)
        if began["redirect_uri"] != said["redirect_uri"]:
            return 400, _error(20071, "invalid_grant", "The provided redirect URI does not match.")
        if challenge_of(said["code_verifier"]) != began["code_challenge"]:
            return 400, _error(20049, "invalid_grant", "PKCE code challenge failed.")
        self._codes["feishu"] = began
        return 200, {"code": 0, "access_token": "u-1", "expires_in": 7200, "token_type": "Bearer"}

    def _feishu_who(self, _: Any, asked: Any) -> Got:
        assert asked.headers["Authorization"] == "Bearer u-1"
        data = {"name": "张三", "open_id": "ou_1", "user_id": self._codes.pop("feishu")["who"]}
        return 200, {"code": 0, "msg": "success", "data": data}


def _words(code: str, message: str) -> dict[str, str]:
    return {"code": code, "requestid": "0F9A", "message": message}


def _error(code: int, error: str, words: str) -> dict[str, Any]:
    return {"code": code, "error": error, "error_description": words}
