"""Dates as channels write them; no zone = Asia/Shanghai. Raises ValueError where a text is none."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEAR_MIN, YEAR_MAX = 1990, 2999
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall-clock day, zoned below
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(
    r"^(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})[日号]?(?:T|\s+|$|(?=[上下晚中凌])|(?<=[日号])(?=\d))"
)
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?$")
_CLOCK = re.compile(
    r"^(上午|下午|晚上|中午|凌晨)?\s?(\d{1,2})[:：时点](?:(\d{1,2})(?:[:：分](?:(\d{1,2})(?:\.\d{1,9})?秒?)?)?)?$"
)
_ZONE = re.compile(r"\s?(?:([Zz])|([+-])(\d\d):?(\d\d))$")
_MONTH = re.compile(r"^(\d{4})\s?[-/.年]?\s?(\d{1,2})\s?月?份?$")
_NUMBER = re.compile(r"^\d{4,14}(?:\.\d{1,10})?$")


def moment(value: object) -> datetime:
    """An aware instant in UTC from text, epoch milliseconds or seconds, or an Excel serial day."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("not a date")
    text = str(value).strip()
    compact = _COMPACT.match(text)
    if compact:
        return _local(*(int(part or 0) for part in compact.groups()))
    if _NUMBER.match(text):
        return _bounded(_serial(float(text)))
    return _bounded(_written(text))


def is_day(value: object) -> bool:
    """True where a day without a clock time is named."""
    return isinstance(value, str) and bool(re.match(r"^\d{4}\D\d{1,2}\D\d{1,2}日?$", value.strip()))


def month(value: object) -> str:
    """`YYYY-MM` from a month or any date."""
    found = None if isinstance(value, bool) else _MONTH.match(str(value).strip())
    if found:
        year, number = int(found[1]), int(found[2])
        if not (YEAR_MIN <= year <= YEAR_MAX and 1 <= number <= 12):
            raise ValueError("no such month")
        return f"{year:04d}-{number:02d}"
    return month_of(moment(value))


def month_of(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.year:04d}-{local.month:02d}"


def months_between(first: str, last: str) -> int:
    """From `YYYY-MM` to `YYYY-MM`; negative where the second is earlier."""
    (one, two), (three, four) = (map(int, part.split("-")) for part in (first, last))
    return (three - one) * 12 + four - two


def shift(yearmonth: str, months: int) -> str:
    total = int(yearmonth[:4]) * 12 + int(yearmonth[5:]) - 1 + months
    return f"{total // 12:04d}-{total % 12 + 1:02d}"


def _serial(number: float) -> datetime:
    if number >= 1e11:
        return _EPOCH + timedelta(milliseconds=number)
    if number >= 1e8:
        return _EPOCH + timedelta(seconds=number)
    if not 30000 <= number <= 80000:
        raise ValueError("neither an Excel day nor an epoch")
    at = _EXCEL_DAY_ZERO + timedelta(seconds=round(number * 86400))
    return at.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _written(text: str) -> datetime:
    day = _DAY.match(text)
    if not day:
        raise ValueError("not a date")
    rest, zone = text[day.end() :].strip(), None
    found = _ZONE.search(rest)
    if found:
        rest, zone = rest[: found.start()], found
    hour, minute, second = _clock(rest)
    at = _local(*(int(part) for part in day.groups()), hour, minute, second)
    return at if zone is None else at.astimezone(SHANGHAI).replace(tzinfo=UTC) - _offset(zone)


def _clock(text: str) -> tuple[int, int, int]:
    if not text:
        return 0, 0, 0
    found = _CLOCK.match(text)
    if not found:
        raise ValueError("not a time of day")
    hour = int(found[2])
    if found[1] in ("下午", "晚上") and hour < 12:
        hour += 12
    return hour, int(found[3] or 0), int(found[4] or 0)


def _offset(zone: re.Match[str]) -> timedelta:
    if zone[1]:
        return timedelta()
    size = timedelta(hours=int(zone[3]), minutes=int(zone[4]))
    return size if zone[2] == "+" else -size


def _local(*parts: int) -> datetime:
    year, month_, day, *clock = parts
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise ValueError("year out of range")
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return datetime(year, month_, day, hour, minute, second, tzinfo=SHANGHAI).astimezone(UTC)


def _bounded(at: datetime) -> datetime:
    if not YEAR_MIN <= at.year <= YEAR_MAX:
        raise ValueError("year out of range")
    return at
