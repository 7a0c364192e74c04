"""The door over HTTP under load: signed records in, 202 after the broker's ack; beside it a bare pass-through.

Connections of this process, one request at a time on each; what was answered 202 is counted on the topic afterwards.
"""

import asyncio
import base64
import itertools
import json
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from statistics import median
from time import process_time
from typing import Any

from bench.complaints import CHANNEL, Maker
from bench.latency import quantile
from bench.log import Offsets
from bench.machine import Lab, Worker, await_true
from services.desk.core.signature import sign, signing_text
from services.runtime.broker import free_port
from services.runtime.clock import RealClock, elapsed_s

PATH = f"/v1/submissions/{CHANNEL}"
KEY = b"bench of the door, 32 bytes long"
READY_S_MAX = 60.0
WARM_S = 1.0
ANSWER_S_MAX = 30.0
RECORDS = 400_000  # more than any run sends


@dataclass(frozen=True)
class Contender:
    name: str
    module: str
    connections: int
    batch: int = 1


OURS = Contender("Anxin door", "services.desk", 32)
PEER = Contender("pass-through, nothing proven or checked", "bench.peers.http_passthrough", 32)
CALM = (
    Contender("Anxin door, one connection", "services.desk", 1),
    Contender("pass-through, one connection", "bench.peers.http_passthrough", 1),
)
BATCHES = Contender("Anxin door, 50 records a request", "services.desk", 8, batch=50)
CONTENDERS = (OURS, PEER, *CALM, BATCHES)


@dataclass
class Load:
    """Of one run: milliseconds of each answer, answers by status, client's CPU."""

    took_ms: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)


def measure(
    lab: Lab, maker: Maker, seconds: int, rounds: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """By contender: medians over rounds in alternating order."""
    runs: dict[str, list[dict[str, Any]]] = {one.name: [] for one in CONTENDERS}
    for number in range(rounds):
        for one in CONTENDERS if number % 2 == 0 else CONTENDERS[::-1]:
            run = _run(lab, maker, one, seconds)
            runs[one.name].append(run)
            tell(f"{one.name}: {run['requests_per_s']:,.0f} requests/s, p99 {run['p99_ms']} ms")
    return {name: _medians(found) | {"runs": found} for name, found in runs.items()}


def _medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    counted = (
        "requests_per_s",
        "records_per_s",
        "p50_ms",
        "p99_ms",
        "cpu_us_per_request",
        "client_cpu_us_per_request",
    )
    return {name: round(median(run[name] for run in runs), 2) for name in counted}  # fmt: skip


def _run(lab: Lab, maker: Maker, one: Contender, seconds: int) -> dict[str, Any]:
    """Raises RuntimeError where a record that was answered 202 is not on the topic, or anything else was answered."""
    port = free_port()
    env = {
        "ANXIN_HTTP_PORT": str(port),
        "ANXIN_CHANNEL_KEYS": f"{CHANNEL} {base64.b64encode(KEY).decode()}",
        "ANXIN_CHANNEL_REQUESTS_PER_MINUTE_MAX": str(10**7),
    }
    with lab.fresh() as prefix, Worker(one.module, lab, prefix, env=env) as worker:
        worker.await_ready(READY_S_MAX)
        await_true(lambda: _listens(port), f"{one.name} on its port", READY_S_MAX, worker)
        requests = _requests(maker, one.batch)
        warm = asyncio.run(_load(port, requests, one.connections, WARM_S))
        start, used, began = RealClock().now().timestamp(), process_time(), elapsed_s()
        load = asyncio.run(_load(port, requests, one.connections, seconds))
        client_s, took_s = process_time() - used, elapsed_s() - began
        end = RealClock().now().timestamp()
        offsets = Offsets(lab.kafka)
        written = offsets.written(f"{prefix}inbound-{CHANNEL}")
        offsets.close()
    answered = load.answers + warm.answers
    owed = answered[202] * (one.batch if one.module == OURS.module else 1)
    if set(answered) != {202} or written != owed:
        raise RuntimeError(
            f"{one.name}: {dict(answered)}, {written} records of {owed} on the topic"
        )
    count = load.answers[202]
    return {
        "requests": count,
        "records": written,
        "requests_per_s": count / took_s,
        "records_per_s": count * one.batch / took_s,
        "p50_ms": quantile(load.took_ms, 0.5),
        "p99_ms": quantile(load.took_ms, 0.99),
        "cpu_us_per_request": 1e6 * worker.cpu_s(start, end) / count,
        "client_cpu_us_per_request": 1e6 * client_s / count,
    }


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def _requests(maker: Maker, batch: int) -> Iterator[bytes]:
    """Each with records of its own, signed when it is sent."""
    complaints = maker.complaints(RECORDS, RealClock().now())
    while some := list(itertools.islice(complaints, batch)):
        raws = [json.loads(one.value) for one in some]
        yield json.dumps(raws if batch > 1 else raws[0], ensure_ascii=False).encode()


def _signed(body: bytes) -> bytes:
    at_s, nonce = int(RealClock().now().timestamp()), secrets.token_urlsafe(18)
    text = signing_text("POST", PATH.encode(), at_s, nonce, sha256(body).hexdigest())
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nx-channel: {CHANNEL}\r\nx-timestamp: {at_s}\r\n"
        f"x-nonce: {nonce}\r\nx-signature: {sign(KEY, text)}\r\n\r\n"
    )
    return head.encode() + body


async def _load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    load, until_s = Load(), elapsed_s() + seconds
    await asyncio.gather(*(_connection(port, requests, until_s, load) for _ in range(connections)))
    return load


async def _connection(port: int, requests: Iterator[bytes], until_s: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while elapsed_s() < until_s:
        request = _signed(next(requests))
        began = elapsed_s()
        writer.write(request)
        status = await asyncio.wait_for(_status(reader), ANSWER_S_MAX)
        load.took_ms.append(1000 * (elapsed_s() - began))
        load.answers[status] += 1
    writer.close()
    await writer.wait_closed()


async def _status(reader: asyncio.StreamReader) -> int:
    """Of an answer with a Content-Length, read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].split("\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1])
