"""A broken copy of the policies folder: every problem by the name of its file, never a traceback."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.cli.policies import check_policy
from services.runtime.settings import Settings

TODAY = date(2026, 11, 16)
GRIDS = "grids/2025-01-01.csv"
PROOF = f"coverage {GRIDS}"
RUN = CliRunner()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Settings().policies, tmp_path / "policies"))


def misses(folder: Path, today: date = TODAY) -> dict[str, list[str]]:
    """By id, what was got. Every check is still counted, whatever is broken."""
    result = check_policy(Settings(policies=folder), today)
    assert result["total"] == result["passed"] + result["failed"] == len(result["checked"])
    assert (result["failed"] == 0) == (result["misses"] == [])
    found: dict[str, list[str]] = {}
    for miss in result["misses"]:
        assert set(miss) == {"id", "field", "expected", "got"}
        found.setdefault(miss["id"], []).append(miss["got"])
    return found


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_policies_of_this_repository_are_sound():
    result = check_policy(Settings(), TODAY)
    assert result["misses"] == []
    found = {one["id"]: one["found"] for one in result["checked"] if one["field"] != "form"}
    assert found[PROOF] == "129 grids, 14 units, 171 villages, 18 of them cut"
    assert "horizon 2026-12-31" in found["calendars"]
    assert found["clocks"].startswith("66 rules")
    assert {"categories", "intake", "router", "escalation"} <= set(found)
    assert all(one["version"] for one in result["checked"] if one["field"] == "form")


NAMES = sorted(
    str(path.relative_to(Settings().policies))
    for path in Settings().policies.rglob("*")
    if path.suffix in (".csv", ".toml")
)
DATED = ("calendars/", "grids/")
NEEDED = [name for name in NAMES if not name.startswith(DATED)]
"""Not by a name of their own: years and maps come and go."""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xca\xd0\xb5\xd8", "not UTF-8 at byte 0"),
        (b"\xef\xbb\xbfcode,name\n1,2\n", "byte order mark"),
        (b'a,b\n"1,2\n[', ""),
        (b"", ""),
    ],
    ids=["gb18030", "bom", "garbage", "empty"],
)
def test_every_unreadable_file_is_named(copy, content, said):
    for name in NAMES:
        (copy / name).write_bytes(content)
    found = misses(copy)
    sound = [
        name for name in NAMES if name not in found and not (name.endswith("toml") and not content)
    ]
    assert sound == []
    assert all(said in found[name][0] for name in NAMES if name in found)


@pytest.mark.parametrize(
    "name", ["roster.csv", "calendars/cn-2020.toml", "places/units.csv", GRIDS]
)
def test_one_broken_file_stops_only_the_checks_that_need_it(copy, name):
    (copy / name).write_bytes(b"\xff")
    found = misses(copy)
    assert found.pop(name) == ["not UTF-8 at byte 0"]
    assert found
    assert all(got == [f"not checked: {name} first"] for got in found.values())


def test_every_missing_file_is_named(copy):
    for name in NEEDED:
        (copy / name).unlink()
    found = misses(copy)
    assert [name for name in NEEDED if found.get(name) != ["the file is missing"]] == []


def test_a_missing_column_short_rows_and_repeated_keys_are_named(copy):
    edit(copy, "places/units.csv", ",grids,", ",grid_count,")
    edit(copy, "verbs.csv", "sign,签收,", "sign,")
    with (copy / "categories.csv").open("a", encoding="utf-8") as file:
        file.write((copy / "categories.csv").read_text(encoding="utf-8").splitlines()[1] + "\n")
    (copy / "roster.csv").write_text("account,post,grid,unit_code,absent_from,absent_to,mark\n")
    found = misses(copy)
    assert found["places/units.csv"] == ["no column grids"]
    assert found["verbs.csv"] == ["row 2: 3 cells, the header has 4"]
    assert found["categories.csv"] == ["code 'wages': twice"]
    assert found["roster.csv"] == ["no rows"]
    assert found["router"] == ["not checked: categories.csv, places/units.csv first"]


def test_a_gap_and_an_overlap_are_named(copy):
    edit(
        copy,
        GRIDS,
        "420704108-G01,420704108,长港镇,",
        "420704108-G01,420704108,长港镇,420704999001|",
    )
    rows = (copy / GRIDS).read_text(encoding="utf-8").splitlines()
    (copy / GRIDS).write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8")
    got = " ".join(misses(copy)[PROOF])
    assert "128 grids, not 129" in got
    assert "unit 420704200: 1 grids, not 2" in got
    assert "gap: village 420704200" in got
    assert "village 420704999001 is unknown" in got


def test_a_map_whose_name_is_no_date_and_no_map_at_all(copy):
    (copy / GRIDS).rename(copy / "grids" / "next.csv")
    assert misses(copy)["coverage grids/next.csv"] == [
        "the name is no date: grids/<valid from>.csv"
    ]
    (copy / "grids" / "next.csv").unlink()
    assert "grids: no dated map" in misses(copy)["router"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("S01,auto,", "S01,auto2,", None),
        ("0.016667", "soon", "S01/auto"),
        (",every case,h,", ",every case,fortnight,", "fortnight"),
        ("自定：60 秒", "", "S01/auto: no basis"),
    ],
)
def test_every_clock_that_cannot_be_read_is_named(copy, old, new, said):
    text = (copy / "clocks.csv").read_text(encoding="utf-8")
    new = new or '""'
    (copy / "clocks.csv").write_text(
        text.replace(f'"{old}"', new, 1) if f'"{old}"' in text else text.replace(old, new, 1),
        encoding="utf-8",
    )
    got = misses(copy).get("clocks", [])
    assert (said is None and not got) or (len(got) == 1 and said in got[0]), got


def test_calendars_have_no_hole_and_no_wrong_day_and_a_passed_horizon_is_no_fault(copy):
    assert "calendars" not in misses(copy, date(2027, 1, 1))
    edit(copy, "calendars/cn-2026.toml", '2026-10-01 = "国庆节"', '2025-10-01 = "国庆节"')
    edit(copy, "calendars/cn-2024.toml", "year = 2024", 'year = "dragon"')
    got = misses(copy)["calendars"]
    assert "cn-2026.toml: 2025-10-01 不属于 2026 年：请写进 cn-2025.toml 的 [[amendments]]" in got
    assert "cn-2026.toml: 按所列日期全年有 249 个工作日，文件写的是 248" in got
    assert any(one.startswith("cn-2024.toml: ") for one in got)
    (copy / "calendars" / "cn-2024.toml").unlink()
    edit(copy, "calendars/cn-2026.toml", '2025-10-01 = "国庆节"', '2026-10-01 = "国庆节"')
    assert "not consecutive" in misses(copy)["calendars"][0]


def test_hours_of_an_office_are_of_one_that_exists_and_opens_on_the_common_days(copy):
    office = copy / "office.toml"
    common = office.read_text(encoding="utf-8")

    def written(name: str, days: range) -> dict[str, list[str]]:
        lines = [f'{day} = [["09:00", "16:00"]]' for day in days]
        own = "\n".join([common, f"[offices.{name}.windows]", *lines])
        office.write_text(own, encoding="utf-8")
        return misses(copy)

    assert "calendars" not in written("420704001", range(5))
    assert written("420704999", range(5))["calendars"] == [
        "office.toml: no unit and no post '420704999'"
    ]
    assert "open on other weekdays" in written("centre_duty", range(6))["calendars"][0]


def test_a_code_without_a_category_and_an_exit_without_advice_are_named(copy):
    edit(copy, "db44-codes.csv", ",exit_capacity,", ",exit_nowhere,")
    edit(copy, "categories.csv", "公积金缴存由住房公积金管理中心受理。", "")
    found = misses(copy)
    assert found["categories"] == ["db44-codes.csv 080402: no category 'exit_nowhere'"]
    assert found["router"] == ["categories.csv: exit_housing_fund names no channel or no advice"]


def test_what_escalation_cannot_join_is_named(copy):
    edit(copy, "roster.csv", "420704001-G01-a,grid_officer,", "420704001-G01-a,astronaut,")
    assert any("astronaut" in got for got in misses(copy)["escalation"])


def test_the_command_tells_people_and_machines(copy):
    good = RUN.invoke(app, ["check", "policy"], env={"COLUMNS": "200"})
    assert good.exit_code == 0, good.output
    assert "420704001 │ 凤凰街道 │ 22" in good.stdout
    (copy / "office.toml").unlink()
    bad = RUN.invoke(app, ["check", "policy", "--policies", str(copy), "--json"])
    assert bad.exit_code == 1
    assert isinstance(bad.exception, SystemExit)
    said = json.loads(bad.stdout)
    assert said["misses"][0] == {
        "id": "office.toml",
        "field": "form",
        "expected": "a sound file",
        "got": "the file is missing",
    }
    human = RUN.invoke(app, ["check", "policy", "--policies", str(copy)], env={"COLUMNS": "200"})
    assert human.exit_code == 1
    assert "the file is missing" in human.stdout
