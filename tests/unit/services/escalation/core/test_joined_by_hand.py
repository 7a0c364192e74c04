"""人工并案: records move to an older case that was shown, with their clocks, and back; the emptied case ends."""

from typing import Any
from uuid import UUID

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from tests.support.story import Story, local, ordinary

OLDER = UUID(int=7)
LIKE = c.Likeness(score=0.6, reason_zh="诉求人不明", band="suggest")


def shown(story: Story, since: str = "2026-09-20 09:00") -> Story:
    return story.give(
        c.MatterSuggested(
            district="420704",
            case_id=story.case,
            other=OLDER,
            other_number="20260920-ABCDEF",
            since=local(since),
            likeness=LIKE,
        )
    )


def join(story: Story, **more: Any) -> Story:
    return story.does(a.Join, "centre_duty", **({"into": OLDER} | more))


def gone(story: Story) -> Story:
    """Intake has moved every record."""
    assert story.row is not None
    for source in story.row.sources:
        story.give(
            c.SubmissionSplit(
                district="420704",
                case_id=story.case,
                submission_id=source.submission.submission_id,
                into=OLDER,
            )
        )
    return story


def test_every_record_is_sent_to_the_older_case():
    story = join(shown(ordinary().joined("12345", "A2")))
    told = story.said(e.SubmissionDetached)
    assert [(one.submission.external_no, one.why, one.into) for one in told] == [
        ("W1", "joined", OLDER),
        ("A2", "joined", OLDER),
    ]
    assert story.row is not None
    assert story.row.open  # until intake has moved them
    assert story.said(e.ReplyOwed) == []


def test_the_emptied_case_ends_without_an_answer_or_a_call_back():
    story = gone(join(shown(ordinary().joined("12345", "A2"))))
    closed = story.last(e.CaseClosed)
    assert (closed.conclusion, closed.persons) == ("重复", ())
    assert story.running() == set()
    assert story.said(e.ReplyOwed) == []
    story.does(a.Reopen, "centre_head")
    assert story.refused() == ["joined_away"]


def test_a_record_that_came_meanwhile_keeps_the_case_open():
    story = join(shown(ordinary())).joined("12345", "A2")
    assert story.row is not None
    first = story.row.sources[0].submission.submission_id
    story.give(
        c.SubmissionSplit(district="420704", case_id=story.case, submission_id=first, into=OLDER)
    )
    assert story.row.open
    assert [one.submission.external_no for one in story.row.sources] == ["A2"]


def test_a_command_before_the_hint_waits_for_it():
    story = join(ordinary())
    assert (story.refused(), story.said(e.SubmissionDetached)) == ([], [])
    assert story.row is not None
    assert len(story.row.parked) == 1
    assert len(shown(story).said(e.SubmissionDetached)) == 1


def test_into_a_case_that_was_never_shown_is_refused_in_the_end():
    story = join(ordinary(), into=UUID(int=8)).until("2026-09-23 09:00")
    assert story.refused() == ["not_suggested"]


@pytest.mark.parametrize(
    ("story", "why"),
    [
        (lambda: shown(ordinary(), since="2026-09-21 09:01"), "not_joinable"),
        (lambda: shown(ordinary().does(a.Pay, amount_fen=100, workers=1)), "not_joinable"),
        (lambda: shown(ordinary().does(a.Accept, "brigade_leader")), "already_done"),
        (lambda: join(shown(ordinary())), "already_done"),
        (lambda: shown(ordinary().does(a.Close, conclusion="不属实")), "closed"),
    ],
    ids=["older than the other", "paid", "accepted", "on its way", "closed"],
)
def test_what_would_lose_something_is_refused(story, why):
    assert join(story()).refused() == [why]


def test_only_the_centre_joins():
    story = shown(ordinary()).does(a.Join, into=OLDER)
    assert story.refused() == ["not_allowed_for_post"]


def test_in_the_older_case_the_record_has_its_own_reply_clock_from_its_own_receipt():
    story = ordinary()
    late = story.record("12345", "A2")
    story.until("2026-09-23 09:00").give(
        c.SubmissionJoined(district="420704", case_id=story.case, submission=late, likeness=LIKE)
    )
    assert story.clock("S07", "12345/A2").started_at == late.occurred_at
