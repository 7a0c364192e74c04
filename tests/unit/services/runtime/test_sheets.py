import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from schemas.event import Refused
from services.runtime import sheets, workbook
from services.runtime.sheets import Unreadable, cells, lines
from tests.support.xlsx import Formula, write_xlsx

ROWS = [["工单编号", "内容"], ["EZ1", "拖欠工资"]]


def written(path, raw: bytes):
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_of_exports(tmp_path, encoding):
    text = "工单编号,内容\r\nEZ1,拖欠工资\r\n".encode(encoding)
    assert list(cells(written(tmp_path / "a.csv", text))) == [(1, ROWS[0]), (2, ROWS[1])]


def test_csv_in_no_known_encoding_is_refused_whole(tmp_path):
    with pytest.raises(Unreadable, match="GB18030"):
        list(cells(written(tmp_path / "a.csv", b"a,b\n\xff\xff,x\n")))


def test_utf8_with_a_broken_character_is_not_read_as_gb18030(tmp_path):
    good = "order_no,content\n1,市民反映某超市拖欠工资三千元\n2,".encode()
    raw = good + "拖欠工资".encode()[:-1] + b"\n"
    with pytest.raises(Unreadable, match="第 3 行"):
        list(cells(written(tmp_path / "a.csv", raw)))
    with pytest.raises(Unreadable, match="UTF-8"):
        list(cells(written(tmp_path / "b.csv", b"\xef\xbb\xbf" + "内容".encode("gb18030"))))


def test_tabs_in_a_file_called_csv(tmp_path):
    text = "\n".join("\t".join(row) for row in ROWS)
    assert [row for _, row in cells(written(tmp_path / "a.csv", text.encode()))] == ROWS


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


def test_a_formula_is_what_a_spreadsheet_made_of_it(tmp_path):
    row = [Formula("A1", "EZ1"), Formula("1+1", 2.0), Formula('""', "")]
    path = write_xlsx(tmp_path / "a.xlsx", {"表": [row]})
    assert list(cells(path)) == [(1, ["EZ1", 2.0, ""])]


def test_a_formula_that_nobody_counted_is_named(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"表": [["工单编号"], ["EZ1", Formula("1+1", None)]]})
    with pytest.raises(Unreadable, match=r"B2 .*没有计算结果"):
        list(cells(path))


def test_an_error_in_a_cell_is_named(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"表": ROWS})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/x.xml", '<c r="C7" t="e"><v>#N/A</v></c>')
    with pytest.raises(Unreadable, match=r"C7 .*错误值"):
        list(cells(path))


def test_an_old_workbook_is_read_whatever_it_is_called(tmp_path):
    old = (Path(__file__).resolve().parents[3] / "vectors/exports/12345.xls").read_bytes()
    rows = [row for _, row in cells(written(tmp_path / "a.xlsx", old))]
    assert rows[0][0].startswith("鄂州市12345热线")
    assert rows[3][6] == datetime(2025, 8, 28, 9, 5)  # noqa: DTZ001 - a cell has no zone


def shared(path, chars: int, cells_: int):
    """A workbook whose cells all show one long text that is written once."""
    write_xlsx(path, {"表": [["工单编号"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    kind = "sharedStrings"
    types, book = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    form = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    said = f'<Override PartName="/xl/{kind}.xml" ContentType="{form}.{kind}+xml"/></Types>'
    parts[types] = parts[types].replace("</Types>", said)
    link = parts[book].split('Type="')[1].rsplit("/", 1)[0].split('"')[0].rsplit("/", 1)[0]
    tie = f'<Relationship Id="rId9" Type="{link}/{kind}" Target="{kind}.xml"/></Relationships>'
    parts[book] = parts[book].replace("</Relationships>", tie)
    main = parts["xl/worksheets/sheet1.xml"].split(">")[0].removeprefix("<worksheet ")
    parts[f"xl/{kind}.xml"] = f"<sst {main}><si><t>{'A' * chars}</t></si></sst>"
    rows = '<row><c t="s"><v>0</v></c></row>' * cells_
    parts["xl/worksheets/sheet1.xml"] = (
        f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def test_a_small_workbook_that_asks_for_all_memory_costs_its_own_process_only(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(workbook, "MEMORY_BYTES_MAX", 300_000_000)
    assert len(list(cells(shared(tmp_path / "a.xlsx", 10, 3)))) == 3
    bomb = shared(tmp_path / "b.xlsx", 1_000_000, 20_000)  # 20 GB of text
    assert bomb.stat().st_size < 100_000
    with pytest.raises(Unreadable, match="内存"):
        list(cells(bomb))


def test_a_part_that_lies_about_its_size_is_not_unpacked_further(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"表": ROWS})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/x.xml", b" " * 50_000_000)
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x01\x02")  # the last entry of the directory; 24: its unpacked size
    raw[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(Unreadable, match="已损坏"):
        list(cells(written(path, raw)))


def test_a_workbook_that_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "READ_S_MAX", 0.001)
    with pytest.raises(Unreadable, match="拆成"):
        list(cells(write_xlsx(tmp_path / "a.xlsx", {"表": ROWS})))


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
