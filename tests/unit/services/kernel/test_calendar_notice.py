import tomllib
from datetime import date
from pathlib import Path

import pytest

from services.kernel.calendar_notice import notice_problems, year_problems

SOUND = tomllib.loads(Path("policies/calendars/cn-2026.toml").read_text("utf-8"))
OFF, MAKEUP = SOUND["days_off"], SOUND["makeup"]


def test_every_published_year_is_sound():
    for path in Path("policies/calendars").glob("cn-????.toml"):
        assert notice_problems(tomllib.loads(path.read_text("utf-8"))) == []


def test_a_provisional_year_is_a_sound_year_and_no_notice():
    guess = tomllib.loads(Path("policies/calendars/cn-2027.provisional.toml").read_text("utf-8"))
    assert year_problems(guess) == []
    said = "\n".join(notice_problems(guess))
    assert "缺少 number：通知文号" in said
    assert "只有已公布的通知才能导入" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": ""}, ["缺少 number：通知文号，如 国办发明电〔2025〕7号"]),
        ({"notice": None}, ["缺少 notice：国务院办公厅通知及日期"]),
        ({"known_from": "下月"}, ["known_from 不是日期：'下月'，应写作 2026-11-04（不加引号）"]),
        ({"known_from": date(2062, 11, 4)}, ["known_from 2062-11-04 不在 2026 年或其前一年"]),
        ({"year": "2026"}, ["year 不是年份：'2026'"]),
        ({"year": True}, ["year 不是年份：True"]),
        ({"working_days": 250}, ["按所列日期全年有 248 个工作日，文件写的是 250"]),
        ({"working_days": None}, ["缺少 working_days：全年工作日数，按所列日期是 248"]),
        (
            {"makeup": None},
            ["days_off 和 makeup 都要有，各是一张表：日期 = 节日；没有调休就留空表"],
        ),
        (
            {"days_off": OFF | {"10月1日": "国庆节"}},
            ["days_off 里的 '10月1日' 不是日期，应写作 2026-01-01"],
        ),
        (
            {"makeup": MAKEUP | {"2026-02-18": "春节"}, "working_days": 249},
            ["2026-02-18（周三）既放假又调休上班"],
        ),
        (
            {"makeup": MAKEUP | {"2026-03-11": "春节"}},
            ["2026-03-11（周三）是平日，不会是调休上班日"],
        ),
        (
            {"days_off": OFF | {"2025-12-31": "元旦"}},
            ["2025-12-31 不属于 2026 年：请写进 cn-2025.toml 的 [[amendments]]"],
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(change, said):
    assert notice_problems(SOUND | change) == said


def test_a_day_lost_is_a_day_too_many():
    off = {day: name for day, name in OFF.items() if day != "2026-10-07"}
    assert notice_problems(SOUND | {"days_off": off}) == [
        "按所列日期全年有 249 个工作日，文件写的是 248"
    ]
    assert date(2026, 10, 7).weekday() < 5
