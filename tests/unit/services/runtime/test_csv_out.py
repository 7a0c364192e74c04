import csv
import io

import pytest

from services.runtime.csv_out import csv_bytes, safe


@pytest.mark.parametrize(
    "cell", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|' /C calc'!A0"]
)
def test_what_a_spreadsheet_would_compute_is_text(cell):
    assert safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["EZ-1", "拖欠工资", "", "1+1", 5, -2.5])
def test_everything_else_is_as_it_was(cell):
    assert safe(cell) == cell


def test_a_table_opens_in_a_spreadsheet_with_its_characters():
    raw = csv_bytes(("行号", "原因"), [(1, '含"引号"，\n换行'), (2, "=1")])
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows == [["行号", "原因"], ["1", '含"引号"，\n换行'], ["2", "'=1"]]
