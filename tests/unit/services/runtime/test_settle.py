"""The one way through, with the plug pulled between every two effects."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from schemas.actions import Actor, Comment
from schemas.codec import encode
from schemas.event import Event, Record
from schemas.topics import PARTITIONS
from services.kernel.ids import derived_id
from services.runtime.metrics import EngineMetrics
from services.runtime.quarantine import Flood, Quota, from_quarantine
from services.runtime.rows import decode_row
from services.runtime.settle import Rows, Settler, partition_of
from services.runtime.timers import Timers
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

    async def confirm(self, messages, _stamp):
        self.calls += 1
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


@pytest.mark.parametrize("point", ["outputs", "rows"])
def test_pulled_after_an_effect_the_replay_writes_the_same_again(point):
    def crash(at: str) -> None:
        if at == point:
            raise PulledError

    log, rows, batch = Log(), Rows(), [command(0), command(1)]
    with pytest.raises(PulledError):
        run(settler(log, crash), rows, batch)
    assert rows.raw == {}
    run(settler(log), rows, batch)
    echoes = [dict(message.headers)["ce_id"] for message in log.to("deadlines")]
    assert len(echoes) == 4
    assert echoes[:2] == echoes[2:]
    assert counted(rows) == 2


@pytest.mark.parametrize("refused", [0, 1])
def test_an_effect_that_is_refused_leaves_no_trace_in_the_rows(refused):
    log, rows = Log(fail_at=refused), Rows()
    with pytest.raises(PulledError):
        run(settler(log), rows, [command(0)])
    assert rows.raw == {}
    assert len(log.to("escalation-advance-changelog")) == 0


def test_no_row_is_confirmed_before_its_outputs():
    log = Log()
    run(settler(log), Rows(), [command(0), command(1)])
    assert [message.topic for message in log.sent][-1] == "escalation-advance-changelog"
    assert len(log.to("escalation-advance-changelog")) == 1


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
