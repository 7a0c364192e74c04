"""The engine on a real Kafka, with exact accounting: every command sent has one echo and is counted once."""

import random
import signal
import urllib.request
from datetime import UTC, datetime
from uuid import UUID

import pytest

from schemas.actions import Actor, Comment
from schemas.codec import encode
from schemas.event import Event
from services.kernel.ids import derived_id
from services.runtime.broker import free_port
from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
ECHO = "tests.support.echo"
AT = datetime(2026, 1, 5, 1, tzinfo=UTC)


def commands(count: int, cases: int = 200):
    for number in range(count):
        case = UUID(int=number % cases + 1)
        data = Comment(
            district="420704", case_id=case, actor=Actor(post="centre_duty"), note="x" * 400
        )
        event = Event(derived_id(case, "command", number), "urn:test", AT, str(case), data)
        headers, value = encode(event)
        yield str(case).encode(), value, headers


def accounted(kafka, prefix, sent: int) -> None:
    out = Tail(kafka.bootstrap, prefix, "deadlines")
    until(lambda: len(set(out.ids())) >= sent, f"{sent} echoes")
    rows = Tail(kafka.bootstrap, prefix, "escalation-advance-changelog")
    until(lambda: sum(row["n"] for row in rows.rows().values()) >= sent, "all counted")
    assert len(set(out.ids())) == sent
    assert sum(row["n"] for row in rows.rows().values()) == sent


def test_kill_9_at_any_instant_loses_and_doubles_nothing(kafka, prefix, service):
    worker, chance = service(ECHO), random.Random(7)
    send(kafka.bootstrap, prefix + "actions", commands(10_000))
    echoes = Tail(kafka.bootstrap, prefix, "deadlines")
    for _ in range(4):
        mark = len(echoes.read()) + chance.randrange(1, 1500)
        until(lambda mark=mark: len(echoes.read()) >= min(mark, 10_000), "work under way")
        worker.kill()
        worker.start()
    accounted(kafka, prefix, 10_000)
    assert worker.stop() == 0


def test_one_three_two_workers(kafka, prefix, service):
    first = service(ECHO, "0")
    send(kafka.bootstrap, prefix + "actions", commands(3_000))
    second, third = service(ECHO, "1"), service(ECHO, "2")
    send(kafka.bootstrap, prefix + "actions", list(commands(6_000))[3_000:])
    third.kill()
    send(kafka.bootstrap, prefix + "actions", list(commands(9_000))[6_000:])
    accounted(kafka, prefix, 9_000)
    assert first.stop() == second.stop() == 0


def test_broker_killed_and_restarted_needs_nobody(kafka, prefix, service):
    worker = service(ECHO)
    for round_, number in enumerate((signal.SIGKILL, signal.SIGTERM)):
        send(kafka.bootstrap, prefix + "actions", list(commands(4_000))[round_ * 2_000 :][:2_000])
        kafka.stop(number)
        kafka.start()
    echoes = Tail(kafka.bootstrap, prefix, "deadlines")

    def done() -> bool:
        if worker.process.poll() is not None:  # its runner starts it again
            assert worker.process.returncode == 70
            worker.start()
        return len(set(echoes.ids())) == 4_000

    until(done, "4000 echoes")
    accounted(kafka, prefix, 4_000)


def test_a_worker_that_stood_still_ends_itself_and_its_successor_goes_on(kafka, prefix, service):
    first, second = service(ECHO, "0"), service(ECHO, "1")
    send(kafka.bootstrap, prefix + "actions", commands(500))
    accounted(kafka, prefix, 500)
    first.process.send_signal(signal.SIGSTOP)
    send(kafka.bootstrap, prefix + "actions", list(commands(1_500))[500:])
    accounted(kafka, prefix, 1_500)  # so the other owns everything by now
    first.process.send_signal(signal.SIGCONT)
    until(lambda: first.process.poll() is not None, "the stale worker to end")
    assert first.process.returncode == 70
    accounted(kafka, prefix, 1_500)
    assert second.stop() == 0


def test_who_cannot_hand_over_in_time_ends_itself_before_its_successor_reads(
    kafka, prefix, service, tmp_path
):
    hold = tmp_path / "hold"
    hold.touch()
    env = {"ECHO_HOLD": str(hold), "ANXIN_DRAIN_TIMEOUT_S": "0.5"}
    first = service("tests.support.held_echo", "0", **env)
    send(kafka.bootstrap, prefix + "actions", commands(300))
    until(hold.with_suffix(".entered").exists, "a batch under way")
    second = service(ECHO, "1")
    until(lambda: first.process.poll() is not None, "the slow worker to end")
    assert first.process.returncode == 70
    assert '"where": "drain"' in first.log.read_text()
    hold.unlink()
    accounted(kafka, prefix, 300)
    assert second.stop() == 0


def test_bad_records_are_buried_whole_and_the_next_good_one_goes_on(kafka, prefix, service):
    port = free_port()
    service(ECHO, ANXIN_PROBE_PORT=str(port))
    bad = [(b"k", b"\xff not json", [("x", b"1")]), (None, b"", [])]
    send(kafka.bootstrap, prefix + "actions", [*bad, *commands(3)])
    buried = Tail(kafka.bootstrap, prefix, "quarantine")
    until(lambda: len(buried.read()) == 2, "two records in quarantine")
    first = next(record for record in buried.records if record.value)
    facts = dict(first.headers)
    assert first.value == bad[0][1]
    assert facts["orig_x"] == b"1"
    assert facts["anxin_topic"] == b"actions"
    accounted(kafka, prefix, 3)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        text = page.read().decode()
    assert 'anxin_events_quarantined_total{channel="actions",reason="empty"} 1.0' in text


def test_a_record_under_another_key_finds_the_partition_of_its_row(kafka, prefix, service):
    service(ECHO)
    wrong = [(b"something else", value, headers) for _, value, headers in commands(40, cases=2)]
    send(kafka.bootstrap, prefix + "actions", wrong)
    accounted(kafka, prefix, 40)
    rows = Tail(kafka.bootstrap, prefix, "escalation-advance-changelog").rows()
    assert sorted(row["n"] for row in rows.values()) == [20, 20]
