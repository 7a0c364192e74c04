"""Who is told what, what becomes needless, and that nothing personal can be in it."""

from datetime import datetime, timedelta
from typing import get_type_hints
from uuid import UUID

import pytest
from pydantic import JsonValue

from schemas import escalations as e
from schemas.event import Event
from schemas.matter import Matter, Sealed, Submission
from services.kernel.ids import derived_id
from services.kernel.notices import KINDS, Kind, needless
from services.notifier.core.tell import Notice, notices
from tests.support.events import ACTOR, AT, COMMAND, DUE, examples
from tests.support.notices import OWNER, POLICY, SQUAD, UNIT, assigned, case, of, stopped, warned


def told(data, *, urgent=False, now=AT):
    event = Event(derived_id(case(), "x"), "test", AT, "", data)
    return notices(POLICY, event, urgent=urgent, now=now)


def escalated(owner, **more):
    said = {"clock": "S03", "level": 1, "outcome": "delivered", "due_at": DUE} | more
    return e.CaseEscalated(**of(case()), to=owner, **said)


def robots(found):
    return [one.robot for one in found]


def test_the_chat_of_the_unit():
    found = told(assigned(case()))
    assert robots(found) == [UNIT]
    assert {one.account for one in found} == {OWNER.account}
    assert len({one.id for one in found}) == 1
    assert told(assigned(case())) == found


@pytest.mark.parametrize(
    ("post", "robot"),
    [
        ("town_squad_leader", UNIT),
        ("centre_head", "centre"),
        ("director", "bureau"),
        ("procuratorate", "outside"),
    ],
)
def test_each_rung_hears_in_its_own_chat(post, robot):
    found = told(escalated(SQUAD.model_copy(update={"post": post})))
    assert robots(found) == [robot]


def test_only_urgent_cases_and_clocks_of_the_law_go_by_sms():
    assert "sms" not in robots(told(warned(case())))
    assert "sms" in robots(told(warned(case()), urgent=True))
    assert "sms" in robots(told(assigned(case(), urgent=True)))
    assert "sms" in robots(told(warned(case(), clock="S09")))


def test_where_nobody_holds_a_post_the_centre_is_told_whose_it_is():
    [chat] = told(assigned(case(), OWNER.model_copy(update={"account": ""})))
    assert chat.robot == "centre"
    assert (chat.post, chat.account, chat.vacant) == ("centre_duty", "centre-duty", "grid_officer")


def test_a_soft_matter_waits_for_the_office_to_open():
    at = AT + timedelta(hours=10)
    [chat] = told(warned(case(), tell_at=at))
    assert (chat.tell_at, chat.held) == (at, True)
    [chat] = told(warned(case()))
    assert (chat.tell_at, chat.held) == (AT, False)


def test_what_is_three_days_old_is_no_news():
    late = AT + timedelta(hours=72)
    assert robots(told(assigned(case()), now=late)) == [UNIT]
    assert robots(told(assigned(case()), now=late + timedelta(seconds=1))) == []


def test_what_is_done_need_not_be_asked_for_and_what_lapsed_stays_told():
    assert needless(stopped(case(), kept=False)).kinds == ("warned",)
    assert needless(stopped(case())).kinds == ("warned", "breached", "escalated")
    late = stopped(case(), kept=False, breach_withdrawn=True)
    assert needless(late).kinds == ("warned", "breached", "escalated")
    assert needless(assigned(case())).kinds == ("assigned",)
    sign = {"command_id": COMMAND, "actor": ACTOR, "acted_at": AT, "detail": {}}
    assert needless(e.ActionTaken(**of(case()), verb="sign", **sign)).kinds == ("assigned",)
    assert needless(e.ActionTaken(**of(case()), verb="comment", **sign)) is None
    closed = e.CaseClosed(**of(case()), conclusion="支付完毕", closed_at=AT, persons=())
    assert needless(closed).kinds == KINDS


def test_every_event_of_escalation_is_taken_without_a_fault():
    for data in examples():
        told(data)
        needless(data)


def test_a_message_can_hold_no_text_of_a_complaint():
    """By types: a message has ids, codes, counts and instants; what it is made of has no field for anything else."""
    kept = set(get_type_hints(Notice).values())
    assert kept == {UUID, str, bool, int, datetime, datetime | None, Kind}
    facts = (e.AssignmentMade, e.DeadlineWarned, e.DeadlineBreached, e.CaseEscalated)
    parts = {field.annotation for fact in facts for field in fact.model_fields.values()}
    assert not parts & {Submission, Matter, Sealed, dict[str, JsonValue]}
    assert set(e.Owner.model_fields) == {
        "rung", "post", "grid", "unit_code", "account", "fallback_from", "deputy_for",
    }  # fmt: skip
