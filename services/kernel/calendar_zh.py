"""How a day, a stretch of days and an instant are said to people, and what a day is. Chinese."""

from datetime import date, datetime

from services.kernel.calendar_days import Calendar, is_working_day

_WEEKDAYS = "一二三四五六日"


def date_zh(day: date) -> str:
    return f"{day.isoformat()}（周{_WEEKDAYS[day.weekday()]}）"


def stretch_zh(first: date, last: date) -> str:
    return date_zh(first) if first == last else f"{date_zh(first)}至{date_zh(last)}"


def moment_zh(calendar: Calendar, instant: datetime) -> str:
    local = instant.astimezone(calendar.zone)
    return f"{date_zh(local.date())}{clock_zh(local)}"


def clock_zh(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def day_zh(calendar: Calendar, day: date) -> str:
    """工作日, 国庆节调休上班, 国庆节放假 or 周末."""
    if is_working_day(calendar, day):
        festival = calendar.makeup.get(day.toordinal())
        return "工作日" if festival is None else f"{festival.removesuffix('调休')}调休上班"
    festival = calendar.days_off.get(day.toordinal())
    if festival is None:
        return "周末"
    return f"{festival}放假" if festival and not festival.endswith("放假") else "放假"
