"""案件时间线: every event of a case as one line for people; the words stand in policies/texts.zh.toml [timeline]."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from schemas.escalations import ActionTaken, ClockFact
from schemas.event import Event
from schemas.matter import Matter
from services.kernel.deadline import ClockRule


@dataclass(frozen=True, slots=True)
class Line:
    """`at`: the event's own instant, in the office's zone; `type`: its short name."""

    at: datetime
    type: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Words:
    """`said`: a text a type, with the event's fields as {d}; `names`: how codes are said aloud, by field name."""

    said: Mapping[str, str]
    names: Mapping[str, Mapping[str, str]]
    zone: ZoneInfo


def words_of(
    texts: Mapping[str, Mapping[str, str]],
    rules: Iterable[ClockRule],
    posts: Mapping[str, str],
    verbs: Mapping[str, str],
    timezone: str,
    steps: Mapping[str, str],
) -> Words:
    """`texts`: policies/texts.zh.toml; `posts`, `verbs`, `steps` (of policies/steps.csv): Chinese names."""
    stages = {f"{r.id}/{r.variant}": f"{r.id} {r.stage_zh}" for r in rules}
    names = {"post": posts, "verb": verbs, "clock": stages}
    coded = ("channel", "outcome", "why", "rule_kind", "ground", "reason")
    names |= {name: texts[name] for name in coded} | {"step": steps}
    names["why"] = {**steps, **texts["why"]}
    return Words(texts["timeline"], names, ZoneInfo(timezone))


def timeline(words: Words, events: Iterable[Event]) -> tuple[Line, ...]:
    """In order of the instants; of equals, in the order given. Types without words are left out (timers' commands)."""
    found = [line for event in events if (line := line_of(words, event))]
    return tuple(sorted(found, key=lambda line: line.at))


def line_of(words: Words, event: Event, **more: str) -> Line | None:
    """`more`: what the words name besides the event's own fields."""
    name = event.type.removeprefix("cn.anxin.").rpartition(".")[0]
    said = words.said.get(name)
    if said is None:
        return None
    view = _view(event.data, words.names, words.zone)
    return Line(event.time.astimezone(words.zone), name, said.format(d=view, **more).strip())


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
    step = value.detail.get("step") if isinstance(value, ActionTaken) else None
    if step is not None:
        fields["verb"] = f"{fields['verb']}“{names['step'].get(str(step), step)}”"
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
