"""期限重算: what a newer calendar makes of a clock that runs, and why. Pure; whether to move it, escalation decides.

A deadline beyond the published calendar is provisional 暂定: it is counted again when the notice is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.kernel.calendar import Calendar, Piece, local_day, utc
from services.kernel.calendar_changes import DayChange, changed_days, changes_zh
from services.kernel.calendar_zh import moment_zh
from services.kernel.deadline_due import Deadline, closing_day, deadline_of, last_day, paused_days
from services.kernel.deadline_rule import ClockRule, Span

Verdict = Literal["moved", "kept", "past", "late", "other"]
_WHY_NOT = {
    "past": "原期限已届满，不再变动",
    "late": "按新日历届满的时刻已过，不予提前，请人工核对",
    "other": "原期限不是按旧日历和该规则算出的（文书或来件另定），不予变动，请人工核对",
}


@dataclass(frozen=True, slots=True)
class Running:
    """What a row holds of a clock; instants aware, `extension` in the rule's unit.

    `pauses`: those that have ended. A clock that stands still now has no end to move: it is counted when it runs again.
    """

    started_at: datetime
    due_at: datetime
    pauses: tuple[Piece, ...] = ()
    extension: float = 0


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`moved` from `due_from` to `due_to`, else why not: kept (the same instant), past, late, other.

    `late`: its new end is not after `now`, so a person has to look; `other`: old calendar and rule do not give the
    due instant of the row, a document or a source has set it. Where moved or kept, `warn_at` (rising, after `now`),
    `provisional` and `calendar` (version) are the new calendar's; else the row keeps its own, and they are empty.
    `changed`: the days that made the difference, empty where opening hours did.
    """

    verdict: Verdict
    due_from: datetime
    due_to: datetime
    warn_at: tuple[datetime, ...]
    provisional: bool
    calendar: str
    changed: tuple[DayChange, ...]
    why_zh: str


def counted(rule: ClockRule, clock: Running, calendar: Calendar) -> Deadline:
    """Its end by that rule and calendar, with the start, pauses and extension it has. Raises as `deadline_of`."""
    return deadline_of(rule, clock.started_at, calendar, clock.pauses, clock.extension)


def recomputed(
    rule: ClockRule, clock: Running, old: Calendar, new: Calendar, now: datetime
) -> Recomputed:
    """Never moves an instant that is past, nor one to where it would be past. Raises as `deadline_of`."""
    before, after = counted(rule, clock, old), counted(rule, clock, new)
    verdict = _verdict(utc(clock.due_at), before.due, after.due, utc(now))
    if verdict in _WHY_NOT:
        return _left(verdict, before, utc(clock.due_at))
    changed = responsible(before, after, old, new) if verdict == "moved" else ()
    return Recomputed(
        verdict=verdict,
        due_from=before.due,
        due_to=after.due,
        warn_at=tuple(at for at in after.warn_at if at > now),
        provisional=after.provisional,
        calendar=after.calendar,
        changed=changed,
        why_zh=_why(before, after, changed, new),
    )


def _verdict(held: datetime, before: datetime, after: datetime, now: datetime) -> Verdict:
    if held <= now:
        return "past"
    if held != before:
        return "other"
    if after == before:
        return "kept"
    return "moved" if after > now else "late"


def _left(verdict: Verdict, before: Deadline, due: datetime) -> Recomputed:
    why = _WHY_NOT[verdict]
    return Recomputed(verdict, due, due, (), before.provisional, before.calendar, (), why)


def responsible(
    before: Deadline, after: Deadline, old: Calendar, new: Calendar
) -> tuple[DayChange, ...]:
    """Of working time every day counts, of hours by the clock none; else where the last day may give way."""
    if after.unit == "h":
        return ()
    last = max(closing_day(new, before.due), closing_day(new, after.due))
    return changed_days(old, new, _first(after, new), last)


def _first(after: Deadline, new: Calendar) -> date:
    start = local_day(new, after.start)
    if after.unit in ("wd", "wh"):
        return start
    limit = Span(after.limit, after.unit)
    return last_day(new, start, limit, paused_days(new, after.pauses))


def _why(before: Deadline, after: Deadline, changed: Sequence[DayChange], new: Calendar) -> str:
    certain = "，不再是暂定" if before.provisional and not after.provisional else ""
    if before.due == after.due:
        return f"届满时间不变{certain}"
    days = "；".join(changes_zh(changed)) or "上班时间有变"
    moved = f"届满由{moment_zh(new, before.due)}改为{moment_zh(new, after.due)}"
    return f"{days}。{moved}{certain}"
