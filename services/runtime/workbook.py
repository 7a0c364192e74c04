"""One sheet of a workbook as rows of cells, in a process that cannot take more than its share of memory.

`python -m services.runtime.workbook SHEET BYTES < FILE > pickled rows`; exit 65 (EX_DATAERR): a reason in Chinese.
"""

import io
import pickle
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

ROWS_MAX = 200_000
COLUMNS_MAX = 500
MEMORY_BYTES_MAX = 2_500_000_000
UNREADABLE = 65
Cell = str | int | float | bool | datetime | date | time | timedelta


def rows(raw: bytes, sheet: str) -> list[list[Cell]]:
    """Raises ValueError with the reason in the sender's language."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        found: list[list[Cell]] = _chosen(book, sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        kind = type(error).__name__
        raise ValueError(f"表格无法打开（{kind}），可能已损坏或设有密码，请另存后重试") from None
    return found


def _chosen(book: CalamineWorkbook, name: str) -> CalamineSheet:
    """A second sheet with data is never passed over in silence."""
    visible = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
    if name and name not in visible:
        raise ValueError(f"没有工作表“{name}”，现有：{'、'.join(visible)}")
    sheets = [book.get_sheet_by_name(one) for one in ([name] if name else visible)]
    full = [sheet for sheet in sheets if sheet.height]
    if len(full) > 1:
        names = "、".join(sheet.name for sheet in full)
        raise ValueError(f"多个工作表有数据（{names}），请用 --sheet 指定一个")
    if not full:
        raise ValueError("工作表里没有数据")
    if full[0].total_width > COLUMNS_MAX or full[0].total_height > ROWS_MAX:
        raise ValueError(f"工作表“{full[0].name}”超过 {COLUMNS_MAX} 列或 {ROWS_MAX} 行")
    return full[0]


if __name__ == "__main__":
    limit_bytes = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    try:
        answer = pickle.dumps(rows(sys.stdin.buffer.read(), sys.argv[1]), pickle.HIGHEST_PROTOCOL)
    except ValueError as error:
        sys.stdout.buffer.write(str(error).encode())
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(answer)
