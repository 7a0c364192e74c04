"""调整通知: do a year's amendments fit its days? What was known on a day is told by undoing them (calendar_years)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Data = Mapping[str, Any]
_KINDS = ("amendments", "regional")
_DAYS = ("adds_days_off", "removes_days_off", "adds_makeup", "withdraws_makeup")


def amendment_problems(data: Data, off: set[date], makeup: set[date]) -> list[str]:
    """Of `[[amendments]]` and `[[regional]]`, in Chinese. `off`, `makeup`: the year's final state."""
    malformed = [line for kind in _KINDS for line in _malformed(kind, data.get(kind, []))]
    if malformed:
        return malformed
    amendments = sorted(data.get("amendments", ()), key=lambda one: one["known_from"], reverse=True)
    return [
        *_undone(data["year"], amendments, off, makeup),
        *_regional(data["year"], data.get("regional", ()), off, makeup),
    ]


def worked(year: int, off: set[date], makeup: set[date]) -> int:
    """Working days of the year."""
    first = date(year, 1, 1)
    days = (first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days))
    return sum(day in makeup or (day.weekday() < 5 and day not in off) for day in days)


def _malformed(kind: str, changes: object) -> Iterator[str]:
    if not isinstance(changes, list) or not all(isinstance(one, Mapping) for one in changes):
        yield f"{kind} 应写作若干个 [[{kind}]]"
        return
    for one in changes:
        yield from _incomplete(kind, one)


def _incomplete(kind: str, one: Data) -> Iterator[str]:
    if type(one.get("known_from")) is not date:
        yield f"[[{kind}]] 缺少 known_from（公布之日，不加引号）"
    if not one.get("notice"):
        yield f"[[{kind}]] 缺少 notice（通知名称）"
    if kind == "regional" and not one.get("region"):
        yield "[[regional]] 缺少 region（行政区划代码的开头，如 42）"
    for name in _DAYS:
        days = one.get(name, [])
        if not isinstance(days, list) or any(type(day) is not date for day in days):
            yield f"[[{kind}]] 的 {name} 应是日期的列表：[2026-10-08, 2026-10-09]"


def _undone(
    year: int, amendments: Sequence[Data], off: set[date], makeup: set[date]
) -> Iterator[str]:
    """Newest first: what it brought must be there, what it took must not; the counts it states must hold."""
    for one in amendments:
        more, fewer, made_up, let_go = (set(one.get(name, ())) for name in _DAYS)
        name = f"{one['known_from']} 的调整"
        for day in sorted((more - off) | (made_up - makeup)):
            yield f"{name}增加了 {day}，全年的表里却没有：两张表写最后状态"
        for day in sorted((fewer & off) | (let_go & makeup)):
            yield f"{name}取消了 {day}，全年的表里却还有：两张表写最后状态"
        yield from _count(one, "working_days_after", worked(year, off, makeup), name)
        off, makeup = (off - more) | fewer, (makeup - made_up) | let_go
        yield from _count(one, "working_days_before", worked(year, off, makeup), name)


def _regional(year: int, local: Sequence[Data], off: set[date], makeup: set[date]) -> Iterator[str]:
    """The counts stand for one region's notices together, so only a single one can be checked."""
    for one in local:
        if sum(other["region"] == one["region"] for other in local) == 1:
            there = off | set(one.get("adds_days_off", ()))
            left = makeup - set(one.get("withdraws_makeup", ()))
            days = worked(year, there, left)
            yield from _count(one, "working_days_in_region", days, f"{one['region']} 的延长")


def _count(one: Data, key: str, found: int, name: str) -> Iterator[str]:
    if one.get(key, found) != found:
        yield f"{name}：按所列日期 {key} 是 {found}，文件写的是 {one[key]}"
