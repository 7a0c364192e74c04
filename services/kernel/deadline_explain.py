"""A deadline told the way a clerk would note it: what counted, what did not, and why. For people: Chinese."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from services.kernel.calendar import (
    Calendar,
    Piece,
    is_working_day,
    local_day,
    months_later,
    pieces_on,
    season_on,
    shifted,
    without,
)
from services.kernel.calendar_zh import clock_zh, date_zh, day_zh, moment_zh, stretch_zh
from services.kernel.deadline_due import Deadline, closing_day, last_day, paused_days
from services.kernel.deadline_rule import DeadlineError, Span

_UNITS = {
    "wd": "个工作日",
    "cd": "日（自然日）",
    "wh": "个工作小时",
    "h": "小时",
    "month": "个月",
    "year": "年",
}
_ROLES = {"window": "，他方期限", "minimum": "，届满前不得办理"}


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of the count; `counted`: its number, None = not counted."""

    day: date
    why: str
    counted: int | None


def explain(deadline: Deadline, calendar: Calendar) -> list[str]:
    """The trace, a line a step; `calendar` must be the version the deadline was computed with."""
    if calendar.version != deadline.calendar:
        raise DeadlineError(f"computed with {deadline.calendar}, not with {calendar.version}")
    counts = {"wd": _working_days, "wh": _working_hours, "h": _hours}
    return [
        *_heading(deadline),
        *_pauses(deadline, calendar),
        *counts.get(deadline.unit, _calendar_days)(deadline, calendar),
        *_ending(deadline, calendar),
    ]


def _heading(deadline: Deadline) -> list[str]:
    name = "/".join(part for part in (deadline.rule, deadline.variant) if part)
    kind = "法定期限" if deadline.hard else "工作时限"
    extended = f"（含延长{_number(deadline.extension)}）" if deadline.extension else ""
    limit = f"{_limit(deadline)}{extended}"
    lines = [f"{name} {deadline.stage_zh}：{limit}，{kind}{_ROLES.get(deadline.role, '')}"]
    return [*lines, f"依据：{deadline.basis}"] if deadline.basis else lines


def _pauses(deadline: Deadline, calendar: Calendar) -> Iterator[str]:
    days = deadline.unit not in ("wh", "h")
    note = "中止当日计入，次日起至恢复当日不计" if days else "期间不计"
    for begins, ends in deadline.pauses:
        yield f"中止：{moment_zh(calendar, begins)}至{moment_zh(calendar, ends)}，{note}"


def _excluded(deadline: Deadline, calendar: Calendar) -> str:
    return f"起算：{moment_zh(calendar, deadline.start)}，起算日不计（民法典第201条）"


def _working_days(deadline: Deadline, calendar: Calendar) -> Iterator[str]:
    """Days off in one line a stretch, counted days one by one."""
    yield _excluded(deadline, calendar)
    start, end = local_day(calendar, deadline.start), closing_day(calendar, deadline.due)
    days = _days(calendar, start, end, paused_days(calendar, deadline.pauses))
    for (counted, why), stretch in groupby(days, key=lambda day: (day.counted, day.why)):
        held = list(stretch)
        if counted is None:
            yield f"{stretch_zh(held[0].day, held[-1].day)}：{why}，不计"
        else:
            yield f"{date_zh(held[0].day)}：{why}，第{counted}个工作日"


