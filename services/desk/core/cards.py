"""What the pages show of a view: a title, where, what is left, what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.desk.core.fold import View
from services.desk.core.forms import Wording
from services.desk.core.words import Left, left, yuan


@dataclass(frozen=True, slots=True)
class Names:
    """How codes are said aloud."""

    units: Mapping[str, str]
    posts: Mapping[str, str]
    verbs: Mapping[str, str]
    states: Mapping[str, str]
    categories: Mapping[str, str]
    channels: Mapping[str, str]
    stages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """A case in a list. `next`: the deed its first clock waits for, in words."""

    case_id: UUID
    number: str
    title: str
    where: str
    urgent: bool
    returned: bool
    left: Left | None
    next: str
    attempt: int


def card(words: Wording, names: Names, view: View, now: datetime) -> Card:
    due = view.next_due
    verb = _awaited(words, view)
    remaining = left(now, due.due_at) if due else None
    return Card(
        view.case_id,
        view.number,
        title(names, view),
        where(names, view),
        view.urgent,
        view.returns > 0,
        remaining,
        f"下一步：{names.verbs[verb]}" if verb else "",
        view.attempt,
    )


def deeds(words: Wording, view: View) -> tuple[str, ...]:
    """Verbs, the likeliest first: what the first clock waits for, then the everyday ones."""
    everyday = ("sign", "contact", "return")
    if view.signed:
        everyday = ("pay", "close", "contact") if view.contacted else ("contact", "pay", "close")
    return tuple(dict.fromkeys(verb for verb in (_awaited(words, view), *everyday) if verb))


def _awaited(words: Wording, view: View) -> str:
    return words.next.get(view.next_due.clock, "") if view.next_due else ""


def title(names: Names, view: View) -> str:
    """某餐饮店 拖欠工资 3 人 1.8 万元: of the first record that says it."""
    matters = [one.matter for one in view.sources]
    employer = next((m.employer.name for m in matters if m.employer), "单位不详")
    people = max((m.people or 0 for m in matters), default=0)
    fen = max((m.amount_fen or 0 for m in matters), default=0)
    category = names.categories.get(matters[0].category, matters[0].category) if matters else ""
    parts = [employer, category, f"{people} 人" if people else "", yuan(fen) if fen else ""]
    return " ".join(part for part in parts if part)


def where(names: Names, view: View) -> str:
    """古楼街道 G05 · 12345 热线."""
    owner = view.owner
    unit = names.units.get(owner.unit_code, "") if owner else ""
    grid = owner.grid.rpartition("-")[2] if owner else ""
    place = f"{unit} {grid}".strip() or names.posts.get(owner.post if owner else "", "待派单")
    told = dict.fromkeys(names.channels.get(one.channel, one.channel) for one in view.sources)
    return " · ".join((place, "、".join(told)))
