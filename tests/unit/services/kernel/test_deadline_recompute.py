"""期限重算. The notice of 2027 in this file is MADE UP: nobody has announced these days."""

import csv
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from services.kernel.calendar import Calendar, calendar_of
from services.kernel.deadline import ClockRule, Recomputed, Running, clock_rule, deadline_of
from services.kernel.deadline import recomputed as counted_anew

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}
LONGER = {str(day): [["08:30", "12:00"], ["14:30", "18:00"]] for day in range(5)}
YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("cn-20[12]*.toml"))
    if path.name <= "cn-2027.provisional.toml"
]
MADE_UP_2027 = {
    "year": 2027,
    "status": "published",
    "number": "编造〔2026〕0号",
    "known_from": date(2026, 12, 10),
    "days_off": {
        **dict.fromkeys(("2027-01-01", "2027-01-02", "2027-01-03"), "元旦"),
        **{f"2027-02-{day:02}": "春节" for day in range(5, 13)},
        **dict.fromkeys(("2027-04-05",), "清明节"),
    },
    "makeup": {"2027-01-30": "春节", "2027-02-20": "春节"},
}
RULES = {
    (row["id"], row["variant"]): clock_rule(row)
    for row in csv.DictReader(Path("policies/clocks.csv").read_text("utf-8").splitlines())
}
NOW = datetime(2026, 12, 10, 9, tzinfo=SHANGHAI)


def cn(*notices: dict[str, object], windows: object = OFFICE) -> Calendar:
    return calendar_of([*YEARS, *notices], timezone="Asia/Shanghai", windows=windows)


OLD, NEW = cn(), cn(MADE_UP_2027)


def local(year: int, month: int, day: int, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def running(rule: ClockRule, start: datetime, *pauses: tuple[datetime, datetime], more: float = 0):
    found = deadline_of(rule, start, OLD, pauses, more)
    return Running(found.start, found.due, found.pauses, more)


def asked(
    name: str,
    start: datetime,
    *pauses: tuple[datetime, datetime],
    variant: str = "",
    now: datetime = NOW,
    more: float = 0,
) -> Recomputed:
    rule = RULES[name, variant]
    return counted_anew(rule, running(rule, start, *pauses, more=more), OLD, NEW, now)


def test_sixty_working_days_move_and_say_which_days_did_it():
    found = asked("S10", local(2026, 11, 23, 15, 0))
    assert found.verdict == "moved"
    assert (found.due_from, found.due_to) == (local(2027, 2, 18), local(2027, 2, 22))
    assert found.due_to.tzinfo is UTC
    assert not found.provisional
    assert found.calendar == NEW.version
    assert [(one.day.isoformat(), one.works) for one in found.changed] == [
        ("2027-01-30", True),
        ("2027-02-09", False),
        ("2027-02-10", False),
        ("2027-02-11", False),
        ("2027-02-12", False),
        ("2027-02-20", True),
    ]
    assert found.why_zh == (
        "2027-01-30（周六）由周末改为春节调休上班；"
        "2027-02-09（周二）至2027-02-12（周五）由工作日改为春节放假；"
        "2027-02-20（周六）由周末改为春节调休上班。"
        "届满由2027-02-18（周四）17:30改为2027-02-22（周一）17:30，不再是暂定"
    )


def test_its_warnings_are_counted_anew_and_only_those_to_come():
    rule = RULES["S10", ""]
    whole = deadline_of(rule, local(2026, 11, 23, 15, 0), NEW).warn_at
    assert asked("S10", local(2026, 11, 23, 15, 0)).warn_at == whole
    later = whole[0] + timedelta(minutes=1)
    assert asked("S10", local(2026, 11, 23, 15, 0), now=later).warn_at == whole[1:]


def test_a_make_up_saturday_brings_an_end_forward():
    found = asked("S09", local(2027, 1, 26, 9, 0), now=local(2027, 1, 26, 10, 0))
    assert (found.due_from, found.due_to) == (local(2027, 2, 2), local(2027, 2, 1))
    assert [one.after for one in found.changed] == ["春节调休上班"]


def test_never_to_an_instant_that_is_past():
    now = local(2027, 2, 1, 18, 0)  # the notice came after the new end, before the old one
    found = asked("S09", local(2027, 1, 26, 9, 0), now=now)
    assert found.verdict == "late"
    assert found.due_to == found.due_from == local(2027, 2, 2)
    assert "请人工核对" in found.why_zh
    assert (found.warn_at, found.changed) == ((), ())
    assert asked("S09", local(2027, 1, 26, 9, 0), now=local(2027, 2, 1)).verdict == "late"


def test_what_has_lapsed_is_left_alone():
    for now in (local(2027, 2, 18), local(2027, 3, 1)):
        found = asked("S10", local(2026, 11, 23, 15, 0), now=now)
        assert found.verdict == "past"
        assert found.due_to == found.due_from == local(2027, 2, 18)


def test_the_same_instant_may_have_become_certain():
    found = asked("S09", local(2027, 3, 8, 9, 0))
    assert found.verdict == "kept"
    assert not found.provisional
    assert found.why_zh == "届满时间不变，不再是暂定"
    whole = asked("S09", local(2026, 6, 1, 9, 0), now=local(2026, 6, 2))
    assert (whole.verdict, whole.why_zh) == ("kept", "届满时间不变")


def test_a_date_of_a_document_is_no_business_of_the_calendar():
    rule = RULES["S13", ""]
    clock = replace(running(rule, local(2027, 2, 1, 9, 0)), due_at=local(2027, 2, 10, 12, 0))
    found = counted_anew(rule, clock, OLD, NEW, NOW)
    assert found.verdict == "other"
    assert found.due_to == local(2027, 2, 10, 12, 0)
    assert found.provisional


def test_calendar_days_move_only_where_the_last_one_gives_way():
    found = asked("S13", local(2027, 2, 3, 9, 0))  # 7 days: the 10th
    assert (found.due_from, found.due_to) == (local(2027, 2, 10), local(2027, 2, 15))
    assert [one.day.day for one in found.changed] == [10, 11, 12]
    assert asked("S13", local(2027, 2, 10, 9, 0)).verdict == "kept"  # the 17th, days off before it


def test_pauses_and_an_extension_are_kept():
    pause = (local(2027, 1, 11, 9, 0), local(2027, 1, 15, 9, 0))
    start = local(2026, 11, 23, 15, 0)
    found = asked("S10", start, pause, more=30)
    assert found.due_from == deadline_of(RULES["S10", ""], start, OLD, [pause], 30).due
    assert found.due_to == deadline_of(RULES["S10", ""], start, NEW, [pause], 30).due
    assert found.due_to > asked("S10", start, more=30).due_to


def test_hours_by_the_clock_never_move_and_new_opening_hours_are_said():
    assert asked("S14", local(2027, 2, 9, 9, 0), variant="transfer").verdict == "kept"
    rule = RULES["S09", ""]
    clock = running(rule, local(2026, 12, 9, 9, 0))
    found = counted_anew(rule, clock, OLD, cn(windows=LONGER), NOW)
    assert found.due_to == local(2026, 12, 16, 18, 0)
    assert found.changed == ()
    assert found.why_zh.startswith("上班时间有变。届满由2026-12-16（周三）17:30改为")
