"""Which messages go out together, in what order, and what a letter says: times as they are when it is posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kernel.ids import derived_id
from services.kernel.spoken import left
from services.notifier.core.policy import Policy
from services.notifier.core.robots import Free
from services.notifier.core.tell import Notice

TOGETHER_MAX = 40
ID_CHARS = 8


@dataclass(frozen=True, slots=True)
class Item:
    """A message and what the outbox knows of it: how often this was told, and 案号 (empty = not known yet)."""

    notice: Notice
    ordinal: int
    number: str

    @property
    def pressing(self) -> bool:
        """紧急或法定: neither held back nor put among others."""
        return self.notice.urgent or self.notice.hard


def choose(waiting: Sequence[Item], free: Free) -> tuple[Item, ...]:
    """The next letter of a robot: one pressing message; else one, or what one person is told at the opening together.

    Where there are more than may go out, everything ordinary is one digest. Empty = nothing may go now.
    """
    if free.posts < 1:
        return ()
    for one in waiting:
        if one.pressing:
            return (one,)
    if not waiting or free.ordinary < 1:
        return ()
    groups: dict[object, list[Item]] = {}
    for one in waiting:
        same = (one.notice.account, one.notice.tell_at) if one.notice.held else one.notice.id
        groups.setdefault(same, []).append(one)
    if len(groups) > free.ordinary:
        return tuple(waiting[:TOGETHER_MAX])
    return tuple(next(iter(groups.values()))[:TOGETHER_MAX])


def letter_id(items: Sequence[Item]) -> UUID:
    """Of what is in it: each message is in one letter only."""
    return derived_id(items[0].notice.id, "letter", len(items))


def text(
    policy: Policy, items: Sequence[Item], letter: str, link: str, now: datetime, bytes_max: int
) -> str:
    """`link`: the desk's address, may be empty. What does not fit is counted at the end, never cut in the middle."""
    words = policy.texts
    tail = words["id"].format(id=letter[:ID_CHARS])
    if len(items) == 1:
        head, lines = "", [_line(policy, items[0], link, now)]
    else:
        head = words["digest"].format(count=len(items))
        lines = [_line(policy, one, "", now) for one in items]
        tail = "\n".join(filter(None, (words["desk"].format(link=link) if link else "", tail)))
    kept: list[str] = []
    for done, line in enumerate(lines):
        more = words["more"].format(count=len(lines) - done)
        if _bytes("\n".join([head, *kept, line, more, tail])) > bytes_max:
            kept.append(more)
            break
        kept.append(line)
    return "\n".join(filter(None, (head, *kept, tail)))


def _line(policy: Policy, item: Item, link: str, now: datetime) -> str:
    one, words = item.notice, policy.texts
    stage = policy.stages.get(f"{one.clock}/{one.variant}", one.clock)
    kind = words["hard"] if one.hard else words["soft"]
    said = words[one.kind].format(stage=stage, level=one.level, kind=kind)
    if not stage:
        said = words["assigned_bare"]
    parts = [
        (words["urgent"] if one.urgent else "") + said,
        left(now, one.due_at).words if one.due_at else "",
        words["case"].format(number=item.number or words["no_number"], grid=one.grid),
        words["to"].format(post=policy.posts.get(one.post, one.post), account=one.account),
        words["vacant"].format(post=policy.posts.get(one.vacant, one.vacant)) if one.vacant else "",
        words["again"].format(ordinal=item.ordinal) if item.ordinal > 1 else "",
    ]
    told = words["join"].join(filter(None, parts))
    return f"{told}\n{link}/cases/{one.case_id}" if link else told


def _bytes(whole: str) -> int:
    return len(whole.encode())
