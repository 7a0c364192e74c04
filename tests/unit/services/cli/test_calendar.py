"""`anxin calendar`. The notice of 2027 in this file is MADE UP: nobody has announced these days."""

import json
import re
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.cli.policies import check_policy
from services.runtime.policy_files import office_calendar
from services.runtime.settings import Settings

RUN = CliRunner(env={"COLUMNS": "120"})
MADE_UP = """# 编造的通知，只用于测试
year = 2027
status = "published"
notice = "编造〔2026〕0号 (2026-12-10)"
title = "编造"
number = "编造〔2026〕0号"
known_from = 2026-12-10
working_days = 252

[days_off]
2027-01-01 = "元旦"
2027-02-05 = "春节"
2027-02-06 = "春节"
2027-02-07 = "春节"
2027-02-08 = "春节"
2027-02-09 = "春节"
2027-02-10 = "春节"
2027-04-05 = "清明节"
2027-05-03 = "劳动节"
2027-06-09 = "端午节"
2027-09-15 = "中秋节"
2027-10-01 = "国庆节"

[makeup]
2027-01-30 = "春节"
"""


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = Path(shutil.copytree(Settings().policies, tmp_path / "policies"))
    (copy / "calendars" / "cn-2027.toml").unlink(missing_ok=True)
    monkeypatch.setenv("ANXIN_POLICIES", str(copy))
    return copy


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.toml"
    path.write_text(MADE_UP, encoding="utf-8")
    return path


def test_a_notice_is_shown_and_written(policies, notice):
    done = RUN.invoke(app, ["calendar", "import", str(notice)])
    assert done.exit_code == 0, done.output
    rows = [line.split("│") for line in done.stdout.splitlines() if "│" in line]
    assert [tuple(cell.strip() for cell in row) for row in rows] == [
        ("2027-01-30（周六）", "周末", "春节调休上班"),
        ("2027-02-09（周二）", "工作日", "春节放假"),
        ("2027-02-10（周三）", "工作日", "春节放假"),
        ("2027-05-03（周一）", "工作日", "劳动节放假"),
    ]
    assert "2027 年 252 个工作日，此前暂定 254 个；4 天有变" in done.stdout
    written = policies / "calendars" / "cn-2027.toml"
    assert written.read_bytes() == notice.read_bytes()
    assert list(policies.glob("calendars/*.new")) == []


def test_it_counts_from_then_on_and_what_was_known_stays_known(policies, notice):
    known_on = date(2026, 12, 9)
    before = office_calendar(policies)
    assert RUN.invoke(app, ["calendar", "import", str(notice)]).exit_code == 0
    assert office_calendar(policies).published_until == date(2027, 12, 31)
    eve = office_calendar(policies, known_on=known_on)
    assert eve.days_off == before.days_off
    assert eve.published_until == date(2026, 12, 31)
    assert (policies / "calendars" / "cn-2027.provisional.toml").is_file()
    result = check_policy(Settings(policies=policies), known_on)
    assert [one for one in result["misses"] if one["id"].startswith("cal")] == []


def test_it_may_be_tried_on_a_copy(policies, notice, tmp_path):
    copy = Path(shutil.copytree(policies, tmp_path / "copy"))
    done = RUN.invoke(app, ["calendar", "import", str(notice), "--policies", str(copy)])
    assert done.exit_code == 0
    assert (copy / "calendars" / "cn-2027.toml").is_file()
    assert not (policies / "calendars" / "cn-2027.toml").exists()


def test_a_dry_run_writes_nothing(policies, notice):
    done = RUN.invoke(app, ["calendar", "import", str(notice), "--dry-run", "--json"])
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["written"] is None
    assert (said["working_days"], said["working_days_before"]) == (252, 254)
    assert said["number"] == "编造〔2026〕0号"
    assert said["changed"][0] == {
        "day": "2027-01-30",
        "before": "周末",
        "after": "春节调休上班",
        "works": True,
    }
    assert not (policies / "calendars" / "cn-2027.toml").exists()
    assert "未写入" in RUN.invoke(app, ["calendar", "import", str(notice), "--dry-run"]).stdout


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("working_days = 252", "working_days = 251", 1, "252 个工作日，文件写的是 251"),
        ('number = "编造〔2026〕0号"', 'number = ""', 1, "缺少 number：通知文号"),
        ("2027-01-30", "2027-01-29", 1, "2027-01-29（周五）是平日，不会是调休上班日"),
        ("year = 2027", "year = 2028", 1, "2027-01-01 不属于 2028 年"),
        ('"published"', '"provisional"', 1, "只有已公布的通知才能导入"),
        ("[days_off]", "[days_off", 2, "不是 TOML"),
    ],
)
def test_an_unsound_file_is_refused_with_its_reason(policies, notice, old, new, code, said):
    notice.write_text(MADE_UP.replace(old, new, 1), encoding="utf-8")
    done = RUN.invoke(app, ["calendar", "import", str(notice)])
    assert done.exit_code == code
    assert said in done.stderr
    assert str(notice) in done.stderr
    assert not (policies / "calendars" / "cn-2027.toml").exists()
    answer = RUN.invoke(app, ["calendar", "import", str(notice), "--json"])
    assert answer.exit_code == code
    if code == 1:
        assert any(said in one for one in json.loads(answer.stdout)["problems"])


