"""What the services do, written once: on the log of the simulation and on a real Kafka with real processes."""

import os
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from schemas.codec import encode
from schemas.event import Event
from schemas.submissions import SubmissionAmended, SubmissionReceived
from services.kernel.ids import case_id, derived_id, submission_id
from services.runtime.message import Message
from tests.simulation.people import Raw, inbound
from tests.support.processes import Process
from tests.support.sides import Side, Simulated, events, real_side

SIDES = (
    "simulated",
    pytest.param("real", marks=[pytest.mark.broker, pytest.mark.xdist_group("kafka")]),
)
DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=SIDES)
def side(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Side]:
    if request.param == "simulated":
        yield Simulated()
        return
    folder = tmp_path_factory.mktemp("side")

    def start(module: str, env: dict[str, str]) -> Process:
        return Process(module, os.environ | env, folder / f"{module}.log")

    kafka = request.getfixturevalue("kafka")
    with real_side(kafka.bootstrap, folder, start) as one:
        yield one


def order(side: Side, number: str, more: str = "") -> Raw:
    text = f"在樊口街道{number}号生鲜超市工作，被拖欠2025年6月至8月工资一万八{more}"
    when = side.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    phone = f"1380001{int(number):04d}"
    return {"order_no": number, "content": text, "caller_phone": phone, "accepted_at": when}


def tell(
    side: Side, number: str, raw: Raw | bytes, delivery: str = "1", channel: str = "12345"
) -> UUID:
    """Sends a record; the case it opens where it is the first of its matter."""
    side.send(inbound(channel, number, raw, side.now, f"{number}-{delivery}", number))
    return case_id(submission_id(channel, number))


def act(
    side: Side, case: UUID, verb: type[a.Action], after: timedelta = timedelta(), **more: object
) -> UUID:
    """A deed `after` now (a phone without a net: before it)."""
    post = "grid_officer"
    data = verb(district="420704", case_id=case, actor=a.Actor(post=post), **more)
    event = Event(derived_id(case, verb.VERB), "urn:test", side.now + after, str(case), data)
    headers, value = encode(event)
    side.send(Message("actions", str(case).encode(), value, tuple(headers)))
    return event.id


def said(side: Side, topic: str, case: UUID, *kinds: type) -> list:
    """Events of these kinds about one case."""
    found = (one.data for one in events(side, topic))
    return [one for one in found if isinstance(one, kinds) and one.case_id == case]


def wait(side: Side, topic: str, case: UUID, kind: type, count: int = 1) -> list:
    side.until(lambda: len(said(side, topic, case, kind)) >= count, f"{count} {kind.__name__}")
    return said(side, topic, case, kind)


def test_one_matter_through_two_channels_is_one_case(side: Side) -> None:
    case = tell(side, "101", order(side, "101"))
    wait(side, "cases", case, c.CaseOpened)
    raw = order(side, "101")
    call = {"call_no": "B101", "business_type": "投诉举报", "called_at": raw["accepted_at"]}
    tell(
        side,
        "B101",
        {**call, "caller_phone": raw["caller_phone"], "content": raw["content"]},
        channel="12333",
    )
    (joined,) = wait(side, "cases", case, c.SubmissionJoined)
    assert (joined.submission.channel, joined.submission.external_no) == ("12333", "B101")
    assert len(wait(side, "routings", case, c.CaseRouted)) == 1
    wait(side, "escalations", case, e.AssignmentMade)


def test_a_broken_record_is_kept_and_the_next_goes_on(side: Side) -> None:
    before = len(side.records("quarantine"))
    tell(side, "102", b"\xca\xd0")
    case = tell(side, "102", order(side, "102"), "2")
    wait(side, "cases", case, c.CaseOpened)
    side.until(lambda: len(side.records("quarantine")) == before + 1, "one record in quarantine")
    facts = [dict(one.headers) for one in side.records("quarantine") if one.value == b"\xca\xd0"]
    assert [one["anxin_topic"] for one in facts] == [b"inbound-12345"]
    assert facts[0]["anxin_reason"] == b"bad_encoding"


def test_the_same_again_is_silent_and_a_change_is_shown(side: Side) -> None:
    raw = order(side, "103")
    case = tell(side, "103", raw)
    tell(side, "103", raw, "2")
    tell(side, "103", order(side, "103", "，已催办"), "3")
    (amended,) = wait(side, "cases", case, SubmissionAmended)
    assert amended.submission.revision == 1
    kinds = (SubmissionReceived, SubmissionAmended)
    told = [
        one.data.submission for one in events(side, "submissions") if isinstance(one.data, kinds)
    ]
    assert [one.revision for one in told if one.external_no == "103"] == [0, 1]
    clocks = [(one.clock, one.source) for one in said(side, "escalations", case, e.ClockStarted)]
    assert len(clocks) == len(set(clocks))


def test_a_command_before_its_case_waits_and_is_applied(side: Side) -> None:
    case = case_id(submission_id("12345", "104"))
    act(side, case, a.Comment)
    early = act(side, case, a.Contact, timedelta(minutes=3))
    side.go(timedelta(hours=2))
    tell(
        side,
        "104",
        order(side, "104") | {"accepted_at": (side.now - timedelta(hours=3)).isoformat()},
    )
    taken = wait(side, "escalations", case, e.ActionTaken, 2)
    assert early in {one.command_id for one in taken}
    assert said(side, "escalations", case, e.ActionRefused) == []


def test_a_clock_warns_lapses_and_climbs_and_a_deed_in_time_withdraws_it(side: Side) -> None:
    case = tell(side, "105", order(side, "105"))
    wait(side, "escalations", case, e.AssignmentMade)
    side.go(DAY)
    side.until(
        lambda: (
            {"S03", "S04"}
            <= {one.clock for one in said(side, "escalations", case, e.DeadlineBreached)}
        ),
        "both lapse",
    )
    warned = [
        one for one in said(side, "escalations", case, e.DeadlineWarned) if one.clock == "S03"
    ]
    assert [one.warn_at for one in warned] == sorted(one.warn_at for one in warned) != []
    told = [one for one in said(side, "escalations", case, e.CaseEscalated) if one.clock == "S03"]
    assert {one.level for one in told} == {1}
    act(side, case, a.Sign, -DAY + timedelta(hours=1))
    side.until(
        lambda: any(one.clock == "S03" for one in said(side, "escalations", case, e.ClockStopped)),
        "S03 ends",
    )
    (stopped,) = [
        one for one in said(side, "escalations", case, e.ClockStopped) if one.clock == "S03"
    ]
    assert (stopped.kept, stopped.breach_withdrawn) == (True, True)


def test_on_closing_the_source_is_answered(side: Side) -> None:
    case = tell(side, "106", order(side, "106"))
    wait(side, "escalations", case, e.AssignmentMade)
    side.go(timedelta(hours=1))
    act(side, case, a.Sign)
    act(side, case, a.Close, conclusion="不属实")
    (owed,) = wait(side, "replies", case, e.ReplyOwed)
    assert (owed.channel, owed.external_no, owed.conclusion) == ("12345", "106", "不属实")
    act(side, case, a.Comment, note="结案后的备注")
    wait(side, "escalations", case, e.ActionTaken, 3)
    late = act(side, case, a.Contact)
    (refused,) = wait(side, "escalations", case, e.ActionRefused)
    assert (refused.command_id, refused.reason) == (late, "closed")
