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


AMENDED = tomllib.loads(Path("policies/calendars/cn-2019.toml").read_text("utf-8"))
REGIONAL = tomllib.loads(Path("policies/calendars/cn-2020.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"adds_days_off": [date(2019, 5, 2), date(2019, 5, 6)]},
            [
                "2019-03-22 的调整增加了 2019-05-06，全年的表里却没有：两张表写最后状态",
                "2019-03-22 的调整：按所列日期 working_days_before 是 249，文件写的是 250",
            ],
        ),
        (
            {"withdraws_makeup": [date(2019, 4, 28)], "adds_makeup": [date(2019, 5, 5)]},
            ["2019-03-22 的调整取消了 2019-04-28，全年的表里却还有：两张表写最后状态"],
        ),
        ({"known_from": "2019-03-22"}, ["[[amendments]] 缺少 known_from（公布之日，不加引号）"]),
        ({"notice": ""}, ["[[amendments]] 缺少 notice（通知名称）"]),
        (
            {"adds_makeup": ["2019-04-28"]},
            ["[[amendments]] 的 adds_makeup 应是日期的列表：[2026-10-08, 2026-10-09]"],
        ),
    ],
)
def test_an_amendment_that_does_not_fit_the_year_is_said(change, said):
    (amendment,) = AMENDED["amendments"]
    found = year_problems(AMENDED | {"amendments": [amendment | change]})
    assert found[: len(said)] == said
    assert year_problems(AMENDED | {"amendments": amendment}) == [
        "amendments 应写作若干个 [[amendments]]"
    ]


def test_amendments_are_undone_newest_first():
    back = {
        "known_from": date(2019, 4, 10),
        "notice": "编造：5月3日照常上班",
        "removes_days_off": [date(2019, 5, 3)],
        "working_days_before": 250,
        "working_days_after": 251,
    }
    off = {day: name for day, name in AMENDED["days_off"].items() if day != "2019-05-03"}
    twice = {"days_off": off, "working_days": 251, "amendments": [back, *AMENDED["amendments"]]}
    assert year_problems(AMENDED | twice) == []
    assert year_problems(AMENDED | twice | {"amendments": [back | {"working_days_before": 9}]}) == [
        "2019-04-10 的调整：按所列日期 working_days_before 是 250，文件写的是 9"
    ]


def test_the_days_of_one_region_are_counted_too():
    (hubei,) = REGIONAL["regional"]
    wrong = hubei | {"working_days_in_region": 241}
    assert year_problems(REGIONAL | {"regional": [wrong]}) == [
        "42 的延长：按所列日期 working_days_in_region 是 240，文件写的是 241"
    ]
    assert year_problems(REGIONAL | {"regional": [hubei | {"region": ""}]}) == [
        "[[regional]] 缺少 region（行政区划代码的开头，如 42）"
    ]
