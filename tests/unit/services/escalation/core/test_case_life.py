"""The table of the case's life: complete, and what it says is what the code does."""

import pytest

from schemas import actions as a
from services.cli.generate_life import page
from services.escalation.core import deeds, deeds_formal
from services.escalation.core.life import FACTS, LIFE, STATES
from services.escalation.core.state import state_of
from services.escalation.core.turn import Turn
from tests.support.events import CASE, event_of
from tests.support.story import GRID, POLICIES, Story, local, ordinary, policy

BRIGADE = "brigade_leader"
COMMANDS = {
    "join": [{"into": CASE}],
    "return": [{"reason": "wrong_grid"}],
    "route": [{"grid": GRID}],
    "mediate": [{"failed": True}],
    "file": [{"inspectors": 2}],
    "ask_material": [{"items": "考勤记录"}],
    "suspend": [{"ground": "suspended", "basis": "等待鉴定"}],
    "arbitrate": [{"kind": "arbitration", "number": "1"}],
    "resume": [{"ground": "suspended"}],
    "ask_extension": [{"clock": "S12", "days": 1, "reason": "忙"}],
    "rule_extension": [{"clock": "S12", "approved": False}],
    "decide": [{"outcome": "责令改正"}],
    "serve": [
        {"document_kind": "decision", "document": "二号"},
        {"document_kind": "correction", "document": "一号"},
    ],
    "suspect_crime": [{"act": "flight", "amount_fen": 1, "workers": 1}],
    "decide_referral": [{"approved": True}],
    "refer": [{"document": "一号"}],
    "police_reply": [{"filed": True}, {"filed": False}],
    "pay": [{"amount_fen": 1, "workers": 1}],
    "note_step": [{"step": "petition_received"}],
    "withdraw": [{"reason": "已私下和解"}],
    "close": [{"conclusion": "不属实"}],
    "revisit": [{"satisfied": False}],
    "split": [{"submission_id": CASE}],
    "replied": [{"channel": "window", "external_no": "W1", "conclusion": "不属实"}],
}
BY_OTHERS = {"close": {"closed"}}
"""Marks that a deed leaves to the case's own functions."""


def accepted() -> Story:
    return ordinary().does(a.Accept, BRIGADE)


def filed() -> Story:
    return accepted().does(a.File, BRIGADE, inspectors=2)


def investigated() -> Story:
    return filed().does(a.EndInvestigation, BRIGADE)


def decided() -> Story:
    return investigated().does(a.Decide, "director", outcome="责令改正")


WAYS = {
    "waiting": lambda: Story().opened(),
    "triage": lambda: Story().opened().routed(kind="triage", grid="", post="centre_duty"),
    "assigned": lambda: Story().opened().routed(),
    "signed": ordinary,
    "accepted": accepted,
    "refused": lambda: ordinary().does(a.Refuse, BRIGADE),
    "filed": filed,
    "investigated": investigated,
    "decided": decided,
    "served": lambda: decided().does(a.Serve, BRIGADE, document_kind="decision", document="二号"),
    "closed": lambda: ordinary().does(a.Close, conclusion="不属实"),
}


@pytest.mark.parametrize("word", STATES)
def test_what_holds_in_a_state_is_what_a_case_on_its_way_has(word):
    row = WAYS[word]().row
    assert state_of(row) == word
    assert {name for name, fact in FACTS.items() if fact.holds(row)} == STATES[word]


def test_every_verb_has_one_row_and_every_fact_is_used():
    assert sorted(one.verb for one in LIFE) == sorted(one.VERB for one in a.ACTIONS)
    steps = policy().steps.values()
    named = {name for one in (*LIFE, *steps) for name in (*one.needs, *one.never)}
    assert named - policy().steps.keys() == FACTS.keys()
    assert {one.leads for one in LIFE if one.leads} <= STATES.keys()


def test_a_row_names_the_marks_that_its_deed_makes(monkeypatch):
    """By the words each deed hands on: a table that says more or less would print a wrong page."""
    made: list[str] = []
    row, now = decided().row, local("2026-09-21 10:00")

    def noted(turn, name, **_):
        made.append(name)
        return turn

    monkeypatch.setattr(deeds, "marked", noted)
    monkeypatch.setattr(deeds_formal, "marked", noted)
    for one in LIFE:
        made.clear()
        for command in COMMANDS.get(one.verb, [{}]):
            model = next(kind for kind in a.ACTIONS if one.verb == kind.VERB)
            data = model(district="420704", case_id=CASE, actor=a.Actor(post="x"), **command)
            one.does(Turn(policy(), row, event_of(data), now), data)
        said = set(made) | BY_OTHERS.get(one.verb, set())
        assert said == set(one.marks), one.verb


def test_the_page_is_printed_from_the_table():
    text = page(POLICIES, "mark")
    assert all(f"| `{one.verb}` |" in text for one in LIFE)
    assert "decided --> served: 送达" in text
    assert "| `file` | stage_order" in text
    for one in policy().steps.values():
        assert f"| `{one.id}` | {one.name_zh} | {one.elsewhere}" in text
