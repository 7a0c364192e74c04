"""The one way through, with the plug pulled between every two effects."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from schemas.actions import Actor, Comment
from schemas.codec import encode
from schemas.event import Event, Record
from schemas.topics import PARTITIONS
from services.kernel.ids import derived_id
from services.runtime import outbox
from services.runtime.message import Message
from services.runtime.metrics import EngineMetrics
from services.runtime.outbox import unsettled
from services.runtime.quarantine import Flood, Quota, from_quarantine
from services.runtime.rows import Rows, decode_row
from services.runtime.settle import Restored, Settler, partition_of
from services.runtime.stage import CannotDecide
from services.runtime.timers import AT_ONCE_MS, Timers
from tests.support.echo import ECHO, Count

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
CASE = UUID(int=1)
HOME = partition_of(str(CASE), PARTITIONS)


class PulledError(Exception):
    pass


class Log:
    """What the broker has confirmed. `fail_at` = the send that is refused, counted from 0."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.sent, self.calls, self.fail_at = [], 0, fail_at
        self.stamps = set()

    async def confirm(self, messages, stamp):
        self.calls += 1
        self.stamps.add(stamp)
        if self.calls - 1 == self.fail_at:
            raise PulledError
        self.sent += messages

    def to(self, topic):
        return [message for message in self.sent if message.topic == topic]


def settler(log: Log, crash=lambda point: None, quota=None) -> Settler:
    metrics = EngineMetrics(CollectorRegistry(), "test")
    return Settler("escalation", ECHO, PARTITIONS, log.confirm, metrics, quota or Quota(), crash)


def command(
    number: int, case: UUID = CASE, partition: int = HOME, key: bytes | None = None
) -> Record:
    data = Comment(district="420704", case_id=case, actor=Actor(post="centre_duty"))
    event = Event(derived_id(case, "c", number), "urn:test", AT, str(case), data)
    headers, value = encode(event)
    return Record(
        "actions", partition, number, AT, key or str(case).encode(), value, tuple(headers)
    )


def run(one: Settler, rows: Rows, records) -> None:
    asyncio.run(one.settle(rows, Timers(), records))


def counted(rows: Rows) -> int:
    return decode_row(rows.raw[str(CASE)], Count).state.n


def restored(log: Log, committed: int = 0) -> Restored:
    """As the next owner finds it: rows from the changelog, and what was perhaps never said."""
    found = Restored()
    for mark in log.to("escalation-advance-changelog"):
        key = mark.key.decode()
        found.rows.put(key, mark.value, mark.headers)
        messages = unsettled(mark.headers, lambda topic: committed)
        found.pending.pop(key, None)
        if messages:
            found.pending[key] = (AT, messages)
    return found


@pytest.mark.parametrize("point", ["rows", "outputs"])
def test_pulled_after_an_effect_the_next_owner_says_the_same_and_counts_once(point):
    def crash(at: str) -> None:
        if at == point:
            raise PulledError

    log, batch = Log(), [command(0), command(1)]
    with pytest.raises(PulledError):
        run(settler(log, crash), Rows(), batch)
    found = restored(log)
    asyncio.run(settler(log).resend(found))
    run(settler(log), found.rows, batch)
    echoes = [(dict(m.headers)["ce_id"], m.key, m.value, m.headers) for m in log.to("deadlines")]
    assert len(echoes) == (2 if point == "rows" else 4)
    assert len(set(echoes)) == 2
    assert counted(found.rows) == 2


def test_another_order_after_the_crash_changes_nothing_that_was_decided():
    """Found on the broker: between two topics a replay may interleave otherwise than the first time."""
    log = Log(fail_at=1)
    with pytest.raises(PulledError):
        run(settler(log), Rows(), [command(0)])
    found = restored(log)
    asyncio.run(settler(log).resend(found))
    run(settler(log), found.rows, [command(1), command(0)])
    ids = [dict(message.headers)["ce_id"] for message in log.to("deadlines")]
    assert len(ids) == len(set(ids)) == 2
    assert counted(found.rows) == 2


def test_what_was_acknowledged_is_not_said_again():
    log = Log()
    run(settler(log), Rows(), [command(0), command(1)])
    assert restored(log, committed=2).pending == {}
    assert len(restored(log, committed=1).pending) == 1


@pytest.mark.parametrize("refused", [0, 1])
def test_an_effect_that_is_refused_leaves_no_trace_in_the_rows(refused):
    log, rows = Log(fail_at=refused), Rows()
    with pytest.raises(PulledError):
        run(settler(log), rows, [command(0)])
    assert rows.raw == {}
    assert len(log.to("deadlines")) == 0


def test_no_output_is_confirmed_before_the_row_that_decided_it():
    log = Log()
    run(settler(log), Rows(), [command(0), command(1)])
    assert [m.topic for m in log.sent] == ["escalation-advance-changelog", "deadlines", "deadlines"]


def test_a_batch_too_large_for_one_outbox_is_settled_in_parts(monkeypatch):
    monkeypatch.setattr(outbox, "BYTES_MAX", 300)
    log, rows = Log(), Rows()
    run(settler(log), rows, [command(number) for number in range(6)])
    assert counted(rows) == 6
    marks = log.to("escalation-advance-changelog")
    assert len(marks) == 2
    assert sum(sum(name == "out" for name, _ in mark.headers) for mark in marks) == 6