def _days(calendar: Calendar, start: date, end: date, paused: frozenset[int]) -> Iterator[_Day]:
    counted = 0
    for ordinal in range(start.toordinal() + 1, end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if not is_working_day(calendar, day):
            yield _Day(day, day_zh(calendar, day), None)
        elif ordinal in paused:
            yield _Day(day, "中止期间", None)
        else:
            counted += 1
            yield _Day(day, day_zh(calendar, day), counted)


def _calendar_days(deadline: Deadline, calendar: Calendar) -> Iterator[str]:
    """cd, month, year: the last day, then why it gave way to a later one (§202, §203)."""
    yield _excluded(deadline, calendar)
    start, due = local_day(calendar, deadline.start), closing_day(calendar, deadline.due)
    paused = paused_days(calendar, deadline.pauses)
    last = last_day(calendar, start, Span(deadline.limit, deadline.unit), paused)
    first = f"自次日{date_zh(shifted(start, 1))}起连续计算，节假日计入"
    out = sum(start < date.fromordinal(ordinal) <= last for ordinal in paused)
    taken = f"，扣除中止{out}天" if out else ""
    yield f"{first}{taken}，最后一日为{date_zh(last)}{_clamped(deadline, start)}"
    if last == due:
        yield f"{date_zh(due)}：{day_zh(calendar, due)}，不顺延"
        return
    ordinals = range(last.toordinal(), due.toordinal())
    reasons = [
        (_why_not_last(calendar, date.fromordinal(n)), date.fromordinal(n)) for n in ordinals
    ]
    for why, group in groupby(reasons, key=lambda pair: pair[0]):
        days = [day for _, day in group]
        yield f"{stretch_zh(days[0], days[-1])}：{why}，顺延（民法典第203条）"
    yield f"{date_zh(due)}：{day_zh(calendar, due)}，为最后一日"


def _clamped(deadline: Deadline, start: date) -> str:
    """§202: no corresponding day, so the month's last."""
    if deadline.unit not in ("month", "year"):
        return ""
    months = int(deadline.limit) * (12 if deadline.unit == "year" else 1)
    if months_later(start, months).day == start.day:
        return "（对应日，民法典第202条）"
    return "（该月无对应日，取月末日，民法典第202条）"


def _why_not_last(calendar: Calendar, day: date) -> str:
    return "中止期间" if is_working_day(calendar, day) else day_zh(calendar, day)


def _working_hours(deadline: Deadline, calendar: Calendar) -> Iterator[str]:
    yield f"起算：{moment_zh(calendar, deadline.start)}，只计上班时间"
    start, end = local_day(calendar, deadline.start), closing_day(calendar, deadline.due)
    total = timedelta()
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if not is_working_day(calendar, day):
            yield f"{date_zh(day)}：{day_zh(calendar, day)}，不计"
            continue
        used = _used(deadline, pieces_on(calendar, day))
        total += sum((high - low for low, high in used), timedelta())
        if used:
            hours = "、".join(_hours_of(calendar, piece) for piece in used)
            yield f"{date_zh(day)}：{day_zh(calendar, day)}，计{hours}，累计{_duration(total)}"


def _used(deadline: Deadline, pieces: Sequence[Piece]) -> list[Piece]:
    clipped = ((max(low, deadline.start), min(high, deadline.due)) for low, high in pieces)
    return [part for piece in clipped for part in without(piece, deadline.pauses)]


def _hours(deadline: Deadline, calendar: Calendar) -> Iterator[str]:
    yield f"起算：{moment_zh(calendar, deadline.start)}，按钟点连续计算，节假日和夜间计入"


def _ending(deadline: Deadline, calendar: Calendar) -> Iterator[str]:
    closing = "" if deadline.unit in ("wh", "h") else "下班时（民法典第203条）"
    yield f"届满：{moment_zh(calendar, deadline.due)}{closing}{_season(deadline, calendar)}"
    if deadline.warn_at:
        yield f"提醒：{'；'.join(moment_zh(calendar, at) for at in deadline.warn_at)}"
    if deadline.provisional:
        yield f"暂定：{_uncovered(deadline, calendar)}，以公布后重新计算为准"
    yield f"日历版本：{deadline.calendar}"


def _season(deadline: Deadline, calendar: Calendar) -> str:
    season = season_on(calendar, closing_day(calendar, deadline.due))
    return f"，{season.name}" if season and deadline.unit != "h" else ""


def _uncovered(deadline: Deadline, calendar: Calendar) -> str:
    if closing_day(calendar, deadline.due) > calendar.published_until > date.min:
        return f"{calendar.published_until.isoformat()}之后的放假安排尚未公布"
    return "所涉日期没有已公布的放假安排"


def _hours_of(calendar: Calendar, piece: Piece) -> str:
    low, high = (instant.astimezone(calendar.zone) for instant in piece)
    return f"{clock_zh(low)}–{clock_zh(high)}"


def _duration(length: timedelta) -> str:
    hours, rest = divmod(int(length.total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "小时"), (minutes, "分"), (seconds, "秒"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0分"


def _limit(deadline: Deadline) -> str:
    if deadline.unit == "h" and deadline.limit != int(deadline.limit):
        return _duration(timedelta(seconds=round(deadline.limit * 3600)))
    return f"{_number(deadline.limit)}{_UNITS[deadline.unit]}"


def _number(amount: float) -> str:
    return f"{amount:g}"
