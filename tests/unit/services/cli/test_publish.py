"""`anxin check adapter` and what `anxin publish` says without a broker."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.runtime import publish
from tests.support.xlsx import write_xlsx

RUN = CliRunner()
EXPORTS = Path(__file__).resolve().parents[3] / "vectors" / "exports"
HEAD = ["序号", "工单编号", "标题", "内容", "联系号码", "受理时间"]
WORDS = "市民反映樊口街道某生鲜超市拖欠工资一万八"
ROWS = [
    ["1", "EZ20250828000451", "拖欠工资", WORDS, "13800001101；13800001102", "2025/8/28 9:05"],
    ["2", "", "拖欠工资", WORDS, "", "2025/8/28 9:06"],
    ["3", "EZ20250828000453", "", "无", "", "2025/8/28 9:07"],
    ["4", "EZ20250828000454", "拖欠工资", WORDS, "", "2999/8/28 9:08"],
    ["5", "EZ20250828000455", "拖欠[工资]", WORDS, "", "2025/8/28 9:09"],
]
BAD = [("order_no", "来源编号"), ("content", "诉求内容"), ("accepted_at", "日期")]


def csv_file(path, encoding="gb18030", rows=ROWS):
    text = "\r\n".join(",".join(row) for row in [HEAD, *rows])
    path.write_bytes(text.encode(encoding))
    return path


def golden(tmp_path, kind):
    if kind == "csv":
        return csv_file(tmp_path / "a.csv")
    if kind == "xlsx":
        return write_xlsx(tmp_path / "a.xlsx", {"工单": [["十一月", ""], HEAD, *ROWS]})
    text = "\n".join(json.dumps(dict(zip(HEAD, row, strict=True))) for row in ROWS)
    (tmp_path / "a.jsonl").write_text(text)
    return tmp_path / "a.jsonl"


@pytest.mark.parametrize(("kind", "first"), [("csv", 2), ("xlsx", 3), ("jsonl", 1)])
def test_every_row_that_intake_would_refuse_is_named(tmp_path, kind, first):
    done = RUN.invoke(app, ["check", "adapter", "12345", str(golden(tmp_path, kind)), "--json"])
    assert done.exit_code == 1, done.output
    said = json.loads(done.stdout)
    assert (said["total"], said["passed"], said["failed"]) == (5, 2, 3)
    assert [miss["id"].split()[1] for miss in said["misses"]] == [
        str(first + place) for place in (1, 2, 3)
    ]
    for miss, (field, words) in zip(said["misses"], BAD, strict=True):
        assert miss["field"] == field
        assert words in miss["got"]


def test_a_clean_file_passes(tmp_path):
    path = csv_file(tmp_path / "a.csv", "utf-8", [ROWS[0], ROWS[4]])
    done = RUN.invoke(app, ["check", "adapter", "12345", str(path)])
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "2 of 2 passed, 0 failed")


def test_an_old_workbook_with_title_double_header_total_and_note(tmp_path):
    done = RUN.invoke(app, ["check", "adapter", "12345", str(EXPORTS / "12345.xls"), "--json"])
    said = json.loads(done.stdout)
    assert (done.exit_code, said["total"], said["passed"]) == (1, 3, 2)
    [miss] = said["misses"]
    assert (miss["id"], miss["field"]) == ("row 6", "order_no")
    assert [one["row"] for one in said["skipped"]] == [7, 8]
    assert [one["field"] for one in said["remarks"]] == ["序号"]


def test_what_is_taken_but_odd_is_told_once_with_its_rows(tmp_path):
    rows = [["1", f"EZ{n}", "欠薪", WORDS, "见附件", "2025/8/28 9:05"] for n in range(3)]
    rows.append(["4", "13800001101", "欠薪", WORDS, "", "2025/8/28 9:05"])
    path = csv_file(tmp_path / "a.csv", rows=rows)
    done = RUN.invoke(app, ["check", "adapter", "12345", str(path), "--json"])
    said = json.loads(done.stdout)
    found = {one["field"]: (one["rows"], one["first_row"]) for one in said["remarks"]}
    assert done.exit_code == 0
    assert found == {"序号": (4, 2), "contact_phone": (3, 2), "order_no": (1, 5)}
    assert "见附件" not in done.stdout


def test_a_report_for_the_sender_says_row_column_and_what_to_do(tmp_path):
    rows = [
        ROWS[0],
        ROWS[1],
        ["3", "=HYPERLINK(1)", "欠薪", "无", "", "2025/8/28 9:05"],
        ["合计", "3"],
    ]
    path, report = csv_file(tmp_path / "a.csv", rows=rows), tmp_path / "r.csv"
    done = RUN.invoke(app, ["check", "adapter", "12345", str(path), "--report", str(report)])
    assert done.exit_code == 1
    found = list(csv.reader(io.StringIO(report.read_bytes().decode("utf-8-sig"), newline="")))
    assert found[0] == ["行号", "来源编号", "结果", "栏目", "原因或提示"]
    refused = [row for row in found if row[2] == "不能接收"]
    assert [(row[0], row[1], row[3]) for row in refused] == [
        ("3", "", "工单编号"),
        ("4", "'=HYPERLINK(1)", "内容"),
    ]
    assert all("请" in row[4] for row in refused)
    assert found[-1][:3] == ["5", "", "不是记录"]


def test_for_people_a_table_with_their_brackets_untouched(tmp_path):
    path = csv_file(tmp_path / "a.csv", rows=[["1", "[/x]", "", "无", "", ""]])
    done = RUN.invoke(app, ["check", "adapter", "12345", str(path)])
    assert done.exit_code == 1
    assert "row 2 [/x]" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "adapter", "66666", "{}"], "known: national"),
        (["publish", "66666", "{}"], "known: national"),
        (["check", "adapter", "12345", "{}", "--system", "A B"], "must match"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(tmp_path, words, said):
    path = str(csv_file(tmp_path / "a.csv"))
    done = RUN.invoke(app, [word.format(path) for word in words])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"no zip")
    done = RUN.invoke(app, ["check", "adapter", "12345", str(tmp_path / "a.xlsx")])
    assert done.exit_code == 2
    assert "不是 .xlsx 文件" in done.stderr


def test_a_broker_that_is_away_is_said_and_nothing_is_called_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("ANXIN_KAFKA", "127.0.0.1:1")
    monkeypatch.setattr(publish, "BOOTSTRAP_MS_MAX", 300)
    done = RUN.invoke(app, ["publish", "12345", str(csv_file(tmp_path / "a.csv")), "--json"])
    assert done.exit_code == 70
    assert json.loads(done.stdout)["sent"] == 0
    assert "127.0.0.1:1 does not answer" in done.stderr
