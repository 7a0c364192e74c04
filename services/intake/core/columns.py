"""The channels' columns as data (policies/channel-fields.csv): what each holds and how its header may be written."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from services.intake.core.text import clean

Kind = Literal["text", "flag", "amount", "count", "moment", "month", "list"]
HEADER_CHARS_MAX = 60
"""A longer header is nobody's alias."""
_FIXED: dict[str, Kind] = {
    "是/否": "flag", "有/无": "flag", "num": "amount", "num or str": "amount", "int": "count",
    "date": "moment", "time": "moment", "time or epoch ms": "moment",
    "month": "month", "date or month": "month",
}  # fmt: skip
_BRACKET = re.compile(r"[（(【\[][^（）()【】\[\]]*[）)】\]]")
_ORNAMENT = re.compile(r"[\s*★:：_-]")


@dataclass(frozen=True, slots=True)
class Column:
    """One row of the file. `choices`: the closed list of a column that has one; `type`: as written there."""

    key: str
    name_zh: str
    kind: Kind
    type: str
    required: bool
    example: str
    choices: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """`of`: channel, key, column. A header is known by its `names` as written, else `folded`.

    `shared`: amounts and numbers of people by folded name, read in every channel.
    """

    of: Mapping[str, Mapping[str, Column]]
    names: Mapping[str, Mapping[str, str]]
    folded: Mapping[str, Mapping[str, str]]
    shared: Mapping[str, Column]

    def exact(self, channel: str, header: str) -> Column | None:
        """By key or 字段名 as written."""
        key = self.names[channel].get(clean(header) if len(header) <= HEADER_CHARS_MAX else "")
        return self.of[channel][key] if key else None

    def find(self, channel: str, header: str) -> Column | None:
        """By any spelling known; None = not a column of ours."""
        if len(header) > HEADER_CHARS_MAX:
            return None
        found = self.exact(channel, header)
        if found is not None:
            return found
        short = fold(header)
        key = self.folded[channel].get(short)
        return self.of[channel][key] if key else self.shared.get(short)


@lru_cache(4096)
def fold(header: str) -> str:
    """A header without spaces, `*`, colons, underscores and remarks in brackets, in small letters."""
    text = clean(header).lower()
    return _ORNAMENT.sub("", _BRACKET.sub("", text)) or text


def in_myriads(header: str) -> bool:
    """欠薪金额（万元）: the unit stands in the header."""
    return len(header) <= HEADER_CHARS_MAX and any("万" in one for one in _BRACKET.findall(header))


def columns_of(text: str) -> Columns:
    """From the text of channel-fields.csv. Raises ValueError where one spelling means two columns."""
    of: dict[str, dict[str, Column]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        of.setdefault(row["channel"], {})[row["key"]] = _column(row)
    names = {channel: _names(columns) for channel, columns in of.items()}
    folded = {channel: _folded(channel, columns) for channel, columns in of.items()}
    return Columns(
        MappingProxyType(of),
        MappingProxyType(names),
        MappingProxyType(folded),
        MappingProxyType(_shared(of)),
    )


def _column(row: Mapping[str, str]) -> Column:
    aliases = tuple(filter(None, (row.get("aliases") or "").split("|")))
    return Column(
        row["key"],
        row["name_zh"],
        _kind(row["type"]),
        row["type"],
        row["required"] == "yes",
        row["example"],
        _choices(row["type"]),
        aliases,
    )


def _kind(type_text: str) -> Kind:
    return "list" if type_text.startswith("list") else _FIXED.get(type_text, "text")


def _choices(type_text: str) -> tuple[str, ...]:
    if type_text in _FIXED or "/" not in type_text:
        return ()
    return tuple(type_text.rpartition(":")[2].strip().split("/"))


def _names(columns: Mapping[str, Column]) -> dict[str, str]:
    return {name: one.key for one in columns.values() for name in (one.key, one.name_zh)}


def _spellings(column: Column) -> Iterator[str]:
    yield from map(fold, (column.key, column.name_zh, *column.aliases))


def _folded(channel: str, columns: Mapping[str, Column]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in columns.values():
        for name in _spellings(column):
            if found.setdefault(name, column.key) != column.key:
                raise ValueError(f"{channel}: {name!r} is {found[name]} and {column.key}")
    return found


def _shared(of: Mapping[str, Mapping[str, Column]]) -> dict[str, Column]:
    return {
        name: column
        for columns in of.values()
        for column in columns.values()
        if column.kind in ("amount", "count")
        for name in _spellings(column)
    }
