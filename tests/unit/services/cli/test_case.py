"""`anxin case show`: what a running clock is said to be."""

import json

from schemas import actions as a
from services.cli.case import _as_json, _as_text, _state
from tests.support.story import ZONE, Story, ordinary, policy

BRIGADE = "brigade_leader"


def said(story: Story, clock: str, source: str = "") -> str:
    return _state(policy(), story.clock(clock, source), ZONE)


def test_a_clock_says_where_it_stands():
    story = ordinary("2026-11-23 09:00")
    assert said(story, "S09") == "进行中"
    story.does(a.AskMaterial, BRIGADE, items="考勤记录")
    assert said(story, "S09") == "暂停（补正，11-23 10:00 起，至迟 2026-12-14）"
    story.does(a.TakeMaterial, BRIGADE).does(a.Accept, BRIGADE)
    story.does(a.File, BRIGADE, inspectors=2)
    assert said(story, "S10") == "暂定"
    story.does(a.AskExtension, BRIGADE, clock="S10", days=30, reason="案情复杂")
    assert said(story, "S10") == "暂定，申请延 30"
    story.does(a.RuleExtension, "director", clock="S10", approved=True)
    assert said(story, "S10") == "暂定，已延 30"
    story.until("2026-11-24 18:00")
    assert said(story, "S04") == "已逾期"


def test_the_case_is_told_in_the_words_of_the_office(capsys):
    story = ordinary()
    _as_text(policy(), [], story.row)
    said = capsys.readouterr().out
    assert "现状 已签收，责任人 专职网格员" in said
    assert "主导期限 S09 受理或不予受理，2026-09-29 17:30 前" in said
    assert "他方期限" not in said


def test_periods_of_others_and_what_governs_are_shown(capsys):
    story = ordinary().does(a.Accept, BRIGADE).does(a.File, BRIGADE, inspectors=2)
    for step in ("hearing_right_told", "hearing_requested", "hearing_notice_served"):
        story.does(a.NoteStep, BRIGADE, step=step)
    _as_text(policy(), [], story.row)
    said = capsys.readouterr().out
    assert "主导期限 S10 调查" in said
    assert "L07 听证通知" in said
    assert "最短期间" in said
    assert "L06" not in said  # it was requested
    _as_json(policy(), story.case, [], story.row)
    assert json.loads(capsys.readouterr().out)["governing"]["id"] == "S10"
