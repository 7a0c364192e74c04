"""The channels' columns as data (policies/channel-fields.csv), and reading one raw record by them."""

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from pydantic import JsonValue

from schemas.event import TEXT_CHARS_MAX, Reason, Refused
from services.intake.core import dates, numbers
from services.intake.core.text import clean, is_null

Kind = Literal["text", "flag", "amount", "count", "moment", "month", "list"]
DEPTH_MAX = 32
INTEGER_MAX = 10**18
PEOPLE_MAX = 100_000
EXTRA_CHARS_MAX = 200_000
DROPPED = frozenset({"bank_card", "银行卡号"})
"""Never stored, not even sealed (国家平台 银行卡)."""
_FIXED: dict[str, Kind] = {
    "是/否": "flag", "num": "amount", "num or str": "amount", "int": "count",
    "date": "moment", "time": "moment", "time or epoch ms": "moment",
    "month": "month", "date or month": "month",
}  # fmt: skip
_YES = frozenset({"是", "y", "yes", "1", "true", "有", "1.0"})
Value = str | bool | int | datetime | tuple[JsonValue, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """`kinds`: what each column of a channel holds; `aliases`: header (表头) to key; `numeric`: any channel."""

    kinds: Mapping[str, Mapping[str, Kind]]
    aliases: Mapping[str, Mapping[str, str]]
    numeric: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, typed: money in fen, instants in UTC, months `YYYY-MM`. `extra`: what has no column of ours."""

    values: Mapping[str, Value]
    extra: Mapping[str, JsonValue]

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


def columns_of(text: str) -> Columns:
    """From the text of channel-fields.csv."""
    kinds: dict[str, dict[str, Kind]] = {}
    aliases: dict[str, dict[str, str]] = {}
    numeric: dict[str, Kind] = {}
    for row in csv.DictReader(io.StringIO(text)):
        kind = _kind(row["type"])
        kinds.setdefault(row["channel"], {})[row["key"]] = kind
        aliases.setdefault(row["channel"], {})[row["name_zh"]] = row["key"]
        if kind in ("amount", "count"):
            numeric[row["key"]] = kind
    return Columns(MappingProxyType(kinds), MappingProxyType(aliases), MappingProxyType(numeric))


def _kind(type_text: str) -> Kind:
    if type_text.startswith("list"):
        return "list"
    return _FIXED.get(type_text, "text")


def read(columns: Columns, channel: str, raw: Mapping[str, JsonValue]) -> Reading:
    """Raises Refused naming the field."""
    _check_tree(raw)
    kinds, aliases = columns.kinds[channel], columns.aliases[channel]
    values: dict[str, Value] = {}
    extra: dict[str, JsonValue] = {}
    for header, given in raw.items():
        name = clean(header)
        key = name if name in kinds else aliases.get(name, name)
        kind = kinds.get(key) or columns.numeric.get(key)
        if key in DROPPED:
            continue
        value = None if kind is None else _value(kind, key, given)
        if value is not None and key not in values:
            values[key] = value
        elif not _absent(given):
            extra[header] = given
    if len(json.dumps(extra)) > EXTRA_CHARS_MAX:
        raise Refused(Reason.TOO_LARGE, f"附加列合计超过 {EXTRA_CHARS_MAX} 个字符")
    return Reading(MappingProxyType(values), MappingProxyType(extra))


def _absent(given: JsonValue) -> bool:
    return given is None or given in ([], {}) or (isinstance(given, str) and is_null(clean(given)))


def _value(kind: Kind, key: str, given: JsonValue) -> Value | None:
    if _absent(given):
        return None
    if kind == "list":
        return tuple(given) if isinstance(given, list) else (given,)
    if isinstance(given, list | dict):
        raise Refused(Reason.BAD_FIELD, "这一列不能是列表或对象", key)
    if kind == "flag":
        return clean(str(given)).lower() in _YES
    if isinstance(given, bool):
        raise Refused(Reason.BAD_FIELD, "这一列不能是布尔值", key)
    if kind == "text":
        return _text(key, str(given))
    if kind in ("amount", "count"):
        return _whole(kind, key, given)
    return _date(kind, key, given)


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
        raise Refused(Reason.BAD_FIELD, "数值不能为负", key)
    if kind == "count" and isinstance(given, float) and not given.is_integer():
        raise Refused(Reason.BAD_FIELD, "人数须为整数", key)
    value = numbers.amount_fen(text) if kind == "amount" else numbers.count(text)
    if value is not None and value > (numbers.FEN_MAX if kind == "amount" else PEOPLE_MAX):
        raise Refused(Reason.BAD_FIELD, "数值超出合理范围", key)
    return value


def _date(kind: Kind, key: str, given: JsonValue) -> datetime | str:
    try:
        plain = _text(key, given) if isinstance(given, str) else given
        if kind == "month":
            return dates.month(plain)
        at = dates.moment(plain)
    except (ValueError, OverflowError):
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
                raise Refused(Reason.BAD_FIELD, "数值超出范围", clean(key)[:60])
        if not inner:
            return
        level = inner
    raise Refused(Reason.BAD_JSON, f"嵌套超过 {DEPTH_MAX} 层")


def _sane(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= INTEGER_MAX
