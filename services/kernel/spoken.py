"""Deadlines in people's words (Asia/Shanghai): what is left or has passed, and the exact moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SOON = timedelta(hours=4)
DAY = timedelta(days=1)
WEEKDAYS = "一二三四五六日"
Tone = Literal["late", "soon", "today", "calm"]
"""late = past; soon = within four hours; today = ends today; calm = later."""


@dataclass(frozen=True, slots=True)
class Left:
    """`words`: 剩余 1 小时 20 分; `exact`: 9月22日 周二 10:40."""

    words: str
    tone: Tone
    exact: str


def left(now: datetime, due: datetime) -> Left:
    """What is left until `due`, or by how much it has passed."""
    if now > due:
        return Left(f"已超时 {span(now - due)}", "late", exact(due))
    if due - now <= SOON:
        return Left(f"剩余 {span(due - now)}", "soon", exact(due))
    if _day(due) == _day(now):
        return Left(f"今天 {due.astimezone(SHANGHAI):%H:%M} 前", "today", exact(due))
    days = (_day(due) - _day(now)).days
    if days == 1:
        return Left(f"明天 {due.astimezone(SHANGHAI):%H:%M} 前", "calm", exact(due))
    return Left(f"还有 {days} 天", "calm", exact(due))


def span(length: timedelta) -> str:
    """Two units at most: 2 天 3 小时, 1 小时 20 分, 35 分."""
    minutes = max(int(length.total_seconds()) // 60, 1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} 天" if days else "", f"{hours} 小时" if hours else "", f"{minutes} 分"]
    told = [part for part in parts[:2] if part]
    if not days and (minutes or not hours):
        told.append(parts[2])
    return " ".join(told)


def exact(at: datetime) -> str:
    """9月22日 周二 10:40."""
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"


def _day(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
