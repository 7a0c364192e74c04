"""Latency end to end: a complaint on its inbound topic until `AssignmentMade` is in a consumer's hands."""

import asyncio
import json
import os
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import aiokafka

from bench.complaints import CHANNEL, Complaint, Maker
from bench.log import parts, read, send
from bench.machine import Lab, Worker, process_cpu_s
from schemas.escalations import AssignmentMade
from schemas.submissions import SubmissionReceived
from services.runtime.clock import RealClock, elapsed_s
from services.runtime.message import Message

SERVICES = ("services.intake", "services.router", "services.escalation")
READY_S_MAX = 60.0
WARM = 100
LAST_S_MAX = 30.0
INBOUND = f"inbound-{CHANNEL}"
MADE = AssignmentMade.TYPE.encode()
RECEIVED = SubmissionReceived.TYPE.encode()
Stamps = dict[str, float]
"""Instants in ms since 1970, by case."""


def measure(lab: Lab, maker: Maker, per_s: int, seconds: int) -> dict[str, object]:
    """p50 and p99 in ms; the stages between by the broker's stamps; CPU of each service."""
    with lab.fresh() as prefix, ExitStack() as stack:
        workers = [stack.enter_context(Worker(module, lab, prefix)) for module in SERVICES]
        for worker in workers:
            worker.await_ready(READY_S_MAX)
        given = list(maker.complaints(WARM + per_s * seconds, RealClock().now()))
        idle = _others(lab)
        start = RealClock().now().timestamp()
        sent, got = asyncio.run(_drive(lab.kafka, prefix, given, per_s))
        end = RealClock().now().timestamp()
        counted = given[WARM:]
        lags = [1000 * (got[key] - at) for key, at in sent.items() if key in got]
        used = {worker.module: round(worker.cpu_s(start, end), 2) for worker in workers}
        used |= {name: round(cpu - idle[name], 2) for name, cpu in _others(lab).items()}
        stages = _stages(lab.kafka, prefix, counted)
    return {
        "per_s": per_s,
        "seconds": seconds,
        "sent": len(sent),
        "received": len(lags),
        "p50_ms": quantile(lags, 0.5),
        "p99_ms": quantile(lags, 0.99),
        "max_ms": quantile(lags, 1.0),
        "stages_ms": stages,
        "elapsed_s": round(end - start, 1),
        "cpu_s": used,
    }


def _others(lab: Lab) -> dict[str, float]:
    """CPU seconds so far of those who share the cores with the workers."""
    return {
        "broker": process_cpu_s(lab.broker.pid() or 0),
        "bench itself": process_cpu_s(os.getpid()),
    }


def quantile(values: list[float], part: float) -> float | None:
    """By rank; None of nothing."""
    ranked = sorted(values)
    return round(ranked[min(int(part * len(ranked)), len(ranked) - 1)], 1) if ranked else None


async def _drive(
    kafka: str, prefix: str, given: list[Complaint], per_s: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Elapsed seconds at which each was sent and received, by case; the first WARM are not counted."""
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", fetch_max_wait_ms=100
    )
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=0)
    await producer.start()
    await consumer.start()
    topic = prefix + "escalations"
    consumer.assign([aiokafka.TopicPartition(topic, place.partition) for place in parts(topic)])
    await consumer.seek_to_beginning()
    got: dict[str, float] = {}
    reading = asyncio.create_task(_receive(consumer, got))
    try:
        await _pace(producer, prefix, given[:WARM], per_s)
        await _until(got, WARM)
        sent = await _pace(producer, prefix, given[WARM:], per_s)
        await _until(got, len(given))
    finally:
        reading.cancel()
        await consumer.stop()
        await producer.stop()
    return sent, got


async def _until(got: dict[str, float], count: int) -> None:
    deadline = elapsed_s() + LAST_S_MAX
    while len(got) < count and elapsed_s() < deadline:  # noqa: ASYNC110 - a poll of a tally
        await asyncio.sleep(0.05)


async def _receive(consumer: aiokafka.AIOKafkaConsumer, got: dict[str, float]) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            now = elapsed_s()
            for record in records:
                if dict(record.headers)["ce_type"] == MADE:
                    got.setdefault(record.key.decode(), now)


async def _pace(
    producer: aiokafka.AIOKafkaProducer, prefix: str, given: list[Complaint], per_s: int
) -> dict[str, float]:
    """By the clock, not by the last answer: a slow system does not slow its callers."""
    sent, futures, start = {}, list[Any](), elapsed_s()
    for number, one in enumerate(given):
        wait = start + number / per_s - elapsed_s()
        if wait > 0:
            await asyncio.sleep(wait)
        sent[str(one.case)] = elapsed_s()
        message = Message(INBOUND, one.number.encode(), one.value, one.headers)
        futures.append(await send(producer, prefix, message))
    await asyncio.gather(*futures)
    return sent


def _stages(kafka: str, prefix: str, given: list[Complaint]) -> dict[str, object]:
    """p50 and p99 between the stamps of consecutive topics."""
    cases = {one.number: str(one.case) for one in given}
    steps: list[tuple[str, Stamps]] = [
        (INBOUND, _stamps(kafka, prefix + INBOUND, cases, _by_number)),
        ("submissions", _stamps(kafka, prefix + "submissions", cases, _by_submission)),
        ("cases", _stamps(kafka, prefix + "cases", cases, _by_key)),
        ("routings", _stamps(kafka, prefix + "routings", cases, _by_key)),
        ("escalations", _stamps(kafka, prefix + "escalations", cases, _by_assignment)),
    ]
    found: dict[str, object] = {}
    for (before, earlier), (name, later) in pairwise(steps):
        lags = [later[key] - earlier[key] for key in later.keys() & earlier.keys()]
        found[f"{before} → {name}"] = [quantile(lags, 0.5), quantile(lags, 0.99)]
    return found


def _stamps(kafka: str, topic: str, cases: dict[str, str], case: Any) -> Stamps:
    wanted, found = set(cases.values()), Stamps()
    for record in read(kafka, topic):
        key = case(record, cases)
        if key in wanted:
            found.setdefault(key, record.timestamp)
    return found


def _by_number(record: Any, cases: dict[str, str]) -> str:
    return cases.get(record.key.decode(), "")


def _by_submission(record: Any, cases: dict[str, str]) -> str:
    if dict(record.headers)["ce_type"] != RECEIVED:
        return ""
    said = json.loads(record.value).get("submission") or {}
    return cases.get(said.get("external_no", ""), "")


def _by_key(record: Any, _: dict[str, str]) -> str:
    return str(record.key.decode())


def _by_assignment(record: Any, _: dict[str, str]) -> str:
    return record.key.decode() if dict(record.headers)["ce_type"] == MADE else ""
