"""Acts on personal data by a person: who may (policies/privacy.toml), and the record of it on the topic `audit`."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid5

from schemas.audit import AuditFact
from schemas.event import Event, Out
from services.kernel.ids import NAMESPACE
from services.kernel.spoken import SHANGHAI
from services.runtime.clock import clock_of
from services.runtime.policy_files import table, toml
from services.runtime.publish import Position, Publisher
from services.runtime.settings import Settings

TOPIC = "audit"
SOURCE = "urn:anxin:cli"
ACTS = ("reveal", "quarantine", "erase")
REASON_CHARS_MIN, REASON_CHARS_MAX = 4, 200
_PERSONAL = re.compile(r"1[3-9]\d{9}|\d{17}[\dXx]|\d{15}")


class NotAllowed(Exception):  # noqa: N818 - an answer to the person who asked
    """Nothing was shown or erased; why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Who:
    """An account of the roster and what it holds; `grid`, `unit_code` empty = not bound to one."""

    account: str
    post: str
    grid: str
    unit_code: str


def allowed(settings: Settings, act: str, account: str, reason: str) -> Who:
    """Raises NotAllowed; OSError where the policies are not there."""
    check_reason(reason)
    posts = toml(settings.policies / "privacy.toml")[act]["posts"]
    rows = {row["account"]: row for row in table(settings.policies / "roster.csv")}
    row = rows.get(account)
    if row is None:
        raise NotAllowed(f"花名册中没有账号 {account}")
    if row["post"] not in posts:
        raise NotAllowed(f"岗位 {row['post']} 无权进行此操作，见 policies/privacy.toml 的 [{act}]")
    today = clock_of(settings.clock).now().astimezone(SHANGHAI).date()
    if row["absent_from"] and _away(row["absent_from"], row["absent_to"], today):
        raise NotAllowed(f"账号 {account} 在请假中")
    return Who(account, row["post"], row["grid"], row["unit_code"])


def _away(first: str, last: str, day: date) -> bool:
    return date.fromisoformat(first) <= day <= (date.fromisoformat(last) if last else date.max)


def check_reason(reason: str) -> None:
    """事由: enough to be checked later, without the data it is about. Raises NotAllowed."""
    if not REASON_CHARS_MIN <= len(reason.strip()) <= REASON_CHARS_MAX:
        raise NotAllowed(f"请写明事由（{REASON_CHARS_MIN} 至 {REASON_CHARS_MAX} 字）")
    if _PERSONAL.search(reason):
        raise NotAllowed("事由会长期保存，请不要写电话或证件号码")


def record(settings: Settings, fact: AuditFact, subject: str, at: datetime) -> Position:
    """Confirmed by the broker on return; the same act said twice is one event. Raises NotNow."""
    stamp = at if clock_of(settings.clock).stepped else None
    with Publisher(settings) as publisher:
        return publisher.event(told(fact, subject, at), stamp)


def told(fact: AuditFact, subject: str, at: datetime, source: str = SOURCE) -> Out:
    """The event; the same act said twice is one."""
    identity = uuid5(NAMESPACE, f"{fact.TYPE}/{subject}/{fact.account}/{at.isoformat()}")
    return Out(TOPIC, subject, Event(identity, source, at, subject, fact))
