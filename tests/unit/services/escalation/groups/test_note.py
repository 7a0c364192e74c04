"""What a case says of its employer, and when it says it anew."""

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas.employers import EmployerCaseLeft, EmployerCaseNoted
from schemas.matter import Employer, Span
from services.escalation.groups.note import employer_key, facts_of, noted
from services.kernel.ids import submission_id
from tests.support.events import PERSON, event_of
from tests.support.story import Story, ordinary, policy

CAUSE = event_of(a.Comment(district="420704", case_id=Story().case, actor=a.Actor(post="x")))
GROUPS = policy().groups


def named(name: str) -> Employer:
    return Employer(name=name, normalised=name, span=Span(field="respondent"))


def told(story: Story, before) -> list:
    if before is not None and before.attempt:
        before = before.model_copy(update={"noted": True})
    outs = noted(GROUPS, before, story.row, CAUSE, story.now)
    assert all(out.topic == "employers" and out.key == str(out.event.data.employer) for out in outs)
    return [out.event.data for out in outs]


def test_a_case_speaks_once_it_is_routed():
    story = Story().opened(people=3, amount_fen=900_000)
    assert told(story, None) == []
    before = story.row
    (said,) = told(story.routed(), before)
    assert said == EmployerCaseNoted(
        district="420704", case_id=story.case, employer=employer_key("420704", "某餐饮店"),
        number=story.row.number, name="某餐饮店", person=PERSON, people=3, amount_fen=900_000,
        opened_at=story.now,
    )  # fmt: skip


def test_a_row_from_before_there_were_groups_tells_at_its_next_turn():
    story = Story().opened().routed()
    old = story.row
    (said,) = noted(GROUPS, old, story.does(a.Sign).row, CAUSE, story.now)
    assert said.event.data.case_id == story.case


def test_what_only_moves_clocks_says_nothing():
    story = Story().opened().routed()
    before = story.row
    assert told(story.does(a.Sign).does(a.Comment), before) == []
    before = story.row
    assert told(story.routed(attempt=2), before) == []


def test_what_was_declined_was_never_ours():
    story = Story().opened()
    before = story.row
    story.give(
        c.CaseDeclined(
            district="420704", case_id=story.case, verdict="not_labour", exit="x",
            channel_zh="12315", advice_zh="…",
        )
    )  # fmt: skip
    assert told(story, before) == []


def test_closing_says_the_conclusion_and_reopening_takes_it_back():
    story = ordinary().does(a.Pay, amount_fen=800_000, workers=1)
    before = story.row
    (closed,) = told(story.does(a.Close, "brigade_leader", conclusion="支付完毕"), before)
    assert closed.conclusion == "支付完毕"
    before = story.row
    (again,) = told(story.does(a.Reopen, "centre_head"), before)
    assert again.conclusion is None


def test_a_closing_that_owes_nobody_an_answer_is_said_too():
    story = Story().opened("patrol", "P1").routed().does(a.Sign)
    before = story.row
    (closed,) = told(story.does(a.Close, "brigade_leader", conclusion="不属实"), before)
    assert story.row.sources is before.sources
    assert closed.conclusion == "不属实"


def test_one_person_says_the_same_through_several_channels_once():
    story = ordinary(people=2, amount_fen=500_000)
    before = story.row
    assert told(story.joined("12345", "H1", people=2, amount_fen=400_000), before) == []
    before = story.row
    (more,) = told(story.joined("12333", "T1", people=5, amount_fen=700_000), before)
    assert (more.people, more.amount_fen) == (5, 700_000)


def test_an_amended_name_leaves_the_one_and_is_noted_at_the_other():
    story = ordinary()
    before = story.row
    left, said = told(story.amended(employer=named("甲电子厂")), before)
    assert left == EmployerCaseLeft(
        district="420704", case_id=story.case, employer=employer_key("420704", "某餐饮店")
    )
    assert (said.name, said.employer) == ("甲电子厂", employer_key("420704", "甲电子厂"))
    before = story.row
    (gone,) = told(story.amended(employer=None), before)
    assert isinstance(gone, EmployerCaseLeft)
    assert gone.employer == said.employer


@pytest.mark.parametrize("name", ["不详", "老板", "公司"])
def test_a_name_that_names_nobody_makes_no_group(name):
    assert facts_of(GROUPS, ordinary(employer=named(name)).row) is None


def test_the_first_record_that_names_an_employer_names_the_case():
    story = ordinary(employer=named("不详")).joined("12345", "H1", employer=named("甲电子厂"))
    assert facts_of(GROUPS, story.row).name == "甲电子厂"


@pytest.mark.parametrize("channel", ["provincial", "patrol"])
def test_an_alert_or_a_patrol_speaks_of_the_whole_employer(channel):
    assert facts_of(GROUPS, Story().opened(channel, "A1").routed().row).person == ""


def test_a_record_that_leaves_takes_its_figures_with_it():
    story = ordinary(people=1).joined("12345", "H1", people=12)
    before = story.row
    gone = submission_id("12345", "H1")
    story.give(
        c.SubmissionSplit(
            district="420704", case_id=story.case, submission_id=gone, into=submission_id("x", "y")
        )
    )
    (less,) = told(story, before)
    assert less.people == 1


def test_the_same_change_has_the_same_ids():
    story = Story().opened()
    before = story.row
    story.routed()
    first, again = (noted(GROUPS, before, story.row, CAUSE, story.now) for _ in range(2))
    assert first == again
    other = noted(GROUPS, before, story.row, event_of(CAUSE.data, Story().case), story.now)
    assert other[0].event.id != first[0].event.id


def test_one_name_in_two_districts_is_two_employers():
    assert employer_key("420704", "某店") != employer_key("420703", "某店")
