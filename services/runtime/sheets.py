"""Files that people hand in, read from disk within limits: lines of JSON, rows of CSV and of spreadsheets."""

import csv
import functools
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from schemas.event import Reason, Refused

FILE_BYTES_MAX = 20_000_000
UNZIPPED_BYTES_MAX = 200_000_000
ROWS_MAX = 200_000
COLUMNS_MAX = 500
CELLS_MAX = 5_000_000
_CELL = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
SPREADSHEETS = (".xlsx", ".xls")
SUFFIXES = (".jsonl", ".csv", *SPREADSHEETS)
Cell = str | int | float | bool | datetime | date | time | timedelta


class Unreadable(Exception):  # noqa: N818 - a fact about a file
    """The whole file, with the reason in its sender's language."""


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered from 1. Raises Unreadable."""
    for number, line in enumerate(_bytes(path).split(b"\n"), 1):
        _bounded(number)
        yield number, line


def cells(path: Path, sheet: str = "") -> Iterator[tuple[int, Sequence[Cell] | Refused]]:
    """Rows numbered as a spreadsheet shows them. `sheet`: needed where several hold data. Raises Unreadable."""
    raw = _bytes(path)
    rows = _spreadsheet(raw, path, sheet) if path.suffix.lower() in SPREADSHEETS else _csv(raw)
    for number, row in enumerate(rows, 1):
        _bounded(number)
        yield number, row


def _bounded(number: int) -> None:
    if number > ROWS_MAX:
        raise Unreadable(f"超过 {ROWS_MAX} 行，请分成几个文件")


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() not in SUFFIXES:
        raise Unreadable(f"不支持的文件类型 {path.suffix!r}，请用 {' '.join(SUFFIXES)}")
    with path.open("rb") as file:
        raw = file.read(FILE_BYTES_MAX + 1)
    if len(raw) > FILE_BYTES_MAX:
        raise Unreadable(f"文件超过 {FILE_BYTES_MAX // 1_000_000} MB，请分成几个文件")
    return raw


def _csv(raw: bytes) -> Iterator[Sequence[Cell] | Refused]:
    """A row that breaks the quoting is refused alone; strict, so that it is not swallowed into its neighbour."""
    csv.field_size_limit(FILE_BYTES_MAX)
    reader = csv.reader(io.StringIO(_text(raw), newline=""), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Refused(Reason.BAD_FIELD, f"引号不配对（文件第 {reader.line_num} 行前后）")
        else:
            yield row


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8 的 CSV")


def _spreadsheet(raw: bytes, path: Path, sheet: str) -> Iterator[Sequence[Cell]]:
    if path.suffix.lower() == ".xlsx":
        _check_zip(raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        rows: list[list[Cell]] = _chosen(book, sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        kind = type(error).__name__
        raise Unreadable(f"表格无法打开（{kind}），可能已损坏或设有密码，请另存后重试") from None
    return iter(rows)


def _check_zip(raw: bytes) -> None:
    """Before anything is unpacked into memory: a reader lays out the whole rectangle up to the farthest cell."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNZIPPED_BYTES_MAX:
                raise Unreadable(f"解压后超过 {UNZIPPED_BYTES_MAX // 1_000_000} MB")
            for part in parts:
                _check_area(archive.read(part))  # a sheet may lie under any name
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise Unreadable("不是 .xlsx 文件，或已损坏，请另存后重试") from None


def _check_area(sheet: bytes) -> None:
    columns, rows = {b""}, 0
    for found in _CELL.finditer(sheet):
        columns.add(found[1])
        rows = max(rows, int(found[2]))
    width = max(_column(name) for name in columns)
    if width * rows > CELLS_MAX:
        raise Unreadable(f"最远的单元格在第 {rows} 行第 {width} 列，请删除多余的空行空列后另存")


def _column(name: bytes) -> int:
    """A = 1, AA = 27."""
    return functools.reduce(lambda sum_, letter: sum_ * 26 + letter - 64, name, 0)


def _chosen(book: CalamineWorkbook, name: str) -> CalamineSheet:
    """A second sheet with data is never passed over in silence."""
    visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    if name and name not in visible:
        raise Unreadable(f"没有工作表“{name}”，现有：{'、'.join(visible)}")
    sheets = [book.get_sheet_by_name(one) for one in ([name] if name else visible)]
    full = [sheet for sheet in sheets if sheet.height]
    if len(full) > 1:
        names = "、".join(sheet.name for sheet in full)
        raise Unreadable(f"多个工作表有数据（{names}），请用 --sheet 指定一个")
    if not full:
        raise Unreadable("工作表里没有数据")
    if full[0].total_width > COLUMNS_MAX or full[0].total_height > ROWS_MAX:
        raise Unreadable(f"工作表“{full[0].name}”超过 {COLUMNS_MAX} 列或 {ROWS_MAX} 行")
    return full[0]
