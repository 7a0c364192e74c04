"""欠薪期间 as absolute months, and the last month the text names (for the two-year limit)."""

import re
from dataclasses import dataclass
from datetime import datetime

from schemas.matter import Span
from services.intake.core import dates, numbers
from services.intake.core.passage import Passage
from services.intake.core.text import clause_after

_M = r"(?:1[0-2]|[1-9]|0[1-9]|十[一二]?|[一二三四五六七八九])"
_MONTH = re.compile(
    rf"(?:(?<!\d)(\d{{4}}|\d\d)年|(今年|去年|前年|大前年|当年|同年)(?:的)?)?(?<![\d个])({_M})(?:月份?|(?=[、,，和]{_M}月))"
    rf"|(?:(?<!\d)(\d{{4}})年(?!\d)(?!{_M}月))"
)
_YEARS_AGO = re.compile(r"(\d|[两二三四五六七八九十])年(多)?(?:之?前|以前)")
_SPAN_END = re.compile(r"^(?:底|初|中旬|份|末)?(?:至今|到现在|到今|起|开始|以来)")
_STILL = re.compile(r"^[^。；]{0,30}?(?:上班|工作|干|做)[^，。；离辞]{0,4}(?:至今|到现在|到今)")
_EVENT = re.compile(r"^(?:底|初|中旬|份|末)?\d{0,2}[日号]?(?:申请|仲裁|开庭|投诉|报过|反映过|打过)")
_BACK = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}


@dataclass(frozen=True, slots=True)
class Period:
    """`to` None = one month or open; `last` = the latest month named. `open_end`: 至今, still going on."""

    start: str
    end: str
    open_end: bool
    span: Span


def period(texts: tuple[Passage, ...], at: datetime) -> Period | None:
    """Months of work or arrears; a month without year is the latest such month not after `at`."""
    for passage in texts:
        found = _in(passage, at) if passage.free else None
        if found:
            return found
    return None


def _in(passage: Passage, at: datetime) -> Period | None:
    months: list[str] = []
    first = last = 0
    open_end = False
    for hit in _MONTH.finditer(passage.text):
        if _EVENT.match(clause_after(passage.text, hit.end(), 8)):
            continue
        value = _absolute(hit, months[-1] if months else "", at)
        if value is None or value > dates.month_of(at):
            continue
        first = first if months else hit.start()
        months.append(value)
        last = hit.end()
        after = passage.text[hit.end() : hit.end() + 40]
        open_end = bool(_SPAN_END.match(after) or _STILL.match(after))
    if not months:
        return _ago(passage, at)
    end = dates.month_of(at) if open_end else max(months)
    return Period(min(months), end, open_end, passage.span(first, last))


def _absolute(hit: re.Match[str], before: str, at: datetime) -> str | None:
    now = dates.month_of(at)
    if hit[4]:  # a year alone: its end
        return f"{hit[4]}-12" if 1990 <= int(hit[4]) < int(now[:4]) else None
    number = int(numbers.number(hit[3]) or 0)
    if hit[1]:
        year = int(hit[1]) if len(hit[1]) == 4 else 2000 + int(hit[1])
        return f"{year:04d}-{number:02d}" if year >= 1990 else None
    if hit[2] in _BACK:
        return f"{int(now[:4]) - _BACK[hit[2]]:04d}-{number:02d}"
    if before:  # 2024年11月至1月, 当年4月
        year = int(before[:4]) + (number < int(before[5:]) and hit[2] is None)
        return f"{year:04d}-{number:02d}"
    year = int(now[:4]) - (number > int(now[5:]))
    return f"{year:04d}-{number:02d}"


def _ago(passage: Passage, at: datetime) -> Period | None:
    """三年前, 四年前的工资: that many years back."""
    hit = _YEARS_AGO.search(passage.text)
    if not hit:
        return None
    years = int(numbers.number(hit[1]) or 0)
    month = dates.shift(dates.month_of(at), -12 * years - (1 if hit[2] else 0))
    return Period(month, month, False, passage.span(hit.start(), hit.end()))
