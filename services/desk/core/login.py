"""登录: somebody else says who a person is; what we ask them, and whether what comes back is of this browser.

A provider is a pair of talks: generators that yield what to ask and are sent the answer, so that they need no network.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

ATTEMPT_S_MAX = 600
"""From the button to the way back: somebody may have to find their phone."""
CODE_CHARS_MAX = 4_096
PATH_CHARS_MAX = 200
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
OUTCOMES: Mapping[str, tuple[int, str]] = {
    "state": (400, "这次登录已过期，或不是从这个浏览器开始的，请重新登录"),
    "declined": (403, "{name}没有同意这次登录"),
    "code": (403, "{name}的登录凭证已用过或已过期，请重新登录"),
    "person": (403, "您已通过{name}登录，但不在安薪的人员名册里。请联系{who}登记"),
    "answer": (502, "{name}的答复不能采信，没有登录。请把时间告诉{who}"),
    "away": (503, "暂时联系不上{name}，请稍后再试"),
    "busy": (503, "同时登录的人太多，请稍后再试"),
}
"""How a login fails: status, and what the person reads."""
_LOCAL = re.compile(r"(/[A-Za-z0-9_-]+)+(\?[A-Za-z0-9_=&.%-]*)?")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_DETAIL = re.compile(r"[^A-Za-z0-9_.:-]")
T = TypeVar("T")


class NoLogin(Exception):  # noqa: N818 - most of them are no fault of ours
    """`outcome`: of OUTCOMES; `detail`: for the log, never a secret; `subject`: who it would have been."""

    def __init__(self, outcome: str, detail: object = "", subject: str = "") -> None:
        super().__init__(outcome)
        self.outcome, self.subject = outcome, subject
        self.detail = _DETAIL.sub("", str(detail))[:60]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: POST where there is a form or JSON. The answer may be one of the last `keep_s` seconds.

    `renew`: what was kept did not serve.
    """

    url: str
    form: Mapping[str, str] | None = None
    json: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keep_s: int = 0
    renew: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def said(self) -> dict[str, Any]:
        """Whatever the status below 500. Raises NoLogin."""
        if self.status >= 500 or self.status == 429:
            raise NoLogin("away", self.status)
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise NoLogin("answer", f"{self.status}:no-json") from None
        if not isinstance(found, dict):
            raise NoLogin("answer", f"{self.status}:no-object")
        return found


Talk = Generator[Ask, Answer, T]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One login under way. `secret` stands in the browser's cookie; all that others see of it are HMACs of it.

    So nothing is kept here until somebody comes back, and only the browser that began can go on.
    """

    provider: str
    secret: str
    began_s: int
    back_to: str

    @property
    def state(self) -> str:
        """RFC 6749, 10.12. Hex: WeCom takes letters and digits only."""
        return self._use("state")

    @property
    def nonce(self) -> str:
        """OIDC Core, 3.1.2.1."""
        return self._use("nonce")

    @property
    def verifier(self) -> str:
        """RFC 7636, 4.1."""
        return self._use("verifier")

    @property
    def challenge(self) -> str:
        """RFC 7636, 4.2: S256."""
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())

    @property
    def cookie(self) -> str:
        return f"{self.secret}.{self.began_s}.{_base64url(self.back_to.encode())}"

    def _use(self, use: str) -> str:
        said = "\n".join((use, self.provider, str(self.began_s), self.back_to))
        return hmac.new(self.secret.encode(), said.encode(), hashlib.sha256).hexdigest()


class Provider(Protocol):
    """`agents`: what the User-Agent of its own web view holds."""

    @property
    def name_zh(self) -> str: ...

    @property
    def agents(self) -> tuple[str, ...]: ...

    def begin(self, attempt: Attempt, back: str, *, inside: bool) -> Talk[str]:
        """Where the browser goes. `back`: our callback; `inside`: it is the web view of the provider's own app."""
        ...

    def identify(
        self, attempt: Attempt, back: str, query: Mapping[str, str], now_s: int
    ) -> Talk[str]:
        """The provider's id of the person who came back with `query`. Raises NoLogin."""
        ...


def resumed(cookie: str, provider: str, state: str, now_s: int) -> Attempt:
    """The attempt whose way back this is. Raises NoLogin."""
    parts = cookie.split(".")
    if len(parts) != 3 or not _SECRET.fullmatch(parts[0]) or not parts[1].isdecimal():
        raise NoLogin("state", "cookie")
    try:
        back_to = base64.urlsafe_b64decode(parts[2] + "==").decode()
    except ValueError:
        raise NoLogin("state", "cookie") from None
    found = Attempt(provider, parts[0], int(parts[1][:12]), local(back_to))
    if not hmac.compare_digest(found.state.encode(), state.encode()):
        raise NoLogin("state", "mismatch")
    if not 0 <= now_s - found.began_s <= ATTEMPT_S_MAX:
        raise NoLogin("state", "late")
    return found


def local(path: str) -> str:
    """A page of ours to return to, else the first one: never another host, never the login itself."""
    good = len(path) <= PATH_CHARS_MAX and _LOCAL.fullmatch(path)
    return path if good and not path.startswith(("/login", "/logout")) else "/"


def code_of(query: Mapping[str, str], *names: str) -> str:
    """RFC 6749, 4.1.2. Raises NoLogin where the provider brought the person back without one."""
    found = next((query[name] for name in names if query.get(name)), "")
    if query.get("error") or not found or len(found) > CODE_CHARS_MAX:
        raise NoLogin("declined", query.get("error", "no-code"))
    return found


def address(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def is_safe(url: object) -> bool:
    """https, or http on this machine: an address that carries codes and secrets."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return False
    if parts is None or not parts.hostname or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def text_of(said: Mapping[str, Any], name: str) -> str:
    """A field that has to be there; a number is taken for its digits. Raises NoLogin."""
    value = said.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise NoLogin("answer", f"no-{name}")
    return value


def inside_of(agent: str, providers: Mapping[str, Provider]) -> str:
    """The provider in whose own app the page is open; empty = none of them."""
    return next(
        (one for one, it in providers.items() if any(part in agent for part in it.agents)), ""
    )


def account_of(ids: Mapping[tuple[str, str], str], provider: str, subject: str) -> str:
    """By the office's file; `*` of a provider = its ids are the accounts. Empty = nobody."""
    if (provider, subject) in ids:
        return ids[provider, subject]
    return subject if (provider, "*") in ids and subject != "*" else ""


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
