"""静默时段: a soft matter waits for the office, a hard or urgent one for nothing; a breach is at its instant."""

import pytest

from schemas import actions as a
from schemas import escalations as e
from services.escalation.core.quiet import tell_at
from tests.support.story import Story, local, office, ordinary, policy


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-09-21 09:00", None),
        ("2026-09-21 12:30", "09-21 14:30"),
        ("2026-09-21 17:29", None),
        ("2026-09-21 17:30", "09-22 08:30"),
        ("2026-09-26 10:00", "09-28 08:30"),  # 中秋 25–27
        ("2026-10-10 10:00", None),  # a Saturday made up
    ],
)
def test_the_next_opening(now, told):
    found = tell_at(policy(), local(now), hard=False, urgent=False)
    assert (found and office(found)) == told
    assert tell_at(policy(), local(now), hard=True, urgent=False) is None
    assert tell_at(policy(), local(now), hard=False, urgent=True) is None


def test_a_soft_lapse_at_night_is_said_then_and_told_in_the_morning():
    story = Story("2026-09-21 20:00").opened().routed().does(a.Sign).until("2026-09-22 23:00")
    breach = next(f for f in story.said(e.DeadlineBreached) if f.clock == "S04")
    told = next(f for f in story.said(e.CaseEscalated) if f.clock == "S04")
    assert (office(breach.due_at), office(told.tell_at)) == ("09-22 20:00", "09-23 08:30")


def test_after_a_holiday_there_is_one_opening_for_all_that_waited():
    story = Story("2026-09-30 17:00").opened().routed().does(a.Sign).until("2026-10-08 08:00")
    openings = {f.tell_at for f in story.said(e.CaseEscalated) + story.said(e.DeadlineWarned)}
    assert {office(one) for one in openings if one} == {"10-08 08:30"}


def test_an_act_on_a_screen_that_shows_an_old_assignment_is_stale():
    story = ordinary().does(a.Return, reason="wrong_grid").routed(2, "returned")
    before = story.row
    story.does(a.Sign, seen_attempt=1).does(a.Comment, seen_attempt=1, note="已看")
    assert story.refused() == ["stale"]
    assert story.row == before
    story.does(a.Sign, seen_attempt=2)
    assert story.refused() == ["stale"]
