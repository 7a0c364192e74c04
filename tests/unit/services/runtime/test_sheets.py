import zipfile

import pytest

from schemas.event import Refused
from services.runtime import sheets
from services.runtime.sheets import Unreadable, cells, lines
from tests.support.xlsx import write_xlsx

ROWS = [["工单编号", "内容"], ["EZ1", "拖欠工资"]]


def written(path, raw: bytes):
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_of_exports(tmp_path, encoding):
    text = "工单编号,内容\r\nEZ1,拖欠工资\r\n".encode(encoding)
    assert list(cells(written(tmp_path / "a.csv", text))) == [(1, ROWS[0]), (2, ROWS[1])]


def test_csv_in_no_known_encoding_is_refused_whole(tmp_path):
    with pytest.raises(Unreadable, match="GB18030"):
        list(cells(written(tmp_path / "a.csv", b"a,b\n\xff\xff,x\n")))


def test_a_broken_quote_costs_its_own_row_only(tmp_path):
    text = 'order_no,content\n1,"a" b\n2,"多\n行"\n3,"没有结束\n4,x\n'
    found = [row for _, row in cells(written(tmp_path / "a.csv", text.encode()))]
    assert found[2] == ["2", "多\n行"]
    assert [place for place, row in enumerate(found) if isinstance(row, Refused)] == [1, 3]


def test_a_workbook_is_read_with_the_rows_people_see(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"表": [["标题", ""], *ROWS, ["EZ2", 3000]], "空": []})
    assert list(cells(path)) == [
        (1, ["标题", ""]),
        (2, ROWS[0]),
        (3, ROWS[1]),
        (4, ["EZ2", 3000]),
    ]


def test_a_second_sheet_with_data_is_not_passed_over_in_silence(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"一月": ROWS, "二月": [["x"]]})
    with pytest.raises(Unreadable, match="一月、二月"):
        list(cells(path))
    assert list(cells(path, "二月")) == [(1, ["x"])]
    with pytest.raises(Unreadable, match="没有工作表"):
        list(cells(path, "三月"))


def test_limits_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "UNZIPPED_BYTES_MAX", 100)
    with pytest.raises(Unreadable, match="解压"):
        list(cells(write_xlsx(tmp_path / "a.xlsx", {"表": ROWS})))
    monkeypatch.setattr(sheets, "ROWS_MAX", 1)
    with pytest.raises(Unreadable, match="行"):
        list(lines(written(tmp_path / "a.jsonl", b"{}\n{}\n")))
    monkeypatch.setattr(sheets, "FILE_BYTES_MAX", 3)
    with pytest.raises(Unreadable, match="MB"):
        list(lines(written(tmp_path / "b.jsonl", b"{} \n{}")))


@pytest.mark.parametrize(("cell", "fits"), [("A1", True), ("Z200000", False), ("XFD400", False)])
def test_one_far_cell_is_refused_before_it_is_laid_out(tmp_path, cell, fits):
    path = write_xlsx(tmp_path / "a.xlsx", {"表": ROWS})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet2.xml", f'<row><c r="{cell}"><v>1</v></c></row>')
    if fits:
        assert len(list(cells(path))) == 2
    else:
        with pytest.raises(Unreadable, match="最远"):
            list(cells(path))


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.pdf"])
def test_what_is_no_such_file_is_refused_in_words(tmp_path, name):
    with pytest.raises(Unreadable, match=r"[一-鿿]"):
        list(cells(written(tmp_path / name, b"hello")))


def test_a_zip_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(Unreadable, match="无法打开"):
        list(cells(tmp_path / "a.xlsx"))
