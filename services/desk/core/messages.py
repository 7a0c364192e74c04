"""消息: what people were told of a case, folded from the same events as the notifier's letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from schemas.event import Event
from services.desk.core.cards import Names
from services.kernel.notices import Kind, Needless, Why, needless, word_of

Same = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """`account` empty = nobody holds that `post`. `ordinal`: how often it was told. `over`: why it asks nothing now."""

    event_id: UUID
    case_id: UUID
    kind: Kind
    account: str
    post: str
    clock: str
    variant: str
    source: str
    level: int
    urgent: bool
    tell_at: datetime
    due_at: datetime | None
    ordinal: int = 1
    over: Why | None = None

    @property
    def done(self) -> bool:
        return self.over is not None

    @property
    def same(self) -> Same:
        return self.kind, self.account, self.clock, self.variant, self.source

    @property
    def about(self) -> tuple[str, str, str, str]:
        """The newest of these says what all before it said."""
        return self.account, self.clock, self.variant, self.source

    def ended(self, why: Why) -> "Message":
        """For the first reason there was: what came after did not end it."""
        return self if self.done else replace(self, over=why)

    def is_of(self, gone: Needless) -> bool:
        clock = (gone.clock, gone.variant, gone.source)
        mine = (self.clock, self.variant, self.source)
        return self.kind in gone.kinds and (not gone.clock or clock == mine)


def told(known: Sequence[Message], event: Event) -> list[Message]:
    """All of one case, in order of telling, after one more event of `escalations`."""
    gone, word = needless(event.data), word_of(event.data)
    now = [one.ended(gone.why) if gone and one.is_of(gone) else one for one in known]
    if word is None or any(one.event_id == event.id for one in known):
        return now
    urgent = next((one.urgent for one in reversed(now) if one.kind == "assigned"), False)
    made = Message(
        event.id, word.case_id, word.kind, word.owner.account, word.owner.post, word.clock, word.variant,
        word.source, word.level, urgent if word.urgent is None else word.urgent, word.tell_at or event.time,
        word.due_at,
    )  # fmt: skip
    before = sum(one.same == made.same for one in now)
    now = [one.ended("again") if one.about == made.about else one for one in now]
    return [*now, replace(made, ordinal=before + 1)]


def said(texts: Mapping[str, str], names: Names, hard: frozenset[str], one: Message) -> str:
    """新派案件请签收：签收，第 2 次提醒. `texts`: [notice] of the catalogue; `hard`: clocks of the law."""
    stage = names.stages.get(f"{one.clock}/{one.variant}", one.clock)
    kind = texts["hard"] if f"{one.clock}/{one.variant}" in hard else texts["soft"]
    asked = texts[one.kind] if stage else texts["assigned_bare"]
    parts = [
        (texts["urgent"] if one.urgent else "") + asked.format(stage=stage, level=one.level, kind=kind),
        texts["again"].format(ordinal=one.ordinal) if one.ordinal > 1 else "",
        "" if one.account else texts["vacant"].format(post=names.posts.get(one.post, one.post)),
    ]  # fmt: skip
    return texts["join"].join(filter(None, parts))
