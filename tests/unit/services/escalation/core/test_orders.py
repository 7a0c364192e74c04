"""责令支付: an order to pay is obeyed when all of it is paid, by the instants of the payments."""

import pytest

from schemas import actions as a
from schemas import escalations as e
from tests.support.story import Story, office, ordinary

BRIGADE = "brigade_leader"
ORDER = {"document_kind": "correction", "document": "一号", "due_on": "2026-09-28"}


def ordered(amount_fen: int = 0, **changes) -> Story:
    story = ordinary(**changes).does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)
    return story.does(a.Serve, BRIGADE, amount_fen=amount_fen, **ORDER)


def pays(story: Story, yuan: int, at: str = "", **more) -> Story:
    return story.does(a.Pay, BRIGADE, at=at, amount_fen=yuan * 100, workers=1, **more)


def test_a_part_does_not_stop_the_order_and_the_rest_does():
    story = pays(ordered(amount_fen=1_100_000), 5_000)
    assert "S13" in story.running()
    pays(story.until("2026-09-28 10:00"), 6_000)
    stopped = story.last(e.ClockStopped)
    assert (stopped.clock, stopped.kept, office(stopped.stopped_at)) == ("S13", True, "09-28 10:00")


def test_a_part_alone_lets_the_order_lapse_and_the_police_may_be_shown_the_case():
    story = pays(ordered(amount_fen=5_100_000), 1_000).until("2026-09-28 18:00")
    assert [f.clock for f in story.said(e.DeadlineBreached) if f.clock == "S13"] == ["S13"]
    crime = {"act": "able_and_refuses", "amount_fen": 5_000_000, "workers": 10}
    story.does(a.SuspectCrime, BRIGADE, **crime)
    assert story.refused() == []


def test_what_was_paid_before_the_order_is_no_part_of_it():
    story = pays(ordinary(), 3_000).does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)
    story.does(a.Serve, BRIGADE, amount_fen=500_000, **ORDER)
    assert "S13" in pays(story, 2_000).running()
    assert "S13" not in pays(story, 3_000).running()


@pytest.mark.parametrize(
    ("claimed", "yuan", "stops"), [(True, 8_000, True), (True, 7_999, False), (False, 8_000, False)]
)
def test_an_order_that_names_no_amount_is_for_what_was_claimed(claimed, yuan, stops):
    story = pays(ordered() if claimed else unclaimed(), yuan)
    assert ("S13" not in story.running()) == stops


def unclaimed() -> Story:
    story = Story().opened(amount_fen=None).routed().does(a.Sign).does(a.Accept, BRIGADE)
    return story.does(a.File, BRIGADE, inspectors=2).does(a.Serve, BRIGADE, **ORDER)


def test_who_says_paid_in_full_is_believed():
    assert "S13" not in pays(ordered(amount_fen=1_100_000), 9_000, full=True).running()
    assert "S13" not in pays(unclaimed(), 1, full=True).running()


def test_the_order_is_obeyed_at_the_instant_of_the_last_payment_however_they_are_told():
    story = ordered(amount_fen=1_000_000).until("2026-09-28 16:00")
    pays(story, 6_000)
    pays(story, 4_000, at="2026-09-22 09:00")
    assert office(story.last(e.ClockStopped).stopped_at) == "09-28 16:00"


def test_without_an_order_any_payment_ends_the_quick_way():
    story = pays(ordinary(), 1)
    assert "S06" not in story.running()


def test_an_order_obeyed_in_time_has_not_lapsed_for_the_police_nor_for_the_list():
    story = pays(ordered(amount_fen=5_000_000).until("2026-09-23 10:00"), 50_000)
    story.until("2026-09-30 10:00").does(
        a.SuspectCrime, BRIGADE, act="able_and_refuses", amount_fen=5_000_000, workers=10
    )
    story.does(a.NoteStep, BRIGADE, step="correction_lapsed")
    assert story.refused() == ["missing_evidence", "stage_order"]


def test_what_was_paid_before_the_order_does_not_obey_it_however_late_it_is_told():
    story = ordered(amount_fen=500_000).until("2026-09-22 11:00")
    pays(story, 5_000, at="2026-09-21 09:30")
    assert "S13" in story.running()
    pays(story, 5_000)
    assert "S13" not in story.running()


def test_an_order_for_a_rest_day_ends_with_the_next_working_day():
    """Found by the simulation, once its orders had dates: a Sunday has no closing time, the record was buried."""
    story = ordinary().does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)
    story.does(a.Serve, BRIGADE, **(ORDER | {"due_on": "2026-10-04"}))
    assert office(story.clock("S13").due_at) == "10-08 17:30"
