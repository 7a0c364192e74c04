"""Another policy on running clocks: what moves, which way, why. Invented days and limits say that they are."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from schemas import actions as a
from schemas import cases as c
from services.escalation.core.policy import Policy
from services.escalation.core.preview import Judged, judged, summed
from services.kernel.calendar import Calendar
from tests.support.story import Story, local, office, ordinary, policy

BRIGADE = "brigade_leader"


def with_days(one: Policy, **days: dict[str, str]) -> Policy:
    """`makeup`, `days_off`: ISO day → festival, added to the calendar under an invented version."""

    def and_days(known: Any, more: dict[str, str]) -> Any:
        return MappingProxyType(
            {**known, **{date.fromisoformat(d).toordinal(): name for d, name in more.items()}}
        )

    cal = one.calendar
    changed: Calendar = replace(
        cal,
        version="invented",
        makeup=and_days(cal.makeup, days.get("makeup", {})),
        days_off=and_days(cal.days_off, days.get("days_off", {})),
    )
    return replace(one, calendar=changed)


def with_rule(one: Policy, clock: str, **changes: Any) -> Policy:
    rules = (replace(rule, **changes) if rule.id == clock else rule for rule in one.rules)
    return replace(one, rules=tuple(rules))


def without_rule(one: Policy, clock: str) -> Policy:
    return replace(one, rules=tuple(rule for rule in one.rules if rule.id != clock))


def by_clock(story: Story, new: Policy, now: str = "2026-09-21 12:00") -> dict[str, Judged]:
    assert story.row is not None
    found = judged(policy(), new, story.row, local(now))
    assert len(found) == len(story.row.clocks) > 0
    return {one.clock: one for one in found}


def test_the_same_policy_moves_nothing():
    story = ordinary().joined("12345", "T1")
    found = by_clock(story, policy())
    assert {one.moves for one in found.values()} == {"same"}
    assert not any(one.overdue or one.relieved or one.why_zh for one in found.values())


def test_an_invented_make_up_day_brings_working_day_clocks_forward_and_says_why():
    """S09: 5 working days from Monday 09-21; 2026-09-25 (中秋节) off, 2026-09-20 made up before it."""
    new = with_days(policy(), makeup={"2026-09-26": "虚构"})
    found = by_clock(ordinary(), new)
    one = found["S09"]
    assert (office(one.old_due), office(one.new_due), one.moves) == (
        "09-29 17:30",
        "09-28 17:30",
        "earlier",
    )
    assert one.why_zh == "2026-09-26（周六）由中秋节放假改为虚构调休上班"
    assert found["S04"].moves == "same"


def test_an_invented_day_off_puts_them_off():
    new = with_days(policy(), days_off={"2026-09-22": "虚构"})
    one = by_clock(ordinary(), new)["S09"]
    assert (one.moves, office(one.new_due)) == ("later", "09-30 17:30")
    assert "2026-09-22（周二）由工作日改为虚构放假" in one.why_zh


def test_a_shorter_limit_may_lapse_at_once_and_a_longer_one_may_be_kept():
    story = ordinary()
    shorter = with_rule(policy(), "S09", limit=1.0)
    one = by_clock(story, shorter, "2026-09-23 09:00")["S09"]
    assert (one.moves, one.overdue, one.relieved) == ("earlier", True, False)
    assert one.why_zh == "时限由5个工作日改为1个工作日"
    longer = with_rule(policy(), "S09", limit=30.0)
    one = by_clock(story, longer, "2026-10-15 09:00")["S09"]
    assert (one.moves, one.overdue, one.relieved) == ("later", False, True)


def test_a_clock_that_is_gone_keeps_its_date_and_is_not_called_overdue():
    one = by_clock(ordinary(), without_rule(policy(), "S09"), "2026-12-01 09:00")["S09"]
    assert (one.moves, one.new_due, one.overdue, one.relieved) == ("gone", None, False, False)
    assert "新政策没有这个期限" in one.why_zh


def test_a_standing_clock_may_move_but_does_not_lapse():
    story = ordinary().until("2026-09-22 10:00").does(a.AskMaterial, BRIGADE, items="考勤记录")
    assert story.clock("S09").standing
    one = by_clock(story, with_rule(policy(), "S09", limit=1.0), "2026-09-28 09:00")["S09"]
    assert (one.moves, one.overdue) == ("earlier", False)


def test_pauses_and_extensions_are_kept_under_the_new_policy():
    story = ordinary().until("2026-09-22 10:00").does(a.AskMaterial, BRIGADE, items="考勤记录")
    story.until("2026-09-24 10:00").does(a.TakeMaterial, BRIGADE)
    assert by_clock(story, policy())["S09"].moves == "same"
    one = by_clock(story, with_rule(policy(), "S09", limit=6.0))["S09"]
    assert (office(one.old_due), office(one.new_due)) == ("10-08 17:30", "10-09 17:30")


def test_a_date_of_an_earlier_policy_is_told_as_such():
    story = Story(one=with_rule(policy(), "S09", limit=9.0)).opened()
    one = by_clock(story, policy())["S09"]
    assert (one.moves, one.why_zh) == ("earlier", "原日期按更早的政策算得")


@pytest.mark.parametrize(("limit", "moves"), [(1.0, "earlier"), (30.0, "same")])
def test_a_sources_own_date_gives_way_only_to_an_earlier_one(limit, moves):
    story, due = Story().opened(), local("2026-09-23 17:00")
    one = story.record("12345", "T1").model_copy(update={"due_at": due})
    like = c.Likeness(score=0.9, reason_zh="同一电话")
    story.give(
        c.SubmissionJoined(district="420704", case_id=story.case, submission=one, likeness=like)
    )
    assert story.clock("S07", "12345/T1").due_at == due
    assert by_clock(story, with_rule(policy(), "S07", limit=limit))["S07"].moves == moves


def test_sums_count_each_clock_once():
    story = ordinary().joined("12345", "T1")
    new = with_rule(without_rule(policy(), "S07"), "S09", limit=1.0)
    assert story.row is not None
    found = judged(policy(), new, story.row, local("2026-09-23 09:00"))
    sums = summed(found)
    assert sum(row["running"] for row in sums.values()) == len(story.row.clocks)
    for row in sums.values():
        assert row["running"] == row["same"] + row["earlier"] + row["later"] + row["gone"]
    assert (sums["S09"]["earlier"], sums["S09"]["overdue"], sums["S07"]["gone"]) == (1, 1, 1)
