"""`anxin policy …` without a broker: what it says, what it refuses, how it exits. The topic is a dictionary here."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli.__main__ import app
from services.cli.policies import check_policy
from services.cli.policy_diff import diff
from services.cli.policy_statute import KEY, SEALED, moved, statutory
from services.runtime import policy_reader
from services.runtime.policy_bundle import Bundle, bundle_of, folder_of
from services.runtime.policy_files import table
from services.runtime.publish import NotNow
from services.runtime.settings import Settings

HERE = Settings().policies
TODAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 2, tzinfo=UTC)
NOTICE = "国务院令第999号（虚构）"
RUN = CliRunner()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE, tmp_path / "policies"))


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> dict[str, Bundle]:
    held: dict[str, Bundle] = {}

    def publish(_settings: Settings, one: Bundle, at: datetime) -> Bundle:
        held[one.hash] = replace(one, published_at=at)
        return held[one.hash]

    monkeypatch.setattr(policy_reader, "bundles", lambda _settings: dict(held))
    monkeypatch.setattr(policy_reader, "publish", publish)
    return held


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def run(*words: Any) -> Result:
    done = RUN.invoke(app, ["policy", *map(str, words)], env={"COLUMNS": "240"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def refused(folder: Path) -> list[str]:
    result = check_policy(Settings(policies=folder), TODAY)
    return [miss["got"] for miss in result["misses"] if miss["id"] == "statutory"]


ROW = ",wd,5,,,,2|1,yes,ours,R3_brigade>R4,,补正"


# 法定期限
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ROW, ROW.replace("wd,5", "wd,6"), "S09：时限 5 → 6"),
        (ROW, ROW.replace("wd,5", "cd,5"), "S09：单位 wd → cd"),
        (ROW, ROW.replace("yes", "no"), "S09：法定硬期限 yes → no"),
        (ROW, ROW.replace("ours", "window"), "S09：性质 ours → window"),
        ("SubmissionReceived,accepted|refused|closed", "signed,accepted", "S09：起算"),
        ("§18,law,filing", "§18,own,filing", "S09：来源标记 law → own"),
        ("S09,,受理或不予受理", "S99,,受理或不予受理", "S09：法定期限被删除"),
        (
            ",60,,30,负责人 of the bureau,20|",
            ",60,,90,负责人 of the bureau,20|",
            "S10：可延长 30 → 90",
        ),
    ],
)
def test_a_statutory_row_changes_only_with_its_notice(copy, old, new, said):
    edit(copy, "clocks.csv", old, new)
    got = refused(copy)
    assert any(one.startswith(said) for one in got), got
    assert all("statutory_change" in one or "seal" in one for one in got)
    assert run("seal", copy).exit_code == 1
    edit(copy, "manifest.toml", 'statutory_change = ""', f'statutory_change = "{NOTICE}"')
    assert [one for one in refused(copy) if "尚未封存" not in one] == []
    done = run("seal", copy)
    assert done.exit_code == 0, done.stderr
    assert said in done.stdout
    edit(copy, "manifest.toml", f'statutory_change = "{NOTICE}"', 'statutory_change = ""')
    assert refused(copy) == []


def test_of_every_statutory_row_exactly_the_sealed_cells_are_locked():
    rows = table(HERE / "clocks.csv")
    law = [row for row in rows if row["mark"] == "law"]
    assert len(law) == len(statutory(rows)) > 40
    for row in law:
        for column in row.keys() - {*KEY}:
            other = [one if one is not row else {**one, column: "x"} for one in rows]
            assert len(moved(rows, other)) == (column in SEALED), (row["id"], column)
        assert len(moved(rows, [one for one in rows if one is not row])) == 1
    assert moved(rows, [*rows, {**law[0], "id": "S99"}]) == []


def test_other_rows_and_other_columns_are_the_offices_own(copy):
    edit(copy, "clocks.csv", "non-construction case,wd,5,3", "non-construction case,wd,4,3")
    edit(copy, "clocks.csv", ROW, ROW.replace("2|1", "3|1"))
    assert refused(copy) == []
    assert run("seal", copy, "--json").exit_code == 0
    sealed = (copy / "statutory.lock").read_text(encoding="utf-8")
    assert sealed == (HERE / "statutory.lock").read_text(encoding="utf-8")


def test_a_statutory_row_that_is_not_sealed_is_named(copy):
    (copy / "statutory.lock").unlink()
    got = refused(copy)
    assert "S09：法定期限尚未封存，请运行 anxin policy seal" in got
    assert run("seal", copy).exit_code == 0
    assert refused(copy) == []


# publish, list
def test_published_twice_is_once(copy, topic):
    first = json.loads(run("publish", copy, "--json").stdout)
    assert (first["new"], first["hash"]) == (True, bundle_of(copy).hash)
    again = run("publish", copy)
    assert (again.exit_code, len(topic)) == (0, 1)
    assert again.stdout.startswith("早已发布，未重复发布：2025.1")
    assert not json.loads(run("publish", copy, "--json").stdout)["new"]


def test_unsound_files_are_not_published(copy, topic):
    edit(copy, "roster.csv", "420704001-G01-a,grid_officer,", "420704001-G01-a,astronaut,")
    done = run("publish", copy)
    assert (done.exit_code, topic) == (1, {})
    assert "escalation：" in done.stderr


def test_what_was_published_last_is_law_too_whatever_the_lock_says(copy, topic):
    assert run("publish", copy).exit_code == 0
    edit(copy, "clocks.csv", ROW, ROW.replace("wd,5", "wd,6"))
    (copy / "statutory.lock").unlink()
    assert run("seal", copy).exit_code == 0  # a lock made anew knows nothing of what was
    done = run("publish", copy)
    assert (done.exit_code, len(topic)) == (1, 1)
    assert "S09：时限 5 → 6" in done.stderr
    edit(copy, "manifest.toml", 'statutory_change = ""', f'statutory_change = "{NOTICE}"')
    done = run("publish", copy)
    assert (done.exit_code, len(topic)) == (0, 2)
    assert f"法定期限变动（{NOTICE}）：S09：时限 5 → 6" in done.stdout


def test_the_list_says_which_is_in_force(copy, topic, monkeypatch):
    monkeypatch.setenv("ANXIN_POLICIES", str(copy))
    for version, day in (("a", "2026-01-01"), ("b", "2026-02-01"), ("c", "2999-01-01")):
        (copy / "manifest.toml").write_text(f'version = "{version}"\neffective_from = {day}\n')
        assert run("publish", copy).exit_code == 0
    states = {one["version"]: one["state"] for one in json.loads(run("list", "--json").stdout)}
    assert states == {"a": "已被替代", "b": "现行", "c": "待生效"}
    human = run("list")
    assert "现行" in human.stdout
    assert human.stdout.rstrip().endswith("，已发布")


def test_a_broker_that_is_away_is_said(monkeypatch):
    def away(_settings: Settings) -> dict[str, Bundle]:
        raise NotNow("Kafka at nowhere does not answer")

    monkeypatch.setattr(policy_reader, "bundles", away)
    for words in (["list"], ["publish"], ["diff", "current", "current"]):
        done = run(*words)
        assert done.exit_code == 70, words
        assert "does not answer" in done.stderr


# diff
def changes(one: Path, other: Path) -> list[tuple[str, str, str, str | None, str | None]]:
    return [(c.file, c.key, c.field, c.old, c.new) for c in diff(one, other)]


def test_the_same_policy_differs_in_nothing(copy, topic):
    assert run("publish", copy).exit_code == 0
    (name,) = topic
    for a, b in ((HERE, copy), (copy, name[:6]), ("current", name)):
        done = run("diff", a, b)
        assert (done.exit_code, done.stdout.strip()) == (0, "两者相同")
    assert run("diff", HERE, copy, "--json").stdout.strip() == "[]"


YEAR = "calendars/cn-2026.toml"
SIGN = "signed|returned|ruled,other case,wh,"


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "said"),
    [
        ("clocks.csv", SIGN + "4", SIGN + "8", ("clocks.csv", "S03", "limit"), ("4", "8")),
        ("verbs.csv", "sign,签收,", "sign2,签收,", ("verbs.csv", "sign", ""), (..., None)),
        ("crime.toml", "workers", "hands", ("crime.toml", "threshold[1].workers", ""), (..., None)),
        (YEAR, '2026-10-10 = "国庆节"', "", ("calendars", "2026-10-10", "日"), ("国庆节调休上班", "周末")),
        (YEAR, "days = 248", "days = 9", ("calendars", "2026", "working_days"), ("248", "9")),
    ],
)  # fmt: skip
def test_a_difference_is_told_by_row_key_or_day(copy, name, old, new, where, said):
    edit(copy, name, old, new)
    (hit,) = (one for one in changes(HERE, copy) if one[:3] == where)
    assert hit[4] == said[1]
    assert said[0] in (..., hit[3])


def test_a_notice_that_replaces_a_provisional_year_is_told_by_its_days(copy):
    """The days are invented."""
    year = copy / "calendars" / "cn-2027.provisional.toml"
    text = year.read_text(encoding="utf-8").replace(
        'status = "provisional"', 'status = "published"'
    )
    text = text.replace("[makeup]", '[makeup]\n2027-01-09 = "虚构"').replace(
        'notice = ""', 'notice = "虚构"'
    )
    year.unlink()
    (copy / "calendars" / "cn-2027.toml").write_text(text, encoding="utf-8")
    assert changes(HERE, copy) == [
        ("calendars", "2027", "status", "provisional", "published"),
        ("calendars", "2027", "notice", "", "虚构"),
        ("calendars", "2027-01-09", "日", "周末", "虚构调休上班"),
    ]


def test_a_row_that_came_and_a_file_that_went(copy):
    (copy / "verbs.csv").unlink()
    with (copy / "places" / "statistical-units.csv").open("a", encoding="utf-8") as file:
        file.write("420704999,虚构,2023,420704001,凤凰街道,same,standard\n")
    found = diff(HERE, copy)
    assert {one.kind for one in found if one.file == "verbs.csv"} == {"removed"}
    (added,) = (one for one in found if one.file.startswith("places"))
    assert (added.kind, added.key[:9]) == ("added", "420704999")
    done = run("diff", HERE, copy)
    assert done.exit_code == 1
    assert "删除" in done.stdout


def test_diff_in_trouble_says_so(copy, topic):
    for word in ("current", "abcdef", "no/such/folder"):
        done = run("diff", HERE, word)
        assert (done.exit_code, "已发布：无" in done.stderr) == (2, True)
    (copy / "office.toml").write_text("[", encoding="utf-8")
    done = run("diff", HERE, copy)
    assert done.exit_code == 2
    assert "check policy" in done.stderr


def test_a_bundle_in_memory_compares_as_its_folder():
    assert diff(HERE, folder_of(bundle_of(HERE).content)) == []
