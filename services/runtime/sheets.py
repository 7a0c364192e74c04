"""Files that people hand in, read from disk within limits: lines of JSON, rows of CSV and of spreadsheets."""

import codecs
import csv
import functools
import io
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from schemas.event import Reason, Refused
from services.runtime import workbook

FILE_BYTES_MAX = 20_000_000
UNZIPPED_BYTES_MAX = 200_000_000
ROWS_MAX = workbook.ROWS_MAX
READ_S_MAX = 120.0
CELLS_MAX = 5_000_000
_CELL = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_FORMULA = re.compile(
    rb"""<c\s([^>]{1,300})><f(?:\s[^>]{0,500})?(?:/>|>[^<]{0,9000}</f>)(?:<v\s?/>|<v></v>)?</c>"""
)
"""公式 without a value, unless it says that its value is an empty text."""
_ERROR = re.compile(rb"""<c\s([^>]{0,300}\bt=["']e["'][^>]{0,300})>""")
_NAME = re.compile(rb"""\br=["']([A-Z]{1,3}\d{1,7})["']""")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITER_CHARS = 2_000
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
    text = _text(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Refused(Reason.BAD_FIELD, f"引号不配对（文件第 {reader.line_num} 行前后）")
        else:
            yield row


def _delimiter(text: str) -> str:
    """Some systems call a table with tabs .csv."""
    top = text[:DELIMITER_CHARS]
    return "\t" if top.count("\t") > top.count(",") else ","


def _text(raw: bytes) -> str:
    """By its byte order mark, else UTF-8, else GB18030; UTF-8 with broken characters is not taken for GB18030."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(raw, "utf-16")
    if raw.startswith(codecs.BOM_UTF8):
        return _decoded(raw, "utf-8-sig")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if _nearly_utf8(raw):
            line = raw.count(b"\n", 0, error.start) + 1
            raise Unreadable(f"第 {line} 行有损坏的 UTF-8 字符，请重新导出") from None
    return _decoded(raw, "gb18030")


def _nearly_utf8(raw: bytes) -> bool:
    """Of the characters beyond ASCII at most one in six is broken; of GB18030 read so nearly all are."""
    text = raw.decode("utf-8", "replace")
    return text.count("\ufffd") * 6 <= sum(not char.isascii() for char in text)


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8 的 CSV") from None


def _spreadsheet(raw: bytes, path: Path, sheet: str) -> Iterator[Sequence[Cell]]:
    """What the file is decides, not its name: an old .xls renamed .xlsx is still read."""
    if raw.startswith(ZIP):
        _check_zip(raw)
    elif not raw.startswith(OLE):
        raise Unreadable(f"不是 {path.suffix.lower()} 文件，或已损坏，请另存后重试")
    return iter(_laid_out(raw, sheet))


def _laid_out(raw: bytes, sheet: str) -> list[list[Cell]]:
    """In a process of its own, which may use MEMORY_BYTES_MAX: a small file can ask for any amount of memory."""
    limit_bytes = workbook.MEMORY_BYTES_MAX
    command = [sys.executable, "-m", workbook.__name__, sheet, str(limit_bytes)]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command, input=raw, capture_output=True, timeout=READ_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(f"{READ_S_MAX:.0f} 秒内读不完，请拆成几个文件或另存为 CSV") from None
    if done.returncode == workbook.UNREADABLE:
        raise Unreadable(done.stdout.decode())
    if done.returncode:
        size = limit_bytes // 1_000_000
        raise Unreadable(f"展开后超过 {size} MB 内存，请拆成几个文件或另存为 CSV")
    rows: list[list[Cell]] = pickle.loads(done.stdout)  # noqa: S301 - what we wrote ourselves
    return rows


def _check_zip(raw: bytes) -> None:
    """Before anything is laid out: sizes, the farthest cell, cells that hold no value."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNZIPPED_BYTES_MAX:
                raise Unreadable(f"解压后超过 {UNZIPPED_BYTES_MAX // 1_000_000} MB")
            for part in parts:
                with archive.open(part) as content:  # a sheet may lie under any name
                    _check_sheet(content.read(part.file_size))  # no more than it says of itself
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError):
        raise Unreadable("不是 .xlsx 文件，或已损坏，请另存后重试") from None


def _check_sheet(sheet: bytes) -> None:
    """Before it is laid out: a reader fills the whole rectangle up to the farthest cell."""
    columns, rows = {b""}, 0
    for found in _CELL.finditer(sheet):
        columns.add(found[1])
        rows = max(rows, int(found[2]))
    width = max(_column(name) for name in columns)
    if width * rows > CELLS_MAX:
        raise Unreadable(f"最远的单元格在第 {rows} 行第 {width} 列，请删除多余的空行空列后另存")
    for found in _FORMULA.finditer(sheet):
        if b'"str"' not in found[1]:
            raise Unreadable(f"{_cell(found[1])} 的公式没有计算结果，请用表格软件打开并保存后重试")
    wrong = _ERROR.search(sheet)
    if wrong:
        raise Unreadable(f"{_cell(wrong[1])} 是错误值（如 #N/A），请改正或清空后重试")


def _cell(attributes: bytes) -> str:
    found = _NAME.search(attributes)
    return f"单元格 {found[1].decode()}" if found else "有一个单元格"


def _column(name: bytes) -> int:
    """A = 1, AA = 27."""
    return functools.reduce(lambda sum_, letter: sum_ * 26 + letter - 64, name, 0)
