"""docs/adapters.md says what happens: its file is checked, its limits and codes are those of the code."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.event import ID_CHARS_MAX, RECORD_BYTES_MAX, TEXT_CHARS_MAX, Reason
from schemas.matter import CHANNELS
from services.cli.__main__ import app
from services.runtime import sheets, workbook

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
RUN = CliRunner()


def block(kind: str) -> str:
    [found] = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(block("csv"), encoding="utf-8")
    return path


def test_the_file_of_the_page_is_judged_as_the_page_says(orders, tmp_path):
    report = tmp_path / "report.csv"
    words = ["check", "adapter", "12345", str(orders), "--report", str(report), "--json"]
    done = RUN.invoke(app, words)
    said = json.loads(done.stdout)
    assert (done.exit_code, said["total"], said["passed"]) == (1, 2, 1)
    assert [(one["id"], one["field"]) for one in said["misses"]] == [("row 4", "order_no")]
    assert said["misses"][0]["got"].startswith("缺少来源编号")
    assert [one["row"] for one in said["skipped"]] == [5]
    rows = list(csv.reader(io.StringIO(report.read_text(encoding="utf-8-sig"), newline="")))
    assert [row[0] for row in rows] == ["行号", "3", "4", "5"]


def test_every_code_of_a_record_is_on_the_page():
    table = PAGE.split("## 4.")[1].split("## 5.")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert set(Reason) - {Reason.PROCESSING_ERROR} <= named


def test_limits_and_channels_are_those_of_the_code():
    for number in (TEXT_CHARS_MAX, RECORD_BYTES_MAX, sheets.ROWS_MAX):
        assert f"{number:,}".replace(",", " ") in PAGE
    for number in (sheets.FILE_BYTES_MAX // 10**6, sheets.UNZIPPED_BYTES_MAX // 10**6):
        assert f"{number} MB" in PAGE
    assert f"{workbook.COLUMNS_MAX} columns" in PAGE
    assert f"at most {ID_CHARS_MAX} characters" in PAGE
    assert all(f"`{channel}`" in PAGE for channel in CHANNELS)


def test_every_file_and_command_it_names_exists():
    for name in re.findall(r"`((?:policies|schemas)/[^`*]+)`", PAGE):
        for channel in CHANNELS if "<channel>" in name else ("",):
            assert (ROOT / name.replace("<channel>", channel)).exists(), name
    shell = [
        line
        for part in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in part.splitlines()
    ]
    for line in shell:
        words = line.split("#")[0].split()
        if words[0] == "anxin":
            depth = 3 if words[1] in ("check", "quarantine") else 2
            done = RUN.invoke(app, [*words[1:depth], "--help"])
            assert done.exit_code == 0, line
            options = [word.split("=")[0] for word in words if word.startswith("--")]
            assert all(option in re.sub(r"\s", "", done.stdout) for option in options), line
