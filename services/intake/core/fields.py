"""Reading one raw record of a channel by its columns."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from pydantic import JsonValue

from schemas.event import TEXT_CHARS_MAX, Reason, Refused
from services.intake.core import dates, numbers
from services.intake.core.columns import Column, Columns, Kind, fold, in_myriads
from services.intake.core.text import clean, is_null

DEPTH_MAX = 32
INTEGER_MAX = 10**18
PEOPLE_MAX = 100_000
EXTRA_CHARS_MAX = 200_000
DROPPED = frozenset({"bank_card"})
"""Never stored, not even sealed (国家平台 银行卡)."""
_DROPPED_WORDS = ("银行卡", "银行账号", "工资卡")
_BARE = re.compile(r"^[\d,.，]{1,20}$")
_YES = frozenset(
    {"是", "y", "yes", "1", "true", "t", "有", "1.0", "√", "✓", "真", "是的", "需要", "要求", "保密", "要求保密",
     "匿名", "已签", "已签名", "已签字"}
)  # fmt: skip
_NO = frozenset(
    {"否", "n", "no", "0", "false", "f", "0.0", "×", "x", "假", "不是", "没有", "不需要", "不保密", "公开", "不匿名",
     "实名", "未签", "未签名", "未签字"}
)  # fmt: skip
Value = str | bool | int | datetime | tuple[JsonValue, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, typed: money in fen, instants in UTC, months `YYYY-MM`.

    `extra`: by header, what has no column of ours or could not be read; `unread`: columns of the latter.
    """

    values: Mapping[str, Value]
    extra: Mapping[str, JsonValue]
    unread: frozenset[str] = frozenset()

    def text(self, key: str) -> str:
        found = self.values.get(key, "")
        return found if isinstance(found, str) else ""

    def moment(self, key: str) -> datetime | None:
        found = self.values.get(key)
        return found if isinstance(found, datetime) else None

    def whole(self, key: str) -> int | None:
        found = self.values.get(key)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def flag(self, key: str) -> bool | None:
        found = self.values.get(key)
        return found if isinstance(found, bool) else None


def read(columns: Columns, channel: str, raw: Mapping[str, JsonValue]) -> Reading:
    """Raises Refused naming the field. Of two headers for one column the one written as ours is taken."""
    _check_tree(raw)
    values: dict[str, Value] = {}
    extra: dict[str, JsonValue] = {}
    unread: set[str] = set()
    for header, column, given in _ordered(columns, channel, raw):
        if _dropped(header, column):
            continue
        value = None if column is None else _value(column, _sized(header, given))
        if column is not None and value is not None and column.key not in values:
            values[column.key] = value
        elif not absent(given):
            extra[header] = given
            unread |= {column.key} if column is not None and value is None else set()
    if len(json.dumps(extra)) > EXTRA_CHARS_MAX:
        raise Refused(
            Reason.TOO_LARGE, f"附加列合计超过 {EXTRA_CHARS_MAX} 个字符，请去掉不需要的列"
        )
    return Reading(MappingProxyType(values), MappingProxyType(extra), frozenset(unread))


def _ordered(
    columns: Columns, channel: str, raw: Mapping[str, JsonValue]
) -> Iterator[tuple[str, Column | None, JsonValue]]:
    later: list[tuple[str, JsonValue]] = []
    for header, given in raw.items():
        column = columns.exact(channel, header)
        if column is None:
            later.append((header, given))
        else:
            yield header, column, given
    for header, given in later:
        yield header, columns.find(channel, header), given


def _dropped(header: str, column: Column | None) -> bool:
    if column is not None:
        return column.key in DROPPED
    return any(word in fold(header[:60]) for word in (*_DROPPED_WORDS, *map(fold, DROPPED)))


def _sized(header: str, given: JsonValue) -> JsonValue:
    """A bare number under 金额（万元）."""
    plain = isinstance(given, str | int | float) and not isinstance(given, bool)
    if plain and in_myriads(header) and _BARE.match(str(given)):
        return f"{given}万"
    return given


