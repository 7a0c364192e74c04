"""期限的经过: told from the events that escalation says, on a manual clock."""

import shutil
from dataclasses import replace

import pytest

from schemas import actions as a
from schemas.escalations import DeadlineWarned
from services.desk.core.clock_story import TOLD, stories
from services.desk.wording import BadWording, read_history
from tests.support.house import POLICIES, office
from tests.support.story import Story, local, ordinary


def told(story: Story, clock: str) -> list[str]:
    return [step.words for step in _of(story, clock).steps]


def _of(story: Story, clock: str):
    events = [out.event for out in story.outs if out.topic == "escalations"]
    return stories(office().history, office().instants, events)[clock, ""]


def test_a_clock_that_lapsed_says_who_was_warned_when_it_lapsed_who_heard_and_how_it_ended():
    story = Story().opened().routed().until("2026-09-21 16:00").does(a.Sign)
    assert told(story, "S03") == [
        "设定：自 2026-09-21 09:00 起算，2026-09-21 15:30 届满（内部）。自定；12345 工单签收常见为 1 个工作日",
        "第 1 次预警：2026-09-21 15:30 届满，责任人 专职网格员 g-420704002-G05-a",
        "第 2 次预警：2026-09-21 15:30 届满，责任人 专职网格员 g-420704002-G05-a",
        "逾期：2026-09-21 15:30 届满（内部），责任人 专职网格员 g-420704002-G05-a",
        "督办第 1 级：镇街劳动保障监察中队长 squad-420704002（已送达）",
        "停止：2026-09-21 16:00 签收，逾期",
    ]
    one = _of(story, "S03")
    assert one.kept is False
    assert [step.tone for step in one.steps] == ["", "", "", "late", "late", "late"]


def test_what_moved_the_end_is_told_with_the_old_and_the_new_one_and_the_reason():
    story = ordinary().does(a.Accept, "brigade_leader", inspectors=2)
    story.does(a.File, "brigade_leader", inspectors=2, document="鄂监 1 号")
    story.until("2026-10-10 10:00")
    story.does(a.Suspend, "deputy_director", ground="suspended", basis="疫情")
    story.until("2026-10-20 10:00").does(a.Resume, "deputy_director", ground="suspended")
    story.does(a.AskExtension, "brigade_leader", clock="S10", days=30, reason="复杂")
    story.does(a.RuleExtension, "deputy_director", clock="S10", approved=True)
    assert story.refused() == []
    assert told(story, "S10")[1:] == [
        "暂停（中止调查）：自 2026-10-10 10:00 起，至迟 2027-03-31 17:30。劳动保障监察条例 §17",
        "续算（中止调查，恢复）：届满 2026-12-21 17:30 → 2026-12-30 17:30",
        "延期 30 个工作日：届满 2026-12-30 17:30 → 2027-02-15 17:30，暂定，区人社局分管副局长  批准",
    ]
    assert _of(story, "S10").kept is None


def test_a_lapse_that_was_none_is_told_as_withdrawn():
    story = Story().opened().routed().until("2026-09-21 16:00")
    story.does(a.Sign, at="2026-09-21 10:00")
    assert told(story, "S03")[-1] == "停止：2026-09-21 10:00 签收，按期，已记的逾期撤销"
    step = _of(story, "S03").steps[-1]
    assert (step.at, step.tone) == ("9月21日 16:00", "good")  # newest last, by when it was told
    assert step.exact == (
        "记录 2026-09-21 16:00:00；停止 2026-09-21 10:00:00；届满 2026-09-21 15:30:00"
    )


def test_a_first_record_that_came_later_moves_the_end_and_says_so():
    story = Story().opened()
    story.joined("12345", "EZ1", occurred_at=local("2026-09-18 09:00"))
    [_, moved] = told(story, "S09")
    assert "2026-09-29 17:30 → 2026-09-24 17:30。从案内最早一次收件起算（日历 " in moved


def test_a_clock_that_is_set_again_counts_its_warnings_anew_and_keeps_what_was():
    story = Story().opened().routed().until("2026-09-21 11:30")
    story.does(a.Return, reason="wrong_grid").routed(attempt=2, grid="420704002-G06")
    story.until("2026-09-21 17:00")
    firsts = [one for one in told(story, "S03") if one.startswith("第 1 次预警")]
    assert len(firsts) == 2
    assert "停止：2026-09-21 11:30 退单，按期" in told(story, "S03")
    assert _of(story, "S03").kept is None


def test_what_waits_for_the_office_to_open_says_until_when():
    story = Story().opened().routed().until("2026-09-22 05:00")
    assert told(story, "S04")[1].endswith("，2026-09-22 08:30 告知")


def test_a_warning_to_a_deputy_names_who_is_away():
    story = Story().opened().routed().until("2026-09-21 11:30")
    warned = next(out.event for out in story.outs if isinstance(out.event.data, DeadlineWarned))
    owner = warned.data.owner.model_copy(update={"deputy_for": "g-x"})
    event = replace(warned, data=warned.data.model_copy(update={"owner": owner}))
    [one] = stories(office().history, office().instants, [event]).values()
    assert one.steps[0].words.endswith("专职网格员 g-420704002-G05-a（代 g-x）")


@pytest.mark.parametrize("gone", ['"clock.paused" = ', "tell_at = "])
def test_a_fact_or_an_instant_without_a_text_stops_the_start(tmp_path, gone):
    shutil.copy(POLICIES / "desk.toml", tmp_path)
    assert len(read_history(tmp_path)["said"]) == len(TOLD)
    text = (tmp_path / "desk.toml").read_text()
    assert text.count(gone) == 1
    (tmp_path / "desk.toml").write_text(text.replace(gone, "x = "))
    with pytest.raises(BadWording, match=r"\[history\]"):
        read_history(tmp_path)
