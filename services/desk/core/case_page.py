"""案件页的内容: clocks, sources, rungs and the timeline of a view, as rows for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from schemas.cases import MatterSuggested, SubmissionSplit
from schemas.event import Event
from schemas.matter import Submission
from services.desk.core.cards import Names
from services.desk.core.clock_story import Key, StepRow, Story
from services.desk.core.fold import ClockView, View
from services.desk.core.forms import Offered
from services.desk.core.words import Left, exact, left, short
from services.kernel.timeline import Words, line_of

LATE = ("deadline.breached", "case.escalated", "action.refused", "assignment.returned")
GOOD = ("case.closed", "reply.confirmed", "action.taken", "case.routed")
Seen = Mapping[UUID, str]
"""Numbers of the other cases that are spoken of, of those that the reader may see; empty = not read yet."""
ELSEWHERE = "另一网格的案件"
GROUNDS = {
    "material": "补正", "suspended": "中止", "assistance": "协助查询", "arbitration": "仲裁或诉讼",
    "referral": "移送公安",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockRow:
    name: str
    left: Left
    hard: bool
    provisional: bool
    source: str
    standing: str
    basis: str
    trace: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A clock that no longer runs."""

    name: str
    source: str
    kept: bool
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    channel: str
    number: str
    received: str
    answer: str
    answered: bool


@dataclass(frozen=True, slots=True)
class RungRow:
    name: str
    at: str
    why: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """`other`: a case beside this one that is spoken of, and that the reader may see."""

    at: str
    exact: str
    words: str
    why: str
    tone: str
    other: UUID | None


def clocks(names: Names, view: View, now: datetime, told: Mapping[Key, Story]) -> list[ClockRow]:
    """Those that run, by what ends first."""
    ordered = sorted(view.clocks, key=lambda one: (one.due_at, one.clock, one.source))
    return [
        _clock(names, one, now, told[one.key].steps if one.key in told else ()) for one in ordered
    ]


def ended(names: Names, view: View, told: Mapping[Key, Story]) -> list[EndedRow]:
    """Those that ran, by what was set first."""
    running = {one.key for one in view.clocks}
    return [
        EndedRow(
            names.stages.get(f"{one.clock}/{one.variant}", one.clock),
            one.source,
            bool(one.kept),
            one.steps,
        )
        for key, one in told.items()
        if key not in running
    ]


def _clock(names: Names, one: ClockView, now: datetime, steps: tuple[StepRow, ...]) -> ClockRow:
    started = f"{exact(one.started_at)} 起算，{exact(one.due_at)} 届满"
    extended = f"，已延 {one.extended_days}" if one.extended_days else ""
    return ClockRow(
        names.stages.get(f"{one.clock}/{one.variant}", one.clock),
        left(now, one.due_at),
        one.hard,
        one.provisional,
        one.source,
        "、".join(f"{GROUNDS[ground]}，暂停计时" for ground in one.standing),
        one.basis,
        started + extended,
        steps,
    )


def answers(names: Names, view: View) -> list[SourceRow]:
    owed = {one.submission_id for one in view.answers}
    rows = []
    for one in view.sources:
        has = f"{one.channel}/{one.external_no}" in view.received
        word = "已答复" if has else "应答复" if one.submission_id in owed else "办理中"
        channel = names.channels.get(one.channel, one.channel)
        rows.append(SourceRow(channel, one.external_no, exact(one.received_at), word, has))
    return rows


def offered(names: Names, view: View, hints: Iterable[MatterSuggested]) -> Offered:
    """What forms of this case choose from: its records, its clocks, the cases it was shown with."""
    sources = [(one, _number(names, one)) for one in view.sources]
    clocks = {o.clock: names.stages.get(f"{o.clock}/{o.variant}", o.clock) for o in view.clocks}
    return {
        "submission_id": [(str(one.submission_id), text) for one, text in sources],
        "source": [(f"{one.channel}/{one.external_no}", text) for one, text in sources],
        "clock": [(clock, f"{clock} {name}") for clock, name in sorted(clocks.items())],
        "into": [(str(one.other), one.other_number) for one in hints],
    }


def _number(names: Names, one: Submission) -> str:
    return f"{names.channels.get(one.channel, one.channel)} {one.external_no}"


def is_possible(verb: str, choices: Offered) -> bool:
    """A case of one record is not split, and joined only into one it was shown with."""
    return {"split": len(choices["submission_id"]) > 1, "join": bool(choices["into"])}.get(
        verb, True
    )


def rungs(names: Names, view: View, rung_names: Mapping[str, str]) -> list[RungRow]:
    """The newest first."""
    return [
        RungRow(
            f"{rung_names.get(one.to.rung, one.to.rung)} {one.to.account}".strip(),
            exact(one.at),
            f"{names.stages.get(f'{one.clock}/{one.variant}', one.clock)} 逾期",
        )
        for one in reversed(view.told)
    ]


def owner_line(names: Names, view: View) -> str:
    """责任人：专职网格员 g-… （代 …）."""
    owner = view.owner
    if owner is None:
        return "等待派单"
    deputy = f"（代 {owner.deputy_for}）" if owner.deputy_for else ""
    fallback = f"（{names.posts.get(owner.fallback_from, '')}空缺）" if owner.fallback_from else ""
    post = names.posts.get(owner.post, owner.post)
    return f"责任人：{post} {owner.account}{deputy}{fallback}"


def other_case(event: Event) -> UUID | None:
    """The case beside its own that an event names."""
    if isinstance(event.data, MatterSuggested):
        return event.data.other
    return event.data.into if isinstance(event.data, SubmissionSplit) else None


def lines(words: Words, events: Iterable[Event], seen: Seen) -> list[LineRow]:
    """The newest first."""
    pairs = ((line_of(words, _said(event, seen)), other_case(event)) for event in events)
    told = sorted(((line, other) for line, other in pairs if line), key=lambda one: one[0].at)
    return [
        LineRow(
            short(one.at),
            exact(one.at),
            one.text_zh,
            "",
            "late" if one.type in LATE else "good" if one.type in GOOD else "",
            other if other in seen else None,
        )
        for one, other in reversed(told)
    ]


def _said(event: Event, seen: Seen) -> Event:
    """By its number where the reader may see it; else not which case it is."""
    data = event.data
    if not isinstance(data, MatterSuggested):
        return event
    number = seen.get(data.other, ELSEWHERE) or data.other_number
    return replace(event, data=data.model_copy(update={"other_number": number}))
