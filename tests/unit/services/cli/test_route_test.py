"""`anxin route test`: the map's own cases hold; every miss is told; a file that cannot be read is one line."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli.__main__ import app
from services.escalation.settings import policy_in
from services.runtime.settings import Settings

RUN = CliRunner()
FILE = Path(__file__).parents[3] / "vectors" / "routes.csv"
ROW = "id,text,unit,grid\nA,花湖镇金鸡桥社区某超市欠薪,花湖镇,420704107-G02\n"


def run(*words: object) -> Result:
    done = RUN.invoke(app, ["route", "test", *map(str, words)], env={"COLUMNS": "200"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def written(folder: Path, text: str) -> Path:
    path = folder / "routes.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_map_of_this_repository_sends_every_case_of_the_file_right():
    done = run(FILE, "--json")
    assert (done.exit_code, json.loads(done.stdout)["misses"]) == (0, [])


def test_the_file_has_enough_of_every_kind():
    rows = list(csv.DictReader(FILE.open(encoding="utf-8")))
    assert len(rows) >= 60
    assert sum(bool(row["trap"]) for row in rows) >= 30
    units = {row["unit"] for row in rows} - {""}
    assert len(units) == 14
    assert {"town_squad_leader", "grid_officer", "brigade_leader", "centre_duty"} <= {
        row["post"] for row in rows
    }
    assert {"12345", "12333", "national", "provincial", "window", "patrol"} <= {
        row["channel"] or "12345" for row in rows
    }


def test_a_miss_is_exit_1_and_told(tmp_path: Path):
    path = written(tmp_path, ROW + "B,花湖镇金鸡桥社区某超市欠薪,凤凰街道,-\n")
    done = run(path)
    assert done.exit_code == 1
    assert "2 件，1 件派对，1 件派错" in done.stdout
    result = json.loads(run(path, "--json").stdout)
    assert [(one["id"], one["field"], one["got"]) for one in result["misses"]] == [
        ("B", "unit", "花湖镇"),
        ("B", "grid", "420704107-G02"),
    ]


def test_a_proposed_map_is_tried_on_its_day(tmp_path: Path):
    """The two grids change their villages on 2027-01-01: invented."""
    folder = Path(shutil.copytree(Settings().policies, tmp_path / "new"))
    swap(folder, "420704107-G01", "420704107-G02")
    text = ROW.replace("grid\n", "grid,on\n").replace("G02\n", "G02,2026-12-31T23:00\n")
    text += "B,花湖镇金鸡桥社区某超市欠薪,花湖镇,420704107-G01,2027-01-01T00:00\n"
    path = written(tmp_path, text)
    assert run(path, "--policies", folder).exit_code == 0
    assert run(path).exit_code == 1
    said = RUN.invoke(
        app,
        ["route", "explain", "花湖镇金鸡桥社区某超市欠薪", "--policies", str(folder), "--on", "2027-01-01"],
    ).stdout  # fmt: skip
    assert "420704107-G01" in said
    assert "网格图　2027-01-01/" in said


def swap(folder: Path, one: str, other: str) -> None:
    """A map from 2027-01-01 in which two whole grids have each other's villages."""
    rows = list(csv.DictReader((folder / "grids" / "2025-01-01.csv").open(encoding="utf-8")))
    first, second = (next(row for row in rows if row["grid"] == name) for name in (one, other))
    assert not first["section"] and not second["section"]  # noqa: PT018
    for key in ("village_codes", "village_names"):
        first[key], second[key] = second[key], first[key]
    with (folder / "grids" / "2027-01-01.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_record_that_intake_refuses_is_a_miss(tmp_path: Path):
    path = written(tmp_path, 'id,text,verdict\nA,"{""content"": ""欠薪""}",accept\n')
    done = run(path, "--json")
    assert done.exit_code == 1
    assert "拒收" in json.loads(done.stdout)["misses"][0]["got"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,unit\nA,花湖镇\n", "缺少列 text"),
        ("id,text,grids\nA,x,y\n", "没有列 grids"),
        ("id,text,unit\nA,x\n", "第 2 行：单元格个数"),
        ("id,text,unit\nA,x,花湖镇\nA,x,花湖镇\n", "第 3 行：编号空缺或重复"),
        ("id,text,unit\nA, ,花湖镇\n", "第 2 行：没有诉求内容"),
        ("id,text,unit\nA,x,\n", "没有写明应派结果"),
        ("id,text,unit,channel\nA,x,花湖镇,telepathy\n", "没有渠道 telepathy"),
        ("id,text,unit,on\nA,x,花湖镇,someday\n", "A：on"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_2(tmp_path: Path, text: str, said: str):
    done = run(written(tmp_path, text))
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_today_s_grids_stay_known_where_a_later_map_lies_ready(tmp_path: Path):
    """A person may send a case to a grid of the map in force, or of the one to come."""
    folder = Path(shutil.copytree(Settings().policies, tmp_path / "new"))
    swap(folder, "420704107-G01", "420704107-G02")
    later = folder / "grids" / "2027-01-01.csv"
    later.write_text(later.read_text(encoding="utf-8").replace("420704107-G12", "420704107-G99"))
    known = policy_in(folder).grids
    assert {"420704107-G12", "420704107-G99"} <= known
