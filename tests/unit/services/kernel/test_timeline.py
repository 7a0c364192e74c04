"""Every event type of a case has words, and they say what happened without a name of the claimant."""

import string

import pytest

from schemas import actions as a
from schemas.actions import Action, DeadlineDue
from schemas.audit import AuditFact
from schemas.codec import MODELS
from schemas.employers import EmployerCaseLeft, EmployerCaseNoted
from schemas.event import Event
from schemas.policies import PolicyPublished
from schemas.submissions import (
    MatterClosed,
    MatterNoted,
    MatterReopened,
    MatterSplit,
    SubmissionReceived,
)
from services.kernel.timeline import line_of, timeline
from tests.support.events import event_of, examples
from tests.support.story import local, ordinary, policy

SILENT = (
    AuditFact,  # on a topic of its own, not of a case
    EmployerCaseLeft,
    EmployerCaseNoted,
    Action,
    DeadlineDue,
    MatterClosed,
    MatterNoted,
    MatterReopened,
    MatterSplit,
    PolicyPublished,
    SubmissionReceived,
)


@pytest.mark.parametrize("data", examples(), ids=lambda data: data.TYPE)
def test_each_event_has_one_line_or_none_by_intention(data):
    line = line_of(policy().words, event_of(data))
    if isinstance(data, SILENT):
        assert line is None
    else:
        assert line.text_zh
        assert "None" not in line.text_zh
        assert "{" not in line.text_zh


def test_the_catalogue_names_only_events_that_exist():
    known = {name.removeprefix("cn.anxin.").rpartition(".")[0] for name in MODELS}
    assert set(policy().texts["timeline"]) <= known
    for words in policy().texts["timeline"].values():
        assert all(field is None or field.startswith("d.") for _, field, _, _ in
                   string.Formatter().parse(words))  # fmt: skip


def test_a_step_is_told_by_its_name():
    story = ordinary().does(a.NoteStep, "hotline_liaison", step="petition_received")
    story.does(a.NoteStep, "hotline_liaison", step="petition_answered")
    lines = [line_of(policy().words, out.event).text_zh for out in story.outs[-4:]]
    assert any("记程序节点“信访告知”：" in line for line in lines)
    assert any("停止 L11 信访告知" in line and "（信访告知）" in line for line in lines)


def test_a_case_reads_in_order_of_its_instants_at_the_office():
    story = ordinary()
    events = [Event(o.event.id, "", o.event.time, "", o.event.data) for o in story.outs]
    lines = timeline(policy().words, list(reversed(events)))
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    signed = next(line for line in lines if line.type == "action.taken")
    assert signed.at == local("2026-09-21 10:00")
    assert signed.text_zh.startswith("签收：专职网格员")
    assert any("S01 汇入到派单（自动）" in line.text_zh for line in lines)
    started = next(line for line in lines if "S09" in line.text_zh)
    assert "2026-09-29 17:30 前（法定；" in started.text_zh
