"""期限的经过: what became of every clock of a case, told from its events, in order of telling: newest last."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from schemas import escalations as e
from schemas.event import Event
from services.desk.core.words import minute, short, to_the_second
from services.kernel.timeline import Words, line_of

Key = tuple[str, str]
"""Clock and source."""
TOLD = (
    e.ClockStarted, e.ClockStopped, e.ClockPaused, e.ClockResumed, e.ClockExtended, e.ClockRecomputed,
    e.DeadlineWarned, e.DeadlineBreached, e.CaseEscalated,
)  # fmt: skip
"""Each has its words in policies/desk.toml [history], each of their instants its name in [instants]."""
LATE = (e.DeadlineBreached, e.CaseEscalated)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing that was said of a clock. `exact`: every instant it carries, to the second."""

    at: str
    exact: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Story:
    """A clock from the first time it was set. `kept`: in time; None = it runs, or stands still."""

    clock: str
    source: str
    variant: str = ""
    steps: tuple[StepRow, ...] = ()
    kept: bool | None = None
    due_at: datetime | None = None
    warned: int = 0

    @property
    def key(self) -> Key:
        return self.clock, self.source


def stories(
    words: Words, instants: Mapping[str, str], events: Iterable[Event]
) -> Mapping[Key, Story]:
    """By clock and source, in order of the first setting. `events`: of one case, in order of reading."""
    found: dict[Key, Story] = {}
    for event in events:
        data = event.data
        if isinstance(data, e.ClockFact):
            key = data.clock, data.source
            found[key] = _told(words, instants, found.get(key, Story(*key)), event)
    return found


def _told(words: Words, instants: Mapping[str, str], story: Story, event: Event) -> Story:
    data = event.data
    assert isinstance(data, e.ClockFact)  # noqa: S101 - seen by the caller
    after = _after(story, data)
    line = line_of(words, event, **_more(story, after, data))
    tone = "late" if isinstance(data, LATE) or after.kept is False else "good" if after.kept else ""
    told = "；".join(f"{name} {to_the_second(at)}" for name, at in _instants(instants, event))
    steps = (StepRow(short(event.time), told, line.text_zh, tone),) if line else ()
    return replace(after, steps=(*story.steps, *steps))


def _after(story: Story, data: e.ClockFact) -> Story:
    due_at = getattr(data, "due_at", story.due_at)
    if isinstance(data, e.ClockStarted):
        return replace(story, variant=data.variant, kept=None, due_at=due_at, warned=0)
    if isinstance(data, e.ClockStopped):
        return replace(story, variant=data.variant, kept=data.kept, due_at=due_at)
    warned = story.warned + isinstance(data, e.DeadlineWarned)
    return replace(story, due_at=due_at, warned=warned)


def _more(before: Story, after: Story, data: e.ClockFact) -> dict[str, str]:
    """What the fact alone does not say: what the end was before it, which warning this is."""
    old, new = getattr(data, "old_due_at", before.due_at), after.due_at
    until = minute(new) if new else ""
    later = getattr(data, "tell_at", None)
    owner = getattr(data, "owner", None) or getattr(data, "to", None)
    return {
        "moved": until + "（未变）" if old in (None, new) else f"{minute(old)} → {until}",
        "nth": str(after.warned),
        "provisional": "，暂定" if getattr(data, "provisional", False) else "",
        "withdrawn": "，已记的逾期撤销" if getattr(data, "breach_withdrawn", False) else "",
        "later": f"，{minute(later)} 告知" if later else "",
        "deputy": f"（代 {owner.deputy_for}）" if owner and owner.deputy_for else "",
    }


def _instants(names: Mapping[str, str], event: Event) -> Iterator[tuple[str, datetime]]:
    """With the instant at which it was told, and whatever the fact names, in the order of its fields."""
    yield names["time"], event.time
    for field in type(event.data).model_fields:
        value = getattr(event.data, field)
        for at in value if isinstance(value, tuple) else (value,):
            if isinstance(at, datetime):
                yield names[field], at


def instant_fields() -> set[str]:
    """Names of all instants that a fact of a clock may carry."""
    found = {"time"}
    for fact in TOLD:
        found |= {n for n, f in fact.model_fields.items() if "datetime" in str(f.annotation)}
    return found
