"""When a clock runs out, as a value that can say why. 期间: Civil Code 民法典 §200-204. Pure.

Days (wd, cd, month, year): the start day is not counted, the last day ends at closing time, and a
last day of cd/month/year that is a rest day gives way to the next working day. A day pause follows the
same rule: the day it begins still counts, the days after it up to the day it ends do not.
Hours: `wh` inside opening hours, `h` by the clock; pauses to the second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from services.kernel.calendar import (
    DAYS_MAX,
    Calendar,
    CalendarError,
    Piece,
    add_days,
    add_minutes,
    closing_of,
    local_day,
    merged,
    months_later,
    roll_back,
    roll_forward,
    shifted,
    utc,
)
from services.kernel.deadline_rule import ClockRule, DeadlineError, Span

_HOURS_MAX = DAYS_MAX * 24
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`limit` includes `extension`, both in `unit`; instants are UTC; `calendar` is its version.

    `provisional` 暂定: it touches days no State Council notice covers yet.
    `warn_at`: rising, after `start`, before `due`.
    """

    rule: str
    variant: str
    stage_zh: str
    basis: str
    hard: bool
    role: str
    start: datetime
    unit: str
    limit: float
    extension: float
    pauses: tuple[Piece, ...]
    due: datetime
    calendar: str
    provisional: bool
    warn_at: tuple[datetime, ...]


def deadline_of(
    rule: ClockRule,
    start: datetime,
    calendar: Calendar,
    pauses: Sequence[Piece] = (),
    extension: float = 0,
) -> Deadline:
    """`extension` 延长: approved, in the rule's unit, counted as one period with the limit (60 + 30 wd)."""
    if rule.limit is None:
        raise DeadlineError(f"clock {rule.id}: a guard has no limit")
    if extension < 0:
        raise DeadlineError(f"clock {rule.id}: an extension does not shorten")
    stopped = tuple(merged(pauses))
    limit = Span(rule.limit + extension, rule.unit)
    begun = utc(start)
    due = _due(calendar, begun, limit, stopped)
    warnings = {_left(calendar, due, span, stopped) for span in rule.warn_left}
    return Deadline(
        rule=rule.id,
        variant=rule.variant,
        stage_zh=rule.stage_zh,
        basis=rule.basis,
        hard=rule.hard,
        role=rule.role,
        start=begun,
        unit=rule.unit,
        limit=limit.amount,
        extension=extension,
        pauses=stopped,
        due=due,
        calendar=calendar.version,
        provisional=rule.unit != "h" and _beyond(calendar, begun, due),
        warn_at=tuple(sorted(instant for instant in warnings if begun < instant < due)),
    )


def paused_days(calendar: Calendar, pauses: Sequence[Piece]) -> frozenset[int]:
    """Ordinals of the days a pause takes out: after the day it begins, up to the day it ends."""
    days: set[int] = set()
    for begins, ends in pauses:
        first, last = local_day(calendar, begins), local_day(calendar, ends)
        if (last - first).days > DAYS_MAX:
            raise CalendarError(f"a pause from {first} to {last} is too long")
        days.update(range(first.toordinal() + 1, last.toordinal() + 1))
    return frozenset(days)


def closing_day(calendar: Calendar, due: datetime) -> date:
    """The local day that ends with `due`: where the office closes at 24:00, not the next one."""
    return local_day(calendar, due - _INSTANT)


def last_day(
    calendar: Calendar, start: date, limit: Span, paused: frozenset[int] = frozenset()
) -> date:
    """The last day of a period in days, months or years before any rolling forward."""
    amount = _whole(limit)
    if limit.unit == "wd":
        return _counted(start, amount, paused, partial(add_days, calendar))
    if limit.unit in ("month", "year"):
        amount = (months_later(start, amount * (12 if limit.unit == "year" else 1)) - start).days
    return _counted(start, amount, paused, shifted)


def _due(calendar: Calendar, start: datetime, limit: Span, pauses: tuple[Piece, ...]) -> datetime:
    if limit.unit == "h":
        return _hours_later(start, limit.amount, pauses)
    if limit.unit == "wh":
        return add_minutes(calendar, start, limit.amount * 60, pauses)
    paused = paused_days(calendar, pauses)
    last = last_day(calendar, local_day(calendar, start), limit, paused)
    for _ in range(len(paused) + 1):
        last = roll_forward(calendar, last)
        if last.toordinal() not in paused:
            break
        last = shifted(last, 1)
    return closing_of(calendar, last)


def _counted(
    day: date, amount: int, paused: frozenset[int], jump: Callable[[date, int], date]
) -> date:
    """The `amount`-th day by `jump` that is not paused; negative: back, `day` itself passed first."""
    if not paused:
        return jump(day, amount)
    left, step = abs(amount), 1 if amount > 0 else -1
    for _ in range(left + len(paused)):
        if left == 0:
            break
        later = jump(day, step)
        left -= (later if step > 0 else day).toordinal() not in paused
        day = later
    return day


def _hours_later(start: datetime, hours: float, pauses: Sequence[Piece]) -> datetime:
    """By the clock, to the second, pauses left out."""
    if hours > _HOURS_MAX:
        raise CalendarError(f"{hours} hours is too long")
    due = start + timedelta(seconds=round(hours * 3600))
    for begins, ends in pauses:  # in order and apart, so each moves `due` once
        if begins < due and ends > start:
            due += ends - max(begins, start)
    return due


def _left(calendar: Calendar, due: datetime, left: Span, pauses: tuple[Piece, ...]) -> datetime:
    """The instant at which `left` remains.

    Days: closing time that many days before the last one, drawn back to a working day, since a
    warning must find people at work.
    """
    if left.unit == "wh":
        return add_minutes(calendar, due, -left.amount * 60, pauses)
    if left.unit == "h":
        return _hours_earlier(due, left.amount, pauses)
    jump = partial(add_days, calendar) if left.unit == "wd" else shifted
    paused = paused_days(calendar, pauses)
    day = _counted(closing_day(calendar, due), -_whole(left), paused, jump)
    return closing_of(calendar, roll_back(calendar, day))


def _hours_earlier(due: datetime, hours: float, pauses: Sequence[Piece]) -> datetime:
    instant = due - timedelta(seconds=round(hours * 3600))
    for begins, ends in reversed(pauses):
        if ends > instant and begins < due:
            instant -= min(ends, due) - begins
    return instant


def _beyond(calendar: Calendar, start: datetime, due: datetime) -> bool:
    first, last = local_day(calendar, start), closing_day(calendar, due)
    return last > calendar.published_until or first < calendar.published_from


def _whole(span: Span) -> int:
    if span.amount <= 0 or span.amount != int(span.amount):
        raise DeadlineError(f"{span.amount} {span.unit}: days, months and years come whole")
    return int(span.amount)
