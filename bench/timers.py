"""Timers: many rows restored, all due at one instant, with new cases meanwhile; and a few, spread, without backlog."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import aiokafka

from bench.complaints import Maker, Pattern
from bench.latency import quantile
from bench.log import Offsets, fill, read, send
from bench.machine import ROOT, Lab, TooSlowError, Worker
from bench.rows import bytes_of, kinds, mix, spread
from schemas.escalations import DeadlineBreached, DeadlineWarned
from services.escalation.app import NAME
from services.runtime.clock import RealClock, elapsed_s

KINDS = 200
NEW_PER_S = 50
FILL_ROWS_PER_S = (
    7_000  # guesses only for when the instant is to be; a late worker is said to be late
)
RESTORE_ROWS_PER_S = 12_000
START_S = 12.0
READY_S_MAX = 300.0
DRAIN_S_MAX = 1200.0
AUDITED_S_MAX = 300.0  # until the deadlines of the new cases have been said, too
FAR = timedelta(days=30)
UNFIRED = "anxin_timers_overdue_unfired"
FIRED = (DeadlineWarned.TYPE.encode(), DeadlineBreached.TYPE.encode())
CHANGELOG = f"{NAME}-advance-changelog"


@dataclass(frozen=True)
class Plan:
    """`over_s` 0 = all rows due at one instant. `armed`: so many more, due long after."""

    rows: int
    over_s: float
    new_per_s: int
    restore_alone: bool
    armed: int = 0


def backlog(rows: int) -> Plan:
    return Plan(rows, 0.0, NEW_PER_S, restore_alone=True)


def quiet(rows: int, over_s: float, armed: int) -> Plan:
    return Plan(rows, over_s, 0, restore_alone=False, armed=armed)


def measure(lab: Lab, maker: Maker, plan: Plan, tell: Callable[[str], None]) -> dict[str, object]:
    made = kinds(maker, min(KINDS, plan.rows), RealClock().now())
    fresh = maker.patterns(KINDS, RealClock().now()) if plan.new_per_s else []
    with lab.fresh() as prefix:
        first, instants = _instants(plan)
        began = elapsed_s()
        far = [instants[-1] + FAR]
        rows = chain(spread(made, plan.armed, far, plan.rows), spread(made, plan.rows, instants))
        fill(lab.kafka, prefix, rows)
        tell(f"{plan.rows + plan.armed:,} rows written in {elapsed_s() - began:.0f} s")
        alone = _restore_alone(lab, prefix) if plan.restore_alone else {}
        with Worker("services.escalation", lab, prefix) as worker:
            ready_s = worker.await_ready(READY_S_MAX)
            ready_at = RealClock().now()
            tell(f"ready after {ready_s:.1f} s; due in {(first - ready_at).total_seconds():.0f} s")
            asyncio.run(_drive(lab, prefix, plan, instants, fresh))
            drained_at = RealClock().now().timestamp()
            used = worker.cpu_s(max(first, ready_at).timestamp(), drained_at)
            unfired = _audited(worker)
        return (
            {
                "rows": plan.rows,
                "armed": plan.armed,
                "kinds": mix(made),
                "bytes_per_row": bytes_of(made),
                "ready_s": round(ready_s, 1),
                "ready_s_per_100k": round(ready_s / (plan.rows + plan.armed) * 1e5, 1),
                "ready_before_due": ready_at < first,
                "cpu_s": round(used, 1),
                "memory_mb_max": round(worker.memory_bytes_max / 1e6),
                "overdue_unfired": unfired,
            }
            | alone
            | _fires(lab, prefix, instants, ready_at)
            | (_news(lab, prefix) if plan.new_per_s else {})
        )


def _instants(plan: Plan) -> tuple[datetime, list[datetime]]:
    """Whole milliseconds, far enough ahead that the rows are there first."""
    wait = START_S + (plan.rows + plan.armed) / FILL_ROWS_PER_S + plan.armed / RESTORE_ROWS_PER_S
    if plan.restore_alone:
        wait += 2 * plan.rows / RESTORE_ROWS_PER_S
    first = (RealClock().now() + timedelta(seconds=wait)).replace(microsecond=0)
    if not plan.over_s:
        return first, [first]
    step = plan.over_s / plan.rows
    return first, [first + timedelta(milliseconds=int(1000 * step * n)) for n in range(plan.rows)]


def _restore_alone(lab: Lab, prefix: str) -> dict[str, object]:
    """In a process of its own: what the engine's restore does, and nothing else."""
    command = [sys.executable, "-m", "bench.restoring", lab.kafka, prefix]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TooSlowError(f"restore alone ended with {done.returncode}: {done.stderr[-800:]}")
    return dict(json.loads(done.stdout))


