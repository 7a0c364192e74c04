"""主导期限: joining never moves it later, a split restores it, and each source keeps its own answer."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import actions as a
from schemas import cases as c
from services.kernel.governing import governing
from services.kernel.ids import derived_id
from tests.support.story import Story, local

BRIGADE = "brigade_leader"
CHANNELS = ("12345", "12333", "national", "provincial", "window")
WAYS = (
    (),
    ((a.Sign, "grid_officer", {}),),
    ((a.Sign, "grid_officer", {}), (a.Accept, BRIGADE, {})),
    ((a.Sign, "grid_officer", {}), (a.AskMaterial, BRIGADE, {"items": "考勤记录"})),
    (
        (a.Sign, "grid_officer", {}),
        (a.Contact, "grid_officer", {}),
        (a.Accept, BRIGADE, {}),
        (a.File, BRIGADE, {"inspectors": 2}),
    ),
    (
        (a.Sign, "grid_officer", {}),
        (a.Accept, BRIGADE, {}),
        (a.File, BRIGADE, {"inspectors": 2}),
        (a.NoteStep, BRIGADE, {"step": "evidence_preserved"}),
    ),
)


def told(channel: str, way: int, routed: bool) -> Story:
    story = Story().opened(channel, "A1")
    if not routed:
        return story
    story.routed()
    for verb, post, fields in WAYS[way]:
        story.until(story.now + timedelta(hours=1)).does(verb, post, **fields)
    assert story.refused() == []
    return story


@settings(deadline=None, max_examples=60)
@given(
    channel=st.sampled_from(CHANNELS),
    way=st.integers(0, len(WAYS) - 1),
    routed=st.booleans(),
    joins=st.lists(
        st.tuples(st.sampled_from(CHANNELS), st.integers(0, 60), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    hours=st.integers(0, 400),
)
def test_joining_never_moves_it_later_and_a_split_restores_it(channel, way, routed, joins, hours):
    story = told(channel, way, routed)
    story.until(story.now + timedelta(hours=hours))
    for number, (other, ago, urgent) in enumerate(joins):
        before = governing(story.row.clocks)
        at = max(story.now - timedelta(hours=ago), local("2026-09-21 09:00"))
        story.joined(other, f"B{number}", occurred_at=at, received_at=at, urgent=urgent)
        after = governing(story.row.clocks)
        assert before is None or (after and (after.hard, -after.due_at.timestamp()) >= (
            before.hard, -before.due_at.timestamp()))  # fmt: skip
        answers = {one.source for one in story.row.clocks if one.source}
        owed = {one.name for one in story.row.sources if one.name.split("/")[0] != "window"}
        assert answers == owed
        if urgent:
            continue
        now = story.row
        record = story.row.sources[-1].submission.submission_id
        into = derived_id(record, "into")
        story.give(
            c.SubmissionSplit(
                district="420704", case_id=story.case, submission_id=record, into=into
            )
        )
        assert governing(story.row.clocks) == before
        story.row = now


def test_a_legal_clock_goes_before_an_earlier_one_of_our_own_and_what_stands_still_does_not_count():
    story = told("window", 1, True)
    first = governing(story.row.clocks)
    assert (first.id, first.hard) == ("S09", True)
    assert any(one.due_at < first.due_at for one in story.row.clocks)
    story.does(a.AskMaterial, BRIGADE, items="考勤记录")
    assert governing(story.row.clocks).id == "S04"
    story.does(a.Contact)
    assert governing(story.row.clocks).id == "S06"


def test_a_lapsed_clock_governs_on_and_none_governs_where_none_runs():
    story = told("window", 1, True).until("2026-12-01 10:00")
    assert governing(story.row.clocks).id == "S09"
    story.does(a.Close, conclusion="不属实").does(a.Revisit, "centre_duty", satisfied=True)
    assert governing(story.row.clocks) is None