def absent(given: JsonValue) -> bool:
    return given is None or given in ([], {}) or (isinstance(given, str) and is_null(clean(given)))


def _value(column: Column, given: JsonValue) -> Value | None:
    if column.type == "有/无" and given == "无":
        return False  # an answer here, elsewhere a spelling of nothing
    if absent(given):
        return None
    if column.kind == "list":
        return tuple(given) if isinstance(given, list) else (given,)
    if isinstance(given, list | dict):
        raise Refused(Reason.BAD_FIELD, "这一列不能是列表或对象，请写成文字", column.key)
    if column.kind == "flag":
        return _flag(str(given))
    if isinstance(given, bool):
        raise Refused(Reason.BAD_FIELD, "这一列不能是布尔值，请写成文字", column.key)
    return _scalar(column.kind, column.key, given)


def _scalar(kind: Kind, key: str, given: JsonValue) -> Value | None:
    if kind == "text":
        return _text(key, str(given))
    if kind in ("amount", "count"):
        return _whole(kind, key, given)
    return _date(kind, key, given)


def _flag(given: str) -> bool | None:
    """Neither yes nor no is unknown, not no: its words are kept in `extra`."""
    word = clean(given[:20]).lower()
    return True if word in _YES else False if word in _NO else None


def _text(key: str, given: str) -> str:
    if len(given) > TEXT_CHARS_MAX:
        raise Refused(
            Reason.TOO_LARGE, f"文本超过 {TEXT_CHARS_MAX} 个字符，请分件或作为附件报送", key
        )
    return clean(given)


def _whole(kind: Kind, key: str, given: JsonValue) -> int | None:
    """Fen or people. A text that names no number stays unknown; its words are kept in `extra`."""
    text = _text(key, repr(given) if isinstance(given, float) else str(given))
    if isinstance(given, float) and "e" in text:
        text = f"{given:.2f}"
    if text.startswith("-"):
        raise Refused(Reason.BAD_FIELD, "数值不能为负，请核对", key)
    if kind == "count" and isinstance(given, float) and not given.is_integer():
        raise Refused(Reason.BAD_FIELD, "人数须为整数，请核对", key)
    value = numbers.amount_fen(text) if kind == "amount" else numbers.count(text)
    if value is not None and value > (numbers.FEN_MAX if kind == "amount" else PEOPLE_MAX):
        raise Refused(Reason.BAD_FIELD, "数值超出合理范围，请核对单位（元、人）", key)
    return value


def _date(kind: Kind, key: str, given: JsonValue) -> datetime | str | None:
    """A month that cannot be read (`去年夏天`) stays unknown; an instant may start a clock and is refused."""
    plain = _text(key, given) if isinstance(given, str) else given
    try:
        if kind == "month":
            return dates.month(plain)
        at = dates.moment(plain)
    except (ValueError, OverflowError):
        if kind == "month":
            return None
        raise Refused(
            Reason.BAD_TIME, "日期无法识别，请写成 2025-08-28 09:05 的形式", key
        ) from None
    if key == "due_at" and dates.is_day(plain):
        return at + timedelta(hours=23, minutes=59, seconds=59)  # a day's limit lasts all that day
    return at


def _check_tree(raw: Mapping[str, JsonValue]) -> None:
    """Bounded depth and numbers, without recursion."""
    level: list[tuple[str, JsonValue]] = list(raw.items())
    for _ in range(DEPTH_MAX):
        inner: list[tuple[str, JsonValue]] = []
        for key, value in level:
            if isinstance(value, dict):
                inner += [(key, part) for part in value.values()]
            elif isinstance(value, list):
                inner += [(key, part) for part in value]
            elif isinstance(value, float | int) and not _sane(value):
                raise Refused(Reason.BAD_FIELD, "数值超出范围，长编号请写成文字", clean(key)[:60])
        if not inner:
            return
        level = inner
    raise Refused(Reason.BAD_JSON, f"嵌套超过 {DEPTH_MAX} 层，请拆平后重新发送")


def _sane(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= INTEGER_MAX
