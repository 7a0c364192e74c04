"""导出文件: rows of cells or JSON lines, as raw records of a channel. What cannot be a record comes as its refusal."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice

from pydantic import JsonValue

from schemas.codec import parse_json
from schemas.event import TEXT_CHARS_MAX, Reason, Refused
from services.intake.core.fields import Columns
from services.intake.core.shapes import SHAPES
from services.intake.core.text import clean

HEADER_ROWS_MAX = 10
"""Exports put a title above the header (表头)."""
EXACT_MAX = 10**15
"""A spreadsheet keeps fifteen digits of a number: a longer one has already lost its end."""
Cell = str | int | float | bool | datetime | date | time | timedelta
Record = dict[str, JsonValue]
Line = tuple[int, Sequence[Cell] | Refused]


def number_headers(columns: Columns, channel: str) -> frozenset[str]:
    """How the column of the external number may be headed."""
    key = SHAPES[channel].number  # type: ignore[index]  # a channel of Origin
    aliases = columns.aliases[channel]
    return frozenset({key, *(name for name, own in aliases.items() if own == key)})


def json_lines(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Record | Refused]]:
    for number, line in lines:
        if line.strip():
            yield number, _object(line)


def _object(line: bytes) -> Record | Refused:
    try:
        found = parse_json(line)
    except Refused as refused:
        return refused
    if not isinstance(found, dict):
        return Refused(Reason.BAD_FIELD, "一行须为一个 JSON 对象")
    return found


def records(
    lines: Iterable[Line], headers: frozenset[str]
) -> Iterator[tuple[int, Record | Refused]]:
    """`headers`: those of the external number, by which the header row is known.

    Without such a row the first one is the header. Raises Refused for the whole file where two columns have one name.
    """
    full = ((number, cells) for number, cells in lines if not _blank(cells))
    top = list(islice(full, HEADER_ROWS_MAX))
    at = next((place for place, (_, cells) in enumerate(top) if _names(cells, headers)), 0)
    if not top:
        return
    first = top[at][1]
    if isinstance(first, Refused):
        raise first
    names = _header(first)
    for number, cells in chain(top[at + 1 :], full):
        yield number, cells if isinstance(cells, Refused) else _record(names, cells)


def _blank(cells: Sequence[Cell] | Refused) -> bool:
    return not isinstance(cells, Refused) and all(cell in ("", None) for cell in cells)


def _names(cells: Sequence[Cell] | Refused, headers: frozenset[str]) -> bool:
    return not isinstance(cells, Refused) and any(clean(str(cell)) in headers for cell in cells)


def _header(cells: Sequence[Cell]) -> list[str]:
    """A column without a name keeps its place as its name: nothing is dropped."""
    names = [clean(str(cell)) or f"第{place}列" for place, cell in enumerate(cells, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Refused(Reason.BAD_FIELD, f"表头“{twice[:40]}”出现两次，请改名后重试", twice[:60])
    return names


def _record(names: Sequence[str], cells: Sequence[Cell]) -> Record | Refused:
    if any(cell != "" for cell in cells[len(names) :]):
        return Refused(Reason.BAD_FIELD, f"本行多于表头的 {len(names)} 列，请检查分隔符和引号")
    found: Record = {}
    for name, cell in zip(names, cells, strict=False):
        try:
            value = _value(name, cell)
        except Refused as refused:
            return refused
        if value != "":
            found[name] = value
    return found


def _value(name: str, cell: Cell) -> str | int | float | bool:
    """As people see it: whole numbers without a point, dates as text."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        if abs(cell) >= EXACT_MAX:
            why = "数字超过 15 位，表格已丢失末尾数字，请把该列设为文本后重新填写"
            raise Refused(Reason.BAD_FIELD, why, name[:60])
        return int(cell) if float(cell).is_integer() else cell
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    text = str(cell)
    if len(text) > TEXT_CHARS_MAX:
        raise Refused(Reason.TOO_LARGE, f"单元格超过 {TEXT_CHARS_MAX} 个字符", name[:60])
    return text