def test_not_utf_8(policies, notice):
    notice.write_bytes(MADE_UP.encode("gb18030"))
    done = RUN.invoke(app, ["calendar", "import", str(notice)])
    assert done.exit_code == 2
    assert "不是 UTF-8" in done.stderr


def test_years_come_in_turn(policies, notice, tmp_path):
    gap = tmp_path / "gap.toml"
    text = (policies / "calendars" / "cn-2026.toml").read_text(encoding="utf-8")
    gap.write_text(text, encoding="utf-8")
    again = RUN.invoke(app, ["calendar", "import", str(gap)])
    assert again.exit_code == 1
    assert "2026 年已有公布的日历；调整放假的通知请写进 cn-2026.toml" in again.stderr
    empty = '[days_off]\n"2028-01-03" = "元旦"\n[makeup]\n'
    head = MADE_UP.partition("[days_off]")[0].replace("2027", "2028").replace("2026-", "2027-")
    gap.write_text(head.replace("252", "259") + empty, encoding="utf-8")
    done = RUN.invoke(app, ["calendar", "import", str(gap)])
    assert done.exit_code == 1
    assert "已公布到 2026 年，下一份应是 2027 年，不是 2028 年" in done.stderr


def test_a_folder_that_cannot_be_written_is_said(policies, notice):
    (policies / "calendars" / "cn-2027.new").mkdir()  # where the fresh file would be
    done = RUN.invoke(app, ["calendar", "import", str(notice)])
    assert done.exit_code == 1
    assert "cn-2027.toml：写不进去" in done.stderr


def test_a_year_on_the_screen():
    done = RUN.invoke(app, ["calendar", "show", "2026"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert sum("一   二   三   四   五   六   日" in line for line in lines) >= 4
    assert len(re.findall(r"\d休", done.stdout)) == 33
    assert len(re.findall(r"\d班", done.stdout)) == 6
    assert "国庆节：2026-10-01（周四）至2026-10-07（周三）" in lines
    assert "2026 年 248 个工作日（休 = 放假，班 = 调休上班）" in lines
    assert "国办发明电〔2025〕7号" in lines[-1]


def test_a_year_in_json_is_the_file_of_the_year():
    said = json.loads(RUN.invoke(app, ["calendar", "show", "2026", "--json"]).stdout)
    file = tomllib.loads(Path("policies/calendars/cn-2026.toml").read_text("utf-8"))
    for name in ("year", "status", "number", "working_days", "days_off", "makeup"):
        assert said[name] == file[name]
    assert said["known_from"] == "2025-11-04"


def test_a_year_nobody_announced_says_so(policies):
    assert "暂定：国务院通知尚未公布" in RUN.invoke(app, ["calendar", "show", "2027"]).stdout
    assert "没有这一年的放假安排" in RUN.invoke(app, ["calendar", "show", "2030"]).stdout
    assert RUN.invoke(app, ["calendar", "show", "20270"]).exit_code == 2


def test_the_horizon_says_for_each_limit_from_when_on_it_is_provisional(policies):
    done = RUN.invoke(app, ["calendar", "horizon", "--json"])
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["published_until"] == "2026-12-31"
    until = {one["clock"]: one["certain_if_started_by"] for one in said["clocks"]}
    assert until["S09"] == "2026-12-24"  # 25, 28, 29, 30, 31
    assert until["S10"] == "2026-10-09"
    text = RUN.invoke(app, ["calendar", "horizon"]).stdout
    assert "放假安排公布到 2026-12-31" in text
    assert "2026-12-24" in text


def test_without_a_published_year_everything_is_provisional(policies):
    for path in policies.glob("calendars/cn-????.toml"):
        path.unlink()
    text = RUN.invoke(app, ["calendar", "horizon"]).stdout
    assert "所有按工作日计算的期限都是暂定的" in text


def test_a_deadline_is_explained_with_the_hours_of_an_office(policies):
    hours = "\n".join(f'{day} = [["09:00", "16:00"]]' for day in range(5))
    office = policies / "office.toml"
    common = office.read_text(encoding="utf-8")
    office.write_text(f"{common}\n[offices.420704001.windows]\n{hours}\n", encoding="utf-8")

    def explained(*more: str) -> str:
        done = RUN.invoke(app, ["deadline", "explain", "S03", "2026-07-01T15:00", *more])
        assert done.exit_code == 0
        return done.stdout

    assert "届满：2026-07-02（周四）12:00" in explained("--office", "420704001")
    assert "届满：2026-07-02（周四）10:00" in explained()
    assert explained("--office", "420704002") == explained()
    wrong = RUN.invoke(app, ["deadline", "explain", "S03", "2026-07-01", "--office", "4207"])
    assert wrong.exit_code == 2
    assert "没有单位代码或岗位 4207" in wrong.stderr
