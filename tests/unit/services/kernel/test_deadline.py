import csv
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.kernel.calendar import Calendar, calendar_of
from services.kernel.deadline import Deadline, DeadlineError, clock_rule, deadline_of, explain

YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}


def cn(**changes: object) -> Calendar:
    return calendar_of(YEARS, **({"timezone": "Asia/Shanghai", "windows": OFFICE} | changes))


SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = {
    (row["id"], row["variant"]): clock_rule(row)
    for row in csv.DictReader(Path("policies/clocks.csv").read_text("utf-8").splitlines())
}


def local(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def due(name: str, start: datetime, variant: str = "", **more: object) -> Deadline:
    return deadline_of(RULES[name, variant], start, cn(), **more)


def test_five_working_days_over_the_national_day_holiday():
    deadline = due("S09", local(9, 30, 15))
    assert deadline.due == local(10, 13, 17, 30)
    assert deadline.due.tzinfo is UTC
    assert deadline.hard
    assert not deadline.provisional
    assert deadline.warn_at == (local(10, 10, 17, 30), local(10, 12, 17, 30))


def test_the_hour_of_the_event_moves_no_deadline_in_days():
    assert due("S09", local(9, 30, 0)).due == due("S09", local(9, 30, 23, 59)).due


def test_sixty_working_days_into_an_unpublished_year_are_provisional():
    deadline = due("S10", local(11, 23, 15))
    assert deadline.due == local(2, 18, 17, 30, year=2027)
    assert deadline.provisional
    assert due("S10", local(11, 23, 15), extension=30).due == local(4, 1, 17, 30, year=2027)


def test_a_last_day_in_the_holiday_gives_way_and_a_make_up_saturday_does_not():
    assert due("L16", local(2, 10, 9)).due == local(2, 24, 17, 30)
    assert due("S18", local(12, 31, 9, year=2025), "normal").due == local(2, 28, 17, 30)


def test_years_are_corresponding_days():
    assert due("L01", local(2, 29, 9, year=2024)).due == local(2, 28, 17, 30)


def test_working_hours_and_hours():
    assert due("S03", local(10, 9, 16, 20)).due == local(10, 10, 11, 20)
    assert due("S14", local(10, 3, 16, 20), "transfer").due == local(10, 4, 16, 20)
    assert due("S01", local(10, 3, 16, 20), "auto").due == local(10, 3, 16, 21)
    assert not due("S14", local(6, 3, 16, year=2035), "transfer").provisional


def test_a_pause_takes_out_the_days_after_it_begins_up_to_the_day_it_ends():
    pause = (local(9, 21, 9), local(9, 24, 9))
    assert due("S09", local(9, 18, 15), pauses=[pause]).due == local(9, 30, 17, 30)
    same_day = (local(9, 21, 9), local(9, 21, 16))
    unmoved = due("S09", local(9, 18, 15)).due
    assert due("S09", local(9, 18, 15), pauses=[same_day]).due == unmoved
    later = (local(10, 20, 9), local(10, 22, 9))
    assert due("S09", local(9, 18, 15), pauses=[later]).due == unmoved


def test_a_pause_moves_calendar_days_months_and_hours_by_its_length():
    pause = (local(6, 2, 9), local(6, 4, 9))
    start = local(6, 1, 9)
    assert due("S13", start, pauses=[pause]).due == local(6, 10, 17, 30)
    assert due("S18", start, "normal", pauses=[pause]).due == local(8, 3, 17, 30)
    assert due("S14", start, "transfer", pauses=[pause]).due == local(6, 2, 9)
    begun = (local(6, 2, 8), local(6, 2, 10))
    assert due("S14", start, "transfer", pauses=[begun]).due == local(6, 2, 11)
    assert due("S03", start, pauses=[(local(6, 1, 10), local(6, 1, 11))]).due == local(6, 1, 16, 30)


def test_a_warning_finds_people_at_work():
    deadline = due("S13", local(10, 2, 9))
    assert deadline.due == local(10, 9, 17, 30)
    assert deadline.warn_at == (local(10, 8, 17, 30),)  # two days left: before it began
    assert due("S13", local(6, 8, 9)).warn_at == (local(6, 12, 17, 30),)  # 13th, 14th: weekend


def test_a_guard_and_a_negative_extension_are_refused():
    with pytest.raises(DeadlineError, match="guard"):
        due("G01", local(6, 1, 9))
    with pytest.raises(DeadlineError, match="shorten"):
        due("S09", local(6, 1, 9), extension=-1)


def test_the_note_of_five_working_days():
    note = explain(due("S09", local(9, 30, 15)), cn())
    assert note == [
        "S09 受理或不予受理：5个工作日，法定期限",
        "依据：关于实施《劳动保障监察条例》若干规定 §18",
        "起算：2026-09-30（周三）15:00，起算日不计（民法典第201条）",
        "2026-10-01（周四）至2026-10-07（周三）：国庆节放假，不计",
        "2026-10-08（周四）：工作日，第1个工作日",
        "2026-10-09（周五）：工作日，第2个工作日",
        "2026-10-10（周六）：国庆节调休上班，第3个工作日",
        "2026-10-11（周日）：周末，不计",
        "2026-10-12（周一）：工作日，第4个工作日",
        "2026-10-13（周二）：工作日，第5个工作日",
        "届满：2026-10-13（周二）17:30下班时（民法典第203条）",
        "提醒：2026-10-10（周六）17:30；2026-10-12（周一）17:30",
        f"日历版本：{cn().version}",
    ]


def test_the_notes_say_why():
    def told(name: str, start: datetime, variant: str = "", **more: object) -> str:
        return "\n".join(explain(due(name, start, variant, **more), cn()))

    assert "春节放假，顺延（民法典第203条）" in told("L16", local(2, 10, 9))
    assert "春节调休上班，不顺延" in told("S18", local(12, 31, 9, year=2025), "normal")
    assert "取月末日" in told("S18", local(12, 31, 9, year=2025), "normal")
    assert "暂定：2026-12-31之后的放假安排尚未公布" in told("S10", local(11, 23, 15))
    assert "90个工作日（含延长30）" in told("S10", local(11, 23, 15), extension=30)
    assert "国庆节调休上班，计08:30–11:20，累计4小时" in told("S03", local(10, 9, 16, 20))
    assert "节假日和夜间计入" in told("S14", local(10, 3, 9), "transfer")
    paused = told("S09", local(9, 18, 15), pauses=[(local(9, 21, 9), local(9, 24, 9))])
    assert "2026-09-22（周二）至2026-09-24（周四）：中止期间，不计" in paused


@pytest.mark.parametrize("key", [key for key, rule in RULES.items() if rule.limit], ids="/".join)
def test_every_clock_has_a_note_whose_count_is_its_limit(key):
    deadline = deadline_of(RULES[key], local(11, 23, 15), cn())
    note = explain(deadline, cn())
    counted = [line for line in note if re.search(r"第\d+个工作日$", line)]
    assert len(counted) == (deadline.limit if deadline.unit == "wd" else 0)
    assert all(deadline.start < at < deadline.due for at in deadline.warn_at)


def test_another_calendar_cannot_explain_it():
    deadline = due("S09", local(9, 30, 15))
    with pytest.raises(DeadlineError, match="computed with"):
        explain(replace(deadline, calendar="2015-2025/all/0"), cn())
