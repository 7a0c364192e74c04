"""`anxin policy preview`: which cases of the last days a proposed grid map sends to somebody else."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.runtime.rows import Row, encode_row
from services.runtime.settings import Settings
from tests.support.router import village
from tests.support.story import Story
from tests.unit.services.cli.test_route_test import swap

RUN = CliRunner()
AT = "2026-09-29T09:00"
PLACES = {"A": "420704107003", "B": "420704107202", "C": "420704107002"}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two cases of this month, one of August."""
    lines = []
    for number, (name, code) in enumerate(PLACES.items()):
        day = "2026-08-03" if name == "C" else f"2026-09-{20 + number}"
        story = Story(f"{day} 09:00").opened("12345", name, places=(village(code),))
        lines.append(encode_row(Row(story.row)))
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines))
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(Settings().policies, tmp_path / "new"))
    swap(folder, "420704107-G01", "420704107-G02")
    return folder


def run(*words: object) -> str:
    command = ["policy", "preview", *map(str, words), "--at", AT]
    done = RUN.invoke(app, command, env={"COLUMNS": "240"})
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_same_map_moves_nobody(rows):
    said = json.loads(run(Settings().policies, "--rows", rows, "--json"))["routes"]
    assert (said["cases"], said["moved"], said["by_grid"]) == (2, [], {})
    assert said["old_map"] == said["new_map"]


def test_a_map_of_tomorrow_is_tried_as_if_its_day_had_come(new, rows):
    said = json.loads(run(new, "--rows", rows, "--json"))["routes"]
    assert (said["days"], said["cases"], said["new_map"][:10]) == (30, 2, "2027-01-01")
    (moved,) = said["moved"]
    assert (moved["old"]["key"], moved["new"]["key"]) == ("420704107-G02", "420704107-G01")
    assert said["by_grid"] == {
        "420704107-G01": {"before": 0, "after": 1},
        "420704107-G02": {"before": 1, "after": 0},
    }


def test_a_person_reads_who_would_get_it(new, rows):
    said = run(new, "--rows", rows)
    assert "花湖镇 420704107-G02" in said
    assert "近 30 天登记的 2 件，1 件会派给别人" in said
    assert "已派出的案件不动" in said


def test_the_days_are_a_choice(new, rows):
    said = json.loads(run(new, "--rows", rows, "--days", 60, "--json"))["routes"]
    assert (said["cases"], len(said["moved"])) == (3, 2)
    assert "网格图" not in run(new, "--rows", rows, "--days", 0)
