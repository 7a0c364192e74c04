"""欠薪期间 as absolute months, and the last month the text names (for the two-year limit)."""

import re
from dataclasses import dataclass
from datetime import datetime

from schemas.matter import Span
from services.intake.core import dates, numbers
from services.intake.core.passage import Passage
from services.intake.core.text import clause_after

_M = r"(?:1[0-2]|[1-9]|0[1-9]|十[一二]?|[一二三四五六七八九])"
_BACK = {"今年": 0, "本年": 0, "去年": 1, "前年": 2, "大前年": 3}
_YEAR = "|".join(sorted(_BACK, key=len, reverse=True))
_MONTH = re.compile(
    r"(?=[\d一二三四五六七八九十今本去前大当同上这])"  # what follows begins so; most characters do not
    rf"(?:(?:(?<!\d)(\d{{4}}|\d\d)年|({_YEAR}|当年|同年)的?)?(?<![\d个])(?<!\d[.])({_M})"
    rf"(?:月份?|(?=[、,，和/][ ]?{_M}月)|(?=[-~至到]{_M}月))(?!薪|结)"
    rf"|(?<!\d)(\d{{4}})年(?!\d)(?!{_M}月)"
    r"|(?<!\d)(\d{4})[-./](1[0-2]|0?[1-9])(?![\d元块万])"
    rf"|({_YEAR})(年初|年底|年末|底|初|上半年|下半年|春节|过年|春天|夏天|秋天|冬天|全年|一整年|一年)"
    r"|(?<![\d第干做了满])(0[0-9]|1[0-9]|2[0-9])年(?=的|在|我|开始|进|入|到|底|初|[上下]半年|春|夏|秋|冬|离|工资)"
    r"|(上上个?月|上个?月|本月|这个月)(?!底前|内|以内))"
)
_PART_OF_YEAR = {
    "年初": ("01", "01"), "初": ("01", "01"), "年底": ("12", "12"), "年末": ("12", "12"),
    "底": ("12", "12"), "上半年": ("01", "06"), "下半年": ("07", "12"), "春节": ("02", "02"),
    "过年": ("02", "02"), "春天": ("03", "05"), "夏天": ("06", "08"), "秋天": ("09", "11"),
    "冬天": ("12", "12"), "全年": ("01", "12"), "一整年": ("01", "12"), "一年": ("01", "12"),
}  # fmt: skip
_YEARS_AGO = re.compile(r"(\d{1,2}|[两二三四五六七八九十]{1,2})年(多)?(?:之?前|以前)")
_MONTHS_BACK = re.compile(
    r"(?:最近|近|这|前|连续|已经|已有|已)(?:的)?(\d{1,2}|[一二两三四五六七八九十]{1,2}|半)个?(月|年)(?![份底初])"
)
_SPAN_END = re.compile(
    r"^(?:底|初|中旬|下旬|上旬|份|末|\d{1,2}[日号])?(?:就)?(?:一直)?(?:至今|到现在|到今|至现在|起|开始|以来|以后|之后)"
)
_STILL = re.compile(r"^[^。；]{0,30}?(?:上班|工作|干|做)[^。；离辞]{0,4}(?:至今|到现在|到今)")
_START = re.compile(
    r"^(?:底|初|中旬|份|末)?\d{0,2}[日号]?[^，。；]{0,6}?"
    r"(?:入职|进厂|进店|进的|进公司|到岗|来这|来到|进.{2,16}上班|签|成立|开业|进入|就在|到.{0,8}(?:上班|工作))"
)
_LEFT = re.compile(r"离职|辞职|离开|不干了|走了|辞退|没做了|没干了|结束|完工|干完|离厂|离店|开除")
_NOW = re.compile(r"现在还在|上个月|上月|这个月|本月|最近|近\S{1,3}月|还在(?:上班|干|做)|仍在|在职")
_THIRD = re.compile(r"[上中下]旬")
_TO = re.compile(r"[-~至到]")
_EVENT = re.compile(
    r"^(?:底|初|中旬|份|末)?\d{0,2}[日号]?[^，。；]{0,4}?(?:申请|仲裁|开庭|投诉|报过|反映|打过|起诉|判|立案|调解|约定|承诺|答应|说好|"
    r"打了?欠条|写了?欠条|报警|搬到|搬来|嫁到|嫁来|结婚|出生|生的|毕业|退伍|认识|买的?房|买的|退休)"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Months `YYYY-MM`. `open_end`: still going on. `named`: how many months are named one by one, 0 = none."""

    start: str
    end: str
    open_end: bool
    span: Span
    named: int = 0
    confidence: float = 0.8


def period(texts: tuple[Passage, ...], at: datetime) -> Period | None:
    """Months of work or arrears; a month without year is the latest such month not after `at`."""
    for passage in texts:
        found = _in(passage, at) if passage.free else None
        if found:
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Named:
    first: str
    last: str
    start: int
    end: int


def _in(passage: Passage, at: datetime) -> Period | None:
    named, open_end = _named(passage.text, at)
    if not named:
        return _ago(passage, at) or _back(passage, at)
    now = dates.month_of(at)
    first, last = min(one.first for one in named), max(one.last for one in named)
    starts = _START.match(passage.text[named[-1].end :][:24]) is not None
    if not open_end and last < now and _goes_on(passage.text, starts):
        open_end = True
    end = now if open_end else last
    span = passage.said(
        (
            (named[0].start, named[0].end),
            *(((named[-1].start, named[-1].end),) if named[1:] else ()),
        )
    )
    between = {one.last for one in named if one.first == one.last}
    return Period(
        first, end, open_end, span, _count(passage.text, named, between), 0.7 if starts else 0.9
    )


def _goes_on(text: str, starts: bool) -> bool:
    """入职 alone begins; without a word of leaving, or with 最近 and the like, it lasts."""
    return bool(_NOW.search(text)) or (starts and not _LEFT.search(text))


def _count(text: str, named: list[_Named], months: set[str]) -> int:
    """九月、十月: two; 6月至8月: three; 0 where a span of years stands."""
    if _THIRD.search(text):
        return 0  # parts of months
    if len(named) == 2 and _TO.search(text[named[0].end : named[1].start]):
        span = dates.months_between(named[0].first, named[1].last) + 1
        return span if 1 <= span <= 36 else 0
    return len(months)


def _named(text: str, at: datetime) -> tuple[list[_Named], bool]:
    found: list[_Named] = []
    open_end, now = False, dates.month_of(at)
    for hit in _MONTH.finditer(text):
        if _EVENT.match(clause_after(text, hit.end(), 14)):
            continue
        value = _absolute(hit, found[-1].last if found else "", now)
        if value is None or value[0] > now:
            continue
        found.append(_Named(value[0], min(value[1], now), hit.start(), hit.end()))
        after = text[hit.end() : hit.end() + 40]
        open_end = bool(_SPAN_END.match(after) or _STILL.match(after))
    return found, open_end


def _absolute(hit: re.Match[str], before: str, now: str) -> tuple[str, str] | None:
    """First and last month of what is written; `now`: the month of the call."""
    year, back, month, alone, dotted, dotted_month, part_year, part, short, near = hit.groups()
    if near:
        one = dates.shift(
            now, -2 if near.startswith("上上") else -1 if near.startswith("上") else 0
        )
        return one, one
    if alone:  # a year alone: its end
        return (f"{alone}-01", f"{alone}-12") if 1990 <= int(alone) < int(now[:4]) else None
    if short:
        return (f"20{short}-01", f"20{short}-12") if int(short) < int(now[2:4]) else None
    if part:
        whole = int(now[:4]) - _BACK[part_year]
        first, last = _PART_OF_YEAR[part]
        return f"{whole}-{first}", f"{whole}-{last}"
    if dotted:
        one = f"{dotted}-{int(dotted_month):02d}"
        return (one, one) if 1990 <= int(dotted) <= int(now[:4]) else None
    single = _month(year, back, int(numbers.number(month) or 0), before, now)
    return (single, single) if single else None


def _month(year: str | None, back: str | None, number: int, before: str, now: str) -> str | None:
    if year:
        whole = int(year) if len(year) == 4 else 2000 + int(year)
        return f"{whole:04d}-{number:02d}" if whole >= 1990 else None
    if back in _BACK:
        return f"{int(now[:4]) - _BACK[back]:04d}-{number:02d}"
    if before:  # 2024年11月至1月, 当年4月
        whole = int(before[:4]) + (number < int(before[5:]) and back is None)
        return f"{whole:04d}-{number:02d}"
    return f"{int(now[:4]) - (number > int(now[5:])):04d}-{number:02d}"


def _ago(passage: Passage, at: datetime) -> Period | None:
    """三年前, 四年前的工资: that many years back."""
    hit = _YEARS_AGO.search(passage.text)
    if not hit:
        return None
    years = int(numbers.number(hit[1]) or 0)
    month = dates.shift(dates.month_of(at), -12 * years - (1 if hit[2] else 0))
    goes_on = bool(_NOW.search(passage.text))
    end = dates.month_of(at) if goes_on else month
    return Period(month, end, goes_on, passage.span(hit.start(), hit.end()), confidence=0.6)


def _back(passage: Passage, at: datetime) -> Period | None:
    """最近三个月, 已经两个月没发: the months before the call."""
    hit = _MONTHS_BACK.search(passage.text)
    if not hit:
        return None
    count = 6 if hit[1] == "半" and hit[2] == "年" else int(numbers.number(hit[1]) or 0)
    months = count * 12 if hit[2] == "年" and hit[1] != "半" else count
    if not 0 < months <= 36:
        return None
    now = dates.month_of(at)
    return Period(
        dates.shift(now, -months),
        dates.shift(now, -1),
        True,
        passage.span(*hit.span()),
        confidence=0.5,
    )
