"""政策预演: what the running clocks of a case would be under another policy. Nothing here moves one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.escalation.core.policy import Policy
from services.escalation.core.state import Case, Clock
from services.kernel.calendar_changes import changes_zh
from services.kernel.deadline import ClockRule, counted, responsible

DAYS_SAID_MAX = 5
BEFORE = "原日期按更早的政策算得"
UNITS_ZH = {
    "wd": "个工作日",
    "cd": "日（自然日）",
    "wh": "个工作小时",
    "h": "小时",
    "month": "个月",
    "year": "年",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One running clock under both policies. `new_due` None = the new policy has no such clock: it keeps its date.

    `overdue`: not lapsed as it stands, lapsed at `now` under the new policy; `relieved`: the other way round.
    """

    case: str
    clock: str
    variant: str
    source: str
    stage_zh: str
    old_due: datetime
    new_due: datetime | None
    overdue: bool = False
    relieved: bool = False
    why_zh: str = ""

    @property
    def name(self) -> str:
        return f"{self.clock}/{self.variant}" if self.variant else self.clock

    @property
    def moves(self) -> str:
        """`same`, `earlier`, `later` or `gone`."""
        if self.new_due is None:
            return "gone"
        if self.new_due == self.old_due:
            return "same"
        return "earlier" if self.new_due < self.old_due else "later"


def judged(old: Policy, new: Policy, case: Case, now: datetime) -> list[Judged]:
    """Every running clock: same start, pauses and extension. `old`: the policy in force, for the reasons."""
    return [_judged(old, new, case, clock, now) for clock in case.clocks]


def summed(found: Iterable[Judged]) -> dict[str, dict[str, int]]:
    """Per clock, by id: running, same, earlier, later, gone, overdue, relieved."""
    sums: dict[str, dict[str, int]] = {}
    names = ("running", "same", "earlier", "later", "gone", "overdue", "relieved")
    for one in found:
        row = sums.setdefault(one.name, dict.fromkeys(names, 0))
        row["running"] += 1
        row[one.moves] += 1
        row["overdue"] += one.overdue
        row["relieved"] += one.relieved
    return dict(sorted(sums.items()))


def _judged(old: Policy, new: Policy, case: Case, clock: Clock, now: datetime) -> Judged:
    key = (clock.id, clock.variant)
    rule, was = new.by_key.get(key), old.by_key.get(key)
    due = None if rule is None else _due(new, rule, clock)
    lapsed = due is not None and due < now and not clock.standing
    moved = due != clock.due_at
    return Judged(
        case.number or str(case.case_id),
        clock.id,
        clock.variant,
        clock.source,
        next((one.stage_zh for one in (rule, was) if one), ""),
        clock.due_at,
        due,
        overdue=moved and lapsed and clock.due_at >= now,
        relieved=moved and due is not None and due >= now > clock.due_at,
        why_zh=_why(old, new, clock, due) if moved else "",
    )


def _due(new: Policy, rule: ClockRule, clock: Clock) -> datetime:
    """A date set from outside stays; a source's own gives way to an earlier one."""
    due = counted(rule, clock.running, new.calendar).due
    if not clock.fixed:
        return due
    return min(due, clock.due_at) if clock.source and not clock.extension else clock.due_at


def _why(old: Policy, new: Policy, clock: Clock, due: datetime | None) -> str:
    if due is None:
        return "新政策没有这个期限，照原日期计算"
    key = (clock.id, clock.variant)
    was, now = old.by_key.get(key), new.by_key[key]
    if was is None:
        return BEFORE
    parts = [] if _due(old, was, clock) == clock.due_at else [BEFORE]
    if (was.limit, was.unit) != (now.limit, now.unit):
        parts.append(f"时限由{_limit(was)}改为{_limit(now)}")
    parts += _days(old, new, clock)
    return "；".join(parts) or "上班时间有变"


def _limit(rule: ClockRule) -> str:
    return f"{rule.limit:g}{UNITS_ZH[rule.unit]}"


def _days(old: Policy, new: Policy, clock: Clock) -> list[str]:
    """The days that made the difference, the first few by name."""
    key = (clock.id, clock.variant)
    before, after = (counted(one.by_key[key], clock.running, one.calendar) for one in (old, new))
    said = changes_zh(responsible(before, after, old.calendar, new.calendar))
    more = len(said) - DAYS_SAID_MAX
    return [*said[:DAYS_SAID_MAX], f"另有{more}处"] if more > 0 else said
