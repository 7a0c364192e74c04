"""Instants and amounts in people's words (Asia/Shanghai), for the desk's pages."""

import re
from datetime import datetime, timedelta

from services.kernel.spoken import DAY, SHANGHAI, Left, Tone, exact, left, span

__all__ = [
    "SHANGHAI",
    "Left",
    "Tone",
    "ago",
    "clock_face",
    "exact",
    "left",
    "minute",
    "plain",
    "short",
    "span",
    "to_the_second",
    "yuan",
]

_STEERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """Control characters, those of writing direction too, as hexadecimal: no name turns round what stands beside it."""
    return _STEERS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def ago(now: datetime, then: datetime) -> str:
    """刚刚, 12 分钟前, 3 小时前, 2 天前."""
    passed = max(now - then, timedelta(0))
    if passed < timedelta(minutes=1):
        return "刚刚"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} 分钟前"
    return f"{passed // timedelta(hours=1)} 小时前" if passed < DAY else f"{passed // DAY} 天前"


def clock_face(at: datetime) -> str:
    """09:41:07, for 数据更新于."""
    return f"{at.astimezone(SHANGHAI):%H:%M:%S}"


def short(at: datetime) -> str:
    """9月22日 10:40."""
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def minute(at: datetime) -> str:
    """2026-09-22 10:40."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def to_the_second(at: datetime) -> str:
    """2026-09-22 10:40:07."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def yuan(fen: int) -> str:
    """1 580 000 fen -> 1.58 万元; below ten thousand yuan exact."""
    if fen >= 100_000_000:
        return f"{fen / 1_000_000:,.0f} 万元"
    if fen >= 1_000_000:
        return f"{fen / 1_000_000:.2f}".rstrip("0").rstrip(".") + " 万元"
    return f"{fen // 100:,} 元" if fen % 100 == 0 else f"{fen / 100:,.2f} 元"
