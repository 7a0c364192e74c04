"""导出文件: rows of cells or JSON lines, as raw records of a channel. What cannot be a record comes as its refusal."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice

from pydantic import JsonValue

from schemas.codec import parse_json
from schemas.event import TEXT_CHARS_MAX, Reason, Refused
from services.intake.core.columns import Columns
from services.intake.core.shapes import SHAPES, Shape
from services.intake.core.text import clean, is_null

HEADER_ROWS_MAX = 10
"""Exports put a title above the header (表头)."""
EXACT_MAX = 10**15
"""A spreadsheet keeps fifteen digits of a number: a longer one has already lost its end."""
Cell = str | int | float | bool | datetime | date | time | timedelta
Record = dict[str, JsonValue]
Line = tuple[int, Sequence[Cell] | Refused]
_NOTE = re.compile(
    r"^(?:(?:合计|总计|小计|累计|共计|汇总)[:：]?$|共\s?\d+\s?[件条行]|"
    r"(?:备注|注|说明|附注|填报说明|填表|填报|制表|审核|审批|统计|导出|打印|数据截至|截至|单位盖章|负责人签)[^，。]{0,8}[:：]|"
    r"第\s?\d+\s?页)"
)
"""合计行, 附注: how a row below the records begins that is none."""
_SIGNED = re.compile(
    r"^(?:制表|审核|审批|填表|填报|负责人|单位盖章|联系电话|日期)[^，。]{0,4}[:：].{0,20}$"
)
_COUNT = re.compile(r"[\d,.]{1,15}\s?[件家条户人元]?")
_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
_ROUNDED = re.compile(r"^\d(?:\.\d+)?[eE]\+\d{2}$")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no record: heading repeated, total, note. `why_zh`: for the report."""

    why_zh: str


Row = tuple[int, Record | Refused | Skipped]


def json_lines(lines: Iterable[tuple[int, bytes]]) -> Iterator[Row]:
    for number, line in lines:
        if line.strip():
            yield number, _object(line)


def _object(line: bytes) -> Record | Refused:
    try:
        found = parse_json(line)
    except Refused as refused:
        return refused
    if not isinstance(found, dict):
        return Refused(Reason.BAD_FIELD, "一行须为一个 JSON 对象，请检查换行")
    return found


