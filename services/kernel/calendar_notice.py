"""放假安排通知: one year's calendar as it is handed in (the shape of policies/calendars), checked before it counts."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from services.kernel.calendar_amendments import amendment_problems, worked
from services.kernel.calendar_zh import date_zh

Data = Mapping[str, Any]


def notice_problems(data: Data) -> list[str]:
    """Of a published year, in Chinese; empty = sound. What the file says of itself must hold of its days."""
    missing = [name for name in ("notice", "number", "known_from") if not data.get(name)]
    problems = [f"缺少 {name}：{_MEANING[name]}" for name in missing]
    if data.get("status") != "published":
        problems.append('status 不是 "published"：只有已公布的通知才能导入')
    if "known_from" not in missing:
        problems += _misdated(data)
    return [*problems, *year_problems(data)]


def _misdated(data: Data) -> Iterator[str]:
    known, year = data["known_from"], data.get("year")
    if type(known) is not date:
        yield f"known_from 不是日期：{known!r}，应写作 2026-11-04（不加引号）"
    elif type(year) is int and known.year not in (year - 1, year):
        yield f"known_from {known} 不在 {year} 年或其前一年"


_MEANING = {
    "notice": "国务院办公厅通知及日期",
    "number": "通知文号，如 国办发明电〔2025〕7号",
    "known_from": "通知公布之日，从这一天起期限按它计算",
}


def year_problems(data: Data) -> list[str]:
    """Of any year file, published or provisional 暂定: its days, and the working days it states."""
    year = data.get("year")
    if isinstance(year, bool) or not isinstance(year, int) or not 1900 <= year <= 2200:
        return [f"year 不是年份：{year!r}"]
    stray = [
        f"{name} 里的 {day!r} 不是日期，应写作 {year}-01-01"
        for name in ("days_off", "makeup")
        for day in _table(data, name)
        if _day(day) is None
    ]
    if stray or not _is_table(data):
        return stray or ["days_off 和 makeup 都要有，各是一张表：日期 = 节日；没有调休就留空表"]
    off, makeup = (set(filter(None, map(_day, data[name]))) for name in ("days_off", "makeup"))
    found = [*_misplaced(year, off, makeup), *_miscounted(data, year, off, makeup)]
    return found or amendment_problems(data, off, makeup)


def _misplaced(year: int, off: set[date], makeup: set[date]) -> Iterator[str]:
    for day in sorted(off | makeup):
        if day.year != year:
            yield f"{day} 不属于 {year} 年：请写进 cn-{day.year}.toml 的 [[amendments]]"
    for day in sorted(off & makeup):
        yield f"{date_zh(day)}既放假又调休上班"
    for day in sorted(makeup - off):
        if day.weekday() < 5:
            yield f"{date_zh(day)}是平日，不会是调休上班日"


def _miscounted(data: Data, year: int, off: set[date], makeup: set[date]) -> Iterator[str]:
    stated = data.get("working_days")
    found = worked(year, off, makeup)
    if stated is None:
        yield f"缺少 working_days：全年工作日数，按所列日期是 {found}"
    elif found != stated:
        yield f"按所列日期全年有 {found} 个工作日，文件写的是 {stated}"


def _is_table(data: Data) -> bool:
    return all(isinstance(data.get(name), Mapping) for name in ("days_off", "makeup"))


def _table(data: Data, name: str) -> Iterable[object]:
    table = data.get(name)
    return table if isinstance(table, Mapping) else ()


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