def test_an_outbox_holds_every_byte_of_a_message():
    whole = Message("t", b"\xff key", b'{"a":"\n"}', (("h", b"\x00"), ("h", b"2")), 3)
    bare = Message("t", None, None)
    headers = outbox.enclose("in-put", 7, [whole, bare])
    assert unsettled(headers, lambda topic: 7 if topic == "in-put" else 99) == [whole, bare]


def test_an_id_seen_before_has_no_effect():
    log, rows = Log(), Rows()
    run(settler(log), rows, [command(0), command(0)])
    run(settler(log), rows, [command(0), command(1)])
    assert counted(rows) == 2
    assert len(log.to("deadlines")) == 2


def test_a_record_far_from_its_row_is_sent_again_and_changes_nothing_here():
    log, rows = Log(), Rows()
    strange = command(0, partition=(HOME + 1) % PARTITIONS, key=b"other")
    run(settler(log), rows, [strange])
    (again,) = log.sent
    assert (again.topic, again.key, again.value) == ("actions", str(CASE).encode(), strange.value)
    assert rows.raw == {}


def test_what_can_never_be_read_is_buried_whole_and_comes_back_as_it_was():
    log, rows = Log(), Rows()
    bad = Record("actions", HOME, 7, AT, None, b"\xff", (("x", b"1"),))
    run(settler(log), rows, [bad, command(0)])
    (buried,) = log.to("quarantine")
    assert buried.key == f"actions-{HOME}-7".encode()
    back = from_quarantine(Record("quarantine", 0, 0, AT, buried.key, buried.value, buried.headers))
    assert back == bad
    assert counted(rows) == 1


def test_a_type_nobody_heeds_is_acknowledged_unread_and_leaves_no_mark():
    log, rows = Log(), Rows()
    one = replace(settler(log), stage=replace(ECHO, heeds=frozenset({"cn.anxin.other.v1"})))
    garbage = Record("actions", HOME, 5, AT, None, b"\xff")
    run(one, rows, [command(0), garbage])
    assert rows.raw == {}
    assert [message.topic for message in log.sent] == ["quarantine"]


def test_a_flood_stops_before_anything_is_published():
    log = Log()
    bad = [Record("actions", HOME, n, AT, None, b"\xff") for n in range(4)]
    with pytest.raises(Flood, match="4 records"):
        run(settler(log, quota=Quota(3)), Rows(), bad)
    assert log.sent == []


def test_the_quota_is_of_one_minute():
    quota = Quota(3)
    quota.spend(3, 0.0)
    with pytest.raises(Flood):
        quota.spend(1, 59.0)
    quota.spend(3, 200.0)


def test_timers_fire_oldest_first_once_and_again_when_lost():
    timers, due = Timers(), {"a": 20, "b": 10, "c": 99}
    timers.rebuild(due)
    assert timers.next_due(due) == 10
    assert timers.take(due, 50, 1) == [(10, "b")]
    timers.mark_sent(10, "b", 0.0)
    assert timers.take(due, 50, 9) == [(20, "a")]
    assert timers.next_due(due) == 10
    timers.lost(due, 31.0)
    assert timers.take(due, 50, 9) == [(10, "b")]


def test_a_row_armed_again_for_the_instant_it_just_answered_fires_again_at_once():
    """Simulation, seed 1603: two clocks with one instant, the second started between command and answer."""
    timers, due = Timers(), {"a": 20}
    timers.rebuild(due)
    assert timers.take(due, 50, 9) == [(20, "a")]
    timers.mark_sent(20, "a", 0.0)
    assert timers.answered("a")
    assert not timers.answered("a")
    timers.arm("a", 20)
    assert timers.take(due, 50, 9) == [(20, "a")]


def test_a_timer_whose_row_moved_on_says_nothing():
    timers, due = Timers(), {"a": 20}
    timers.rebuild(due)
    due["a"] = 500
    timers.arm("a", 500)
    assert timers.take(due, 50, 9) == []
    assert timers.next_due(due) == 500


def test_now_is_the_logs_own_time():
    log, late = Log(), AT + timedelta(days=3)
    record = command(0)
    moved = Record("actions", HOME, 0, late, record.key, record.value, record.headers)
    run(settler(log), Rows(), [moved])
    assert (
        dict(log.to("deadlines")[0].headers)["ce_time"]
        == late.isoformat().replace("+00:00", "Z").encode()
    )


def test_a_batch_is_stamped_by_its_newest_record_wherever_that_stands():
    log, late = Log(), AT + timedelta(days=3)
    one, other = command(0), command(1)
    newer = Record("actions", HOME, 0, late, one.key, one.value, one.headers)
    run(settler(log), Rows(), [newer, other])
    assert log.stamps == {late}


def test_what_cannot_be_decided_here_stops_the_process_and_is_not_buried():
    log = Log()

    def decide(*_):
        raise CannotDecide("pinned elsewhere")

    one = settler(log)
    one = replace(one, stage=replace(one.stage, decide=decide))
    with pytest.raises(CannotDecide):
        run(one, Rows(), [command(1)])
    assert log.sent == []


def test_a_restored_row_of_a_hurried_label_is_armed_at_once_and_no_other():
    rows, timers = (
        Rows(due={"a": 5_000, "b": 6_000}, label={"a": "x", "b": "y", "c": "x"}),
        Timers(),
    )
    one = settler(Log())
    replace(one, stage=replace(one.stage, hurried=lambda label: label == "x")).arm(rows, timers)
    assert rows.due == {"a": AT_ONCE_MS, "b": 6_000, "c": AT_ONCE_MS}
    assert sorted(timers.take(rows.due, 1_000, 9)) == [(AT_ONCE_MS, "a"), (AT_ONCE_MS, "c")]
