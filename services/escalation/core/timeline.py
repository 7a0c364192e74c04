"""案件时间线: every event of a case as one line for people; the words stand in policies/texts.zh.toml [timeline]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from schemas.escalations import ClockFact
from schemas.event import Event
from schemas.matter import Matter
from services.escalation.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Line:
    """`at`: the event's own instant, in the office's zone; `type`: its short name."""

    at: datetime
    type: str
    text_zh: str


def timeline(policy: Policy, events: Sequence[Event]) -> tuple[Line, ...]:
    """In order of the instants; of equals, in the order given. Types without words are left out (timers' commands)."""
    found = [line for event in events if (line := line_of(policy, event))]
    return tuple(sorted(found, key=lambda line: line.at))


def line_of(policy: Policy, event: Event) -> Line | None:
    name = event.type.removeprefix("cn.anxin.").rpartition(".")[0]
    words = policy.texts["timeline"].get(name)
    if words is None:
        return None
    zone = ZoneInfo(policy.calendar.timezone)
    view = _view(event.data, _names(policy), zone)
    return Line(event.time.astimezone(zone), name, words.format(d=view).strip())


def _names(policy: Policy) -> Mapping[str, Mapping[str, str]]:
    """How the codes of a field are said aloud, by field name."""
    texts = policy.texts
    stages = {f"{r.id}/{r.variant}": f"{r.id} {r.stage_zh}" for r in policy.rules}
    posts = {post.post: post.name_zh for post in policy.rungs.values()}
    return {
        "post": posts,
        "verb": policy.verbs_zh,
        "clock": stages,
        "channel": texts["channel"],
        "outcome": texts["outcome"],
        "why": texts["why"],
        "rule_kind": texts["rule_kind"],
        "ground": texts["ground"],
        "reason": texts["reason"],
    }


def _view(value: Any, names: Mapping[str, Mapping[str, str]], zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if not isinstance(value, BaseModel):
        return value
    fields: dict[str, Any] = {}
    for field in type(value).model_fields:
        inner = _view(getattr(value, field), names, zone)
        known = names.get(field, {})
        fields[field] = known.get(inner, inner) if isinstance(inner, str) else inner
    if isinstance(value, ClockFact):
        fields["clock"] = names["clock"].get(f"{value.clock}/{value.variant}", value.clock)
    return SimpleNamespace(**fields, **_more(value))


def _more(value: BaseModel) -> dict[str, str]:
    """What no single field says: amounts in yuan, the matter in a few words."""
    more: dict[str, str] = {}
    if isinstance(value, Matter):
        named = value.employer.name if value.employer else "单位不详"
        people = f"{value.people} 人" if value.people else "人数不详"
        more["brief"] = f"{named}，{people}，{_yuan(value.amount_fen)}"
    paid = getattr(value, "paid_fen", None)
    if isinstance(paid, int):
        more["paid"] = f"，支付 {_yuan(paid)}" if paid else ""
    kept = getattr(value, "kept", None)
    if isinstance(kept, bool):
        more["verdict"] = "按期" if kept else "逾期"
    if isinstance(getattr(value, "hard", None), bool):
        more["kind"] = "法定" if value.hard else "内部"  # type: ignore[attr-defined]  # seen a line above
    return more


def _yuan(fen: int | None) -> str:
    if not fen:
        return "金额不详"
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".") + " 元"
