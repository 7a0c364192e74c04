"""Chat robots and the SMS gateway: what is posted, how it is signed, how often it may be, what an answer means.

An answer with status 200 says nothing by itself: each of them refuses in the body. Error bodies as seen in public logs.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote_plus, urlsplit

Outcome = Literal["delivered", "busy", "refused", "unreachable"]
OUTCOMES: tuple[Outcome, ...] = ("delivered", "busy", "refused", "unreachable")
MINUTE = timedelta(seconds=61)
"""A second more than theirs: they count by the arrival, we by the departure."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many posts in any stretch of that length."""

    posts_max: int
    span: timedelta

    @property
    def reserve(self) -> int:
        """[own] What ordinary messages leave to urgent ones: a quarter."""
        return max(1, self.posts_max // 4)


@dataclass(frozen=True, slots=True)
class Address:
    """One robot of the settings. `kind`: a key of KINDS; url and secret are never logged."""

    robot: str
    kind: str
    url: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be posted. `id` stays the same however often it is tried."""

    id: str
    accounts: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: no answer came; `body` then says why."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code`: theirs, for the log and the row. `wait`: how long the whole robot must be silent."""

    outcome: Outcome
    code: str = ""
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Kind:
    """`code`, `said`: names of fields in the answer. `busy`: codes of "too often". `rest`: what they ask for then."""

    limits: tuple[Limit, ...]
    text_bytes_max: int
    post: Callable[[Address, Letter, datetime], Post]
    code: str
    said: str
    busy: frozenset[str]
    rest: timedelta
    signed: bool = False


def _wecom(to: Address, letter: Letter, _: datetime) -> Post:
    return _json(to.url, letter, {"msgtype": "text", "text": {"content": letter.text}})


def _dingtalk(to: Address, letter: Letter, now: datetime) -> Post:
    """加签: HMAC-SHA256 of `<ms> LF <secret>`, keyed by the secret, in the query."""
    url = to.url
    if to.secret:
        stamp = str(int(now.timestamp() * 1000))
        sign = _base64(_hmac(to.secret.encode(), f"{stamp}\n{to.secret}".encode()))
        url += f"{'&' if urlsplit(url).query else '?'}timestamp={stamp}&sign={quote_plus(sign)}"
    return _json(url, letter, {"msgtype": "text", "text": {"content": letter.text}})


def _feishu(to: Address, letter: Letter, now: datetime) -> Post:
    """签名校验: HMAC-SHA256 of nothing, keyed by `<s> LF <secret>`, in the body."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": letter.text}}
    if to.secret:
        stamp = str(int(now.timestamp()))
        sign = _base64(_hmac(f"{stamp}\n{to.secret}".encode(), b""))
        body = {"timestamp": stamp, "sign": sign} | body
    return _json(to.url, letter, body)


def _sms(to: Address, letter: Letter, now: datetime) -> Post:
    """Ours: the gateway knows the numbers of the accounts. Signed: HMAC-SHA256 of `<s> LF <body>`, hexadecimal."""
    stamp = str(int(now.timestamp()))
    made = _json(
        to.url,
        letter,
        {"id": letter.id, "accounts": list(letter.accounts), "text": letter.text},
    )
    sign = _hmac(to.secret.encode(), stamp.encode() + b"\n" + made.body).hex()
    more = {"X-Anxin-Timestamp": stamp, "X-Anxin-Signature": sign}
    return Post(made.url, made.body, {**made.headers, **more})


def _json(url: str, letter: Letter, body: Mapping[str, Any]) -> Post:
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": letter.id}
    return Post(url, json.dumps(body, ensure_ascii=False).encode(), headers)


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


KINDS: Mapping[str, Kind] = {
    # 群机器人: 20 条/分钟, text ≤ 2048 bytes (developer.work.weixin.qq.com/document/path/91770)
    "wecom": Kind(
        (Limit(20, MINUTE),),
        2048,
        _wecom,
        "errcode",
        "errmsg",
        frozenset({"45009"}),
        timedelta(minutes=1),
    ),
    # 自定义机器人: 20 条/分钟, 超过则限流 10 分钟 (open.dingtalk.com/document/group/custom-robot-access)
    "dingtalk": Kind(
        (Limit(20, MINUTE),),
        16_000,
        _dingtalk,
        "errcode",
        "errmsg",
        frozenset({"130101", "410100"}),
        timedelta(minutes=10),
    ),
    # 自定义机器人: 100 次/分钟, 5 次/秒, body ≤ 20 KB (open.feishu.cn, 自定义机器人使用指南)
    "feishu": Kind(
        (Limit(100, MINUTE), Limit(5, timedelta(seconds=2))),
        16_000,
        _feishu,
        "code",
        "msg",
        frozenset({"11232"}),
        timedelta(minutes=1),
    ),
    # A gateway of the district; its limits are [own] until it says them: one SMS of 70 characters costs one fee.
    "sms": Kind(
        (Limit(60, MINUTE),),
        630,
        _sms,
        "code",
        "message",
        frozenset({"429"}),
        timedelta(minutes=1),
        signed=True,
    ),
}
TOO_OFTEN = ("frequency", "too many", "too fast", "over limit", "out of limit")
"""Feishu's 9499 and others say in words only that it was too often."""


def verdict(kind: Kind, answer: Answer) -> Verdict:
    """What came of a post. Anything not understood was not delivered."""
    if answer.status == 0:
        return Verdict("unreachable", answer.body.decode("utf-8", "replace")[:80])
    if answer.status == 429:
        return Verdict("busy", "429", kind.rest)
    said = _object(answer.body)
    code, words = str(said.get(kind.code, "")), str(said.get(kind.said, "")).lower()
    if answer.status == 200 and code == "0":
        return Verdict("delivered", code)
    if code in kind.busy or any(word in words for word in TOO_OFTEN):
        return Verdict("busy", code, kind.rest)
    return Verdict("refused", code[:20] or f"http {answer.status}")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


@dataclass(frozen=True, slots=True)
class Free:
    """How many posts are allowed now, and how many of them to ordinary messages; may be negative."""

    posts: int
    ordinary: int


def free(limits: Sequence[Limit], posted: Sequence[datetime], now: datetime) -> Free:
    """`posted`: when the earlier ones left, tried or delivered alike."""
    left = [(one.posts_max - sum(at > now - one.span for at in posted), one) for one in limits]
    return Free(min(n for n, _ in left), min(n - one.reserve for n, one in left))


RETRY_FIRST, RETRY_MAX = timedelta(seconds=10), timedelta(minutes=30)
REST_MAX = timedelta(minutes=1)
TRIED_MAX = 60
AGE_MAX = timedelta(hours=24)


def retry_after(attempt: int) -> timedelta:
    """After the n-th failure (from 1): 10 s, 20 s, … half an hour."""
    return min(RETRY_FIRST * (1 << min(attempt - 1, 16)), RETRY_MAX)


def rest(said: Verdict, failures: int) -> timedelta:
    """How long the whole robot is left alone: one that answers nothing must not hold up the others post by post."""
    unreachable = said.outcome == "unreachable"
    return min(retry_after(failures), REST_MAX) if unreachable else said.wait


def given_up(attempt: int, made_at: datetime, now: datetime) -> bool:
    """Dead: a day old, or tried 60 times. What was true a day ago is on the desk's page, where it is kept up."""
    return attempt >= TRIED_MAX or now - made_at > AGE_MAX