async def _drive(
    lab: Lab, prefix: str, plan: Plan, instants: Sequence[datetime], fresh: Sequence[Pattern]
) -> None:
    """From just before the instant until every command has been settled."""
    await _sleep_until(instants[0] - timedelta(seconds=1))
    feeding = asyncio.create_task(_feed(lab.kafka, prefix, plan, fresh))
    offsets = Offsets(lab.kafka)
    try:
        deadline = elapsed_s() + DRAIN_S_MAX + plan.over_s
        while await asyncio.to_thread(_settled, offsets, prefix) < plan.rows:
            if elapsed_s() > deadline:
                raise TooSlowError(f"{plan.rows} fires not drained in {DRAIN_S_MAX:.0f} s")
            await asyncio.sleep(0.5)
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])
        offsets.close()
    await asyncio.sleep(1)


def _settled(offsets: Offsets, prefix: str) -> int:
    return offsets.committed(prefix + NAME, prefix + "deadlines")


async def _sleep_until(instant: datetime) -> None:
    await asyncio.sleep(max((instant - RealClock().now()).total_seconds(), 0))


async def _feed(kafka: str, prefix: str, plan: Plan, fresh: Sequence[Pattern]) -> None:
    """Cases that no row is about: the rows took the first `plan.rows` ordinals."""
    per_s = plan.new_per_s
    if not per_s:
        return
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=0)
    await producer.start()
    start = elapsed_s()
    try:
        for number in range(per_s * int(DRAIN_S_MAX)):
            (message,) = fresh[number % len(fresh)].copy(plan.rows + number)
            await asyncio.sleep(max(start + number / per_s - elapsed_s(), 0))
            await send(producer, prefix, message)
    finally:
        await producer.stop()


def _fires(
    lab: Lab, prefix: str, instants: Sequence[datetime], ready_at: datetime
) -> dict[str, object]:
    """Lag in s from the instant (from readiness, where the worker came later) to the command and to the fact."""
    floor = ready_at.timestamp()
    dues: dict[str, float] = {}
    commanded, told = list[float](), list[float]()
    stamps: list[float] = []
    for record in read(lab.kafka, prefix + "deadlines"):
        due = _due(record)
        dues.setdefault(record.key.decode(), due)
        commanded.append(record.timestamp / 1000 - max(due, floor))
        stamps.append(record.timestamp / 1000)
    last = 0.0
    for record in read(lab.kafka, prefix + "escalations"):
        key = record.key.decode()
        if dict(record.headers)["ce_type"] in FIRED and key in dues:
            told.append(record.timestamp / 1000 - max(dues[key], floor))
            last = max(last, record.timestamp / 1000)
    start = max(instants[0].timestamp(), floor)
    return {
        "fires": len(told),
        "commands": len(commanded),
        "fires_per_s": round(len(told) / (last - start)) if last > start else None,
        "drain_s": round(last - start, 1),
        "command_lag_s": [quantile3(commanded, 0.5), quantile3(commanded, 0.99)],
        "fact_lag_s": [quantile3(told, 0.5), quantile3(told, 0.99)],
    }


def _due(record: Any) -> float:
    text = dict(record.headers)["ce_time"].decode().replace("Z", "+00:00")
    return datetime.fromisoformat(text).timestamp()


def quantile3(values: list[float], part: float) -> float | None:
    """Seconds to the millisecond."""
    found = quantile([1000 * value for value in values], part)
    return None if found is None else round(found / 1000, 3)


def _news(lab: Lab, prefix: str) -> dict[str, object]:
    """New cases amid the drain: from their record to their first fact, by the broker's stamps."""
    came = {one.key.decode(): one.timestamp for one in read(lab.kafka, prefix + "cases")}
    first: dict[str, float] = {}
    for record in read(lab.kafka, prefix + "escalations"):
        key = record.key.decode()
        if key in came:
            first.setdefault(key, record.timestamp)
    lags = [float(first[key] - at) for key, at in came.items() if key in first]
    return {
        "new_cases": len(came),
        "new_answered": len(lags),
        "new_ms": [quantile(lags, 0.5), quantile(lags, 0.99)],
    }


def _audited(worker: Worker) -> float | None:
    """The auditor's count once it has looked after the drain; it looks every few seconds."""
    deadline = elapsed_s() + AUDITED_S_MAX
    while (found := _metric(worker, UNFIRED)) and elapsed_s() < deadline:
        time.sleep(0.5)
    return found


def _metric(worker: Worker, name: str) -> float | None:
    lines = (worker.get("/metrics") or "").splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(name + " ")), None)
