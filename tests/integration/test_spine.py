"""The whole way on a real Kafka under faults, with exact accounting: one fate a submission, one answer a command."""

import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID

import pytest

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from schemas.codec import encode
from schemas.event import Event
from services.kernel.ids import derived_id
from services.runtime.stepper import SETTLE_S_MAX, Stepper, StuckError
from tests.support.account import account_of, problems
from tests.support.complaints import complaints, inbound
from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
GROUPS = ("intake", "router", "escalation")
SERVICES = tuple(f"services.{name}" for name in GROUPS)
COUNT = 240
OLD = timedelta(days=30)  # long enough for every clock from receipt to have lapsed


def batches(kafka, prefix, records, size: int = 40):
    """Sends in portions; yields after each."""
    by_topic: dict[str, list] = {}
    for number, (topic, key, value, headers) in enumerate(records, start=1):
        by_topic.setdefault(topic, []).append((key, value, headers))
        if number % size == 0:
            for name, portion in by_topic.items():
                send(kafka.bootstrap, prefix + name, portion)
            by_topic.clear()
            yield number
    for name, portion in by_topic.items():
        send(kafka.bootstrap, prefix + name, portion)


def command(case, verb, now, number=0, **fields):
    data = verb(district="420704", case_id=case, actor=a.Actor(post="centre_head"), **fields)
    event = Event(derived_id(case, f"test/{verb.VERB}", number), "urn:test", now, str(case), data)
    headers, value = encode(event)
    return "actions", str(case).encode(), value, headers


def deeds(kafka, prefix):
    """Somebody signs every case of the run and closes it: two commands a case."""
    opened = Tail(kafka.bootstrap, prefix, "cases")
    cases = sorted({record.key.decode() for record in opened.all()})
    now = datetime.now(UTC)  # noqa: TID251 - the real clock is under test
    for case in map(UUID, cases):
        yield command(case, a.Sign, now)
        yield command(case, a.Close, now, conclusion="不属实")


def records(now):
    for channel, number, raw in complaints(COUNT, 5, now - OLD):
        yield inbound(channel, number, raw, now)


def runner(workers):
    """Whoever ended because the broker was away is started again, as its runner does."""
    for worker in workers:
        if worker.process.poll() is not None:
            assert worker.process.returncode == 70
            worker.start()


def acknowledged(kafka, prefix, workers):
    """A record that joins while its case is being closed gets one of its own (docs/adr/0004): here all join before."""
    stepper = Stepper(kafka.bootstrap, prefix, GROUPS, Path(os.devnull), ())
    deadline = time.monotonic() + SETTLE_S_MAX
    while True:
        runner(workers)
        try:
            stepper.settle(2.0)
            break
        except StuckError:
            if time.monotonic() > deadline:
                raise
    stepper.close()


def settled(kafka, prefix, answers: int, workers):
    def done() -> bool:
        runner(workers)
        found = account_of(kafka.bootstrap, prefix)
        told = len(found.of(e.ActionTaken)) + len(found.of(e.ActionRefused))
        return told >= answers

    until(done, f"{answers} answers", 120)


def test_every_service_is_killed_and_every_submission_has_one_fate(kafka, prefix, service):
    now, chance = datetime.now(UTC), random.Random(11)  # noqa: TID251 - the real clock is under test
    workers = [service(name) for name in SERVICES]
    turns = cycle(workers)
    for _ in batches(kafka, prefix, records(now)):
        worker = next(turns) if chance.random() < 0.7 else chance.choice(workers)
        worker.kill()
        worker.start()
    cases = Tail(kafka.bootstrap, prefix, "cases")
    until(lambda: len(fates(cases)) == COUNT, f"{COUNT} submissions in cases")
    routed = Tail(kafka.bootstrap, prefix, "routings")
    opened = len({record.key for record in cases.records})
    until(lambda: len({record.key for record in routed.read()}) == opened, "all routed")
    acknowledged(kafka, prefix, workers)
    commands = list(deeds(kafka, prefix))
    for number in batches(kafka, prefix, commands):
        workers[2].kill() if number % 80 == 0 else workers[1].kill()
        for worker in workers:
            if worker.process.poll() is not None:
                worker.start()
    settled(kafka, prefix, len(commands), workers)
    found = account_of(kafka.bootstrap, prefix)
    assert problems(found, COUNT) == []
    # thirty days late: each legal clock has lapsed, and was said exactly once
    hard = {data.case_id for data in found.of(e.DeadlineBreached) if data.clock == "S09"}
    assert hard == {data.case_id for data in found.of(c.CaseOpened)}


def fates(tail: Tail) -> set[str]:
    wanted = (b"cn.anxin.case.opened.v1", b"cn.anxin.submission.joined.v1")
    return {
        headers["ce_id"].decode()
        for record in tail.read()
        if (headers := dict(record.headers))["ce_type"] in wanted
    }


def test_workers_come_and_go_and_the_broker_too(kafka, prefix, service):
    now = datetime.now(UTC)  # noqa: TID251 - the real clock is under test
    workers = [service(name) for name in SERVICES]
    steps = iter(("more", "kill9", "fewer", "term"))
    for number in batches(kafka, prefix, records(now)):
        step = next(steps, None) if number % 40 == 0 else None
        if step == "more":
            workers += [service(name, i) for name in SERVICES[::2] for i in ("1", "2")]
        elif step == "fewer":
            workers.pop().stop()
            workers.pop().kill()
        elif step:
            kafka.stop(signal.SIGKILL if step == "kill9" else signal.SIGTERM)
            kafka.start()
    cases = Tail(kafka.bootstrap, prefix, "cases")

    def done() -> bool:
        runner(workers)
        return len(fates(cases)) == COUNT

    until(done, f"{COUNT} submissions in cases", 150)
    acknowledged(kafka, prefix, workers)
    commands = list(deeds(kafka, prefix))
    list(batches(kafka, prefix, commands))
    settled(kafka, prefix, len(commands), workers)
    assert problems(account_of(kafka.bootstrap, prefix), COUNT) == []
