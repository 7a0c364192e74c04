"""`anxin policy preview` on state rows in a file. The make-up day of the new policy is invented."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli import policy_preview
from services.cli.__main__ import app
from services.runtime.publish import NotNow
from services.runtime.rows import Row, encode_row
from services.runtime.settings import Settings
from tests.support.story import Story, ordinary

HERE = Settings().policies
AT = "2026-09-29T09:00"
RUN = CliRunner()


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Saturday 2026-09-26 is worked, Friday 2026-09-25 stays off: invented."""
    folder = Path(shutil.copytree(HERE, tmp_path / "new"))
    year = folder / "calendars" / "cn-2026.toml"
    text = year.read_text(encoding="utf-8").replace('2026-09-26 = "中秋节"\n', "")
    text = text.replace("[makeup]", '[makeup]\n2026-09-26 = "虚构"')
    year.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two cases, and a row that only remembers."""
    stories = [ordinary(), Story("2026-09-22 09:00").opened("12345", "T1")]
    lines = [encode_row(Row(story.row)) for story in stories]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join([*lines, encode_row(Row(None)), b""]))
    return path


def run(*words: Any) -> Result:
    done = RUN.invoke(app, ["policy", "preview", *map(str, words)], env={"COLUMNS": "240"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_the_same_policy_moves_nothing(rows):
    said = json.loads(run(HERE, "--rows", rows, "--at", AT, "--json").stdout)
    assert (said["cases"], said["moved"]) == (2, [])
    assert said["running"] == sum(row["running"] for row in said["clocks"].values()) > 4
    assert "0 个变动" in run(HERE, "--rows", rows).stdout


def test_a_calendars_effect_shows_by_clock_and_by_case(new, rows, monkeypatch):
    monkeypatch.setenv("COLUMNS", "240")  # words are not broken
    said = json.loads(run(new, "--rows", rows, "--at", AT, "--json").stdout)
    assert said["clocks"]["S09"] == {
        "running": 2,
        "same": 0,
        "earlier": 2,
        "later": 0,
        "gone": 0,
        "overdue": 1,
        "relieved": 0,
    }
    assert said["earlier"] == len(said["moved"])
    one = next(one for one in said["moved"] if one["clock"] == "S09")
    assert (one["old_due"], one["new_due"]) == (
        "2026-09-29 09:30:00+00:00",
        "2026-09-28 09:30:00+00:00",
    )
    assert one["why_zh"] == "2026-09-26（周六）由中秋节放假改为虚构调休上班"
    human = run(new, "--rows", rows, "--at", AT).stdout
    assert "提前，新增逾期" in human
    assert "2026-09-28 17:30" in human
    assert "没有改动任何期限" in human
    assert "（前 1 个）" in run(new, "--rows", rows, "--at", AT, "--limit", 1).stdout


def test_what_cannot_be_read_is_named(new, rows, tmp_path):
    rows.write_bytes(rows.read_bytes() + b"{}\n")
    done = run(new, "--rows", rows)
    assert (done.exit_code, "第 4 行读不出" in done.stderr) == (2, True)
    assert run(new, "--rows", rows, "--at", "noon").exit_code == 2
    (new / "clocks.csv").write_text("id\n", encoding="utf-8")
    done = run(new, "--rows", rows)
    assert (done.exit_code, "anxin check policy" in done.stderr) == (2, True)


def test_a_broker_that_is_away_is_said(new, monkeypatch):
    def away(_settings: Settings) -> Any:
        raise NotNow("Kafka at nowhere does not answer")
        yield b""

    monkeypatch.setattr(policy_preview, "rows_of_cases", away)
    done = run(new)
    assert (done.exit_code, "does not answer" in done.stderr) == (70, True)