def records(
    lines: Iterable[Line], columns: Columns, channel: str, shape: Shape | None = None
) -> Iterator[Row]:
    """The header row is known by the column of the external number; it may be two rows (合并表头).

    Without such a row the first one is the header. Raises Refused for the whole file where two columns have one name.
    """
    full = ((number, cells) for number, cells in lines if not _blank(cells))
    top = list(islice(full, HEADER_ROWS_MAX))
    sheet = _Sheet(columns, channel, shape or SHAPES[channel])  # type: ignore[index]
    at = next((place for place, (_, cells) in enumerate(top) if sheet.heads(cells)), 0)
    if not top:
        return
    first = top[at][1]
    if isinstance(first, Refused):
        raise first
    below = top[at + 1][1] if at + 1 < len(top) else ()
    double = sheet.heads(first) and sheet.continues(first, below)
    names = _header(sheet.joined(first, below) if double else first)
    for number, cells in chain(top[at + 1 + double :], full):
        yield number, cells if isinstance(cells, Refused) else sheet.row(names, cells)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the columns of the channel say about rows of cells."""

    columns: Columns
    channel: str
    shape: Shape

    def heads(self, cells: Sequence[Cell] | Refused) -> bool:
        return not isinstance(cells, Refused) and any(self._is_number(str(one)) for one in cells)

    def _is_number(self, header: str) -> bool:
        found = self.columns.find(self.channel, header)
        return found is not None and found.key == self.shape.number

    def _knows(self, header: str) -> bool:
        return self.columns.find(self.channel, header) is not None

    def continues(self, first: Sequence[Cell], below: Sequence[Cell] | Refused) -> bool:
        """A second header row: nothing under the external number, and names under wider cells."""
        if isinstance(below, Refused) or _blank(below):
            return False
        place = next(n for n, one in enumerate(first) if self._is_number(str(one)))
        under = below[place] if place < len(below) else ""
        pairs = zip(self.joined(first, below), below, strict=False)
        names = [(name, str(lower)) for name, lower in pairs if lower != ""]
        plain = all(_word(lower) for _, lower in names)
        return under == "" and plain and any(self._knows(name) for name, _ in names)

    def joined(self, first: Sequence[Cell], below: Sequence[Cell] | Refused) -> list[str]:
        """One name a column: 诉求人 over 电话 is 诉求人电话 where that is known, else 电话, else 诉求人/电话."""
        low = [] if isinstance(below, Refused) else [clean(str(one)) for one in below]
        high = [clean(str(one)) for one in first]
        width = max(len(low), len(high))
        low, high = low + [""] * (width - len(low)), high + [""] * (width - len(high))
        names, group = [], ""
        for upper, lower in zip(high, low, strict=True):
            group = upper or (group if lower else "")
            names.append(self._one(group, lower))
        return names

    def _one(self, group: str, lower: str) -> str:
        if not (group and lower):
            return group or lower
        known = (name for name in (group + lower, lower) if self._knows(name))
        return next(known, f"{group}/{lower}")

    def row(self, names: Sequence[str], cells: Sequence[Cell]) -> Record | Refused | Skipped:
        if self.heads(cells) and [clean(str(one)) for one in cells if one != ""][:1] == names[:1]:
            return Skipped("重复的表头")
        first = next((clean(str(one)) for one in cells if one != ""), "")
        if _NOTE.match(first) and not self._says(names, cells):
            return Skipped("合计或附注行，未当作记录")
        return _record(names, cells)

    def _says(self, names: Sequence[str], cells: Sequence[Cell]) -> bool:
        """Whether a complaint could stand in it: its text or employer is filled, besides the note itself."""
        wanted = {*self.shape.texts, self.shape.employer}
        for place, (name, cell) in enumerate(zip(names, cells, strict=False)):
            column, told = self.columns.find(self.channel, name), clean(str(cell))
            note = (place == 0 and _NOTE.match(told)) or _SIGNED.match(told)
            empty = is_null(told) or _COUNT.fullmatch(told)
            if column and column.key in wanted and not (empty or note):
                return True
        return False


def _word(text: str) -> bool:
    return len(text) <= 20 and not any(char.isdigit() for char in text)


def _blank(cells: Sequence[Cell] | Refused) -> bool:
    return not isinstance(cells, Refused) and all(cell in ("", None) for cell in cells)


def _header(cells: Sequence[Cell]) -> list[str]:
    """A column without a name keeps its place as its name: nothing is dropped."""
    names = [clean(str(cell)) or f"第{place}列" for place, cell in enumerate(cells, 1)]
    seen: set[str] = set()
    twice = next((name for name in names if name in seen or seen.add(name)), None)  # type: ignore[func-returns-value]
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
    return _text(name, str(cell))


def _text(name: str, cell: str) -> str:
    """`="0711"` and a leading apostrophe are how a spreadsheet is told that digits are text."""
    quoted = _AS_TEXT.match(cell)
    text = quoted[1] if quoted else cell
    text = text[1:] if text[:1] == "'" and text[1:2].isdigit() else text
    if _ROUNDED.match(text.strip()):
        why = "科学计数法（如 4.2E+17）已丢失末尾数字，请把该列设为文本后重新导出"
        raise Refused(Reason.BAD_FIELD, why, name[:60])
    if len(text) > TEXT_CHARS_MAX:
        raise Refused(
            Reason.TOO_LARGE, f"单元格超过 {TEXT_CHARS_MAX} 个字符，请分件或作为附件报送", name[:60]
        )
    return text
