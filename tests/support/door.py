"""The door for channels without a broker: deliveries are kept, requests signed as docs/http.md says."""

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.desk.app import build
from services.desk.core.signature import Keys, sign, signing_text
from services.desk.door import Door
from services.desk.edge import Edge, Rates
from services.desk.metrics import DoorMetrics
from services.desk.nonces import Nonces
from services.desk.store import Store
from services.runtime.message import Message
from services.runtime.publish import NotNow
from services.runtime.settings import Settings
from services.runtime.sql import engine_of
from tests.support.databases import Database, files

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
KEYS = {"12345": (b"a" * 32, b"b" * 32), "window": (b"c" * 32,)}
PATH = "/v1/submissions/12345"
RECORD = {"order_no": "EZ1", "content": "某餐饮店拖欠工资三千元", "accepted_at": "2026-11-16 09:00"}


class Broker:
    """In place of a connection and its publisher. `away`: nothing is confirmed after that many messages."""

    def __init__(self, away: int | None = None) -> None:
        self.away, self.sent, self.dropped = away, list[Message](), 0

    def publisher(self) -> "Broker":
        if self.away == 0:
            raise NotNow("away")
        return self

    def each(self, items: Any, at: datetime | None = None) -> Any:
        for item, message in items:
            if self.away is not None and len(self.sent) >= self.away:
                raise NotNow("away", len(self.sent))
            self.sent.append(message)
            yield item, None

    def drop(self, _: object) -> None:
        self.dropped += 1


@dataclass
class Desk:
    """`at`: the wall clock of the door."""

    folder: Path
    database: Database | None = None
    per_minute_max: int = 10_000
    broker: Broker = field(default_factory=Broker)
    at: datetime = NOW
    open311: bool = False
    keys: Keys = field(default_factory=lambda: KEYS)
    wall: Callable[[], datetime] | None = None
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        settings, database = Settings(home=self.folder), self.database or files(self.folder)
        self.edge = Edge(
            keys=self.keys,
            nonces=Nonces(engine_of(database("door"), schema="desk")),
            rates=Rates(self.per_minute_max),
            deliver=Door(settings, self.broker).deliver,
            metrics=DoorMetrics(self.registry),
            wall=self.wall or (lambda: self.at),
            now=lambda: self.at,
            engine=Store(database("model")).engine,
            categories={"wages": "拖欠克扣工资"},
            open311=self.open311,
        )
        self.app: FastAPI = build(None, self.edge)

    def count(self, code: str, channel: str = "unknown") -> float:
        labels = {"channel": channel, "code": code}
        return self.registry.get_sample_value("anxin_door_requests_total", labels) or 0


_NONCES = (f"nonce-{number:020}" for number in itertools.count())


def signed(
    body: bytes,
    target: str = PATH,
    *,
    method: str = "POST",
    channel: str = "12345",
    key: bytes = KEYS["12345"][0],
    at: datetime = NOW,
    nonce: str = "",
) -> dict[str, str]:
    """Headers."""
    at_s, nonce = int(at.timestamp()), nonce or next(_NONCES)
    text = signing_text(method, target.encode(), at_s, nonce, hashlib.sha256(body).hexdigest())
    return {
        "X-Channel": channel,
        "X-Timestamp": str(at_s),
        "X-Nonce": nonce,
        "X-Signature": sign(key, text),
        "Content-Type": "application/json",
    }


def client(desk: Desk) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=desk.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk")


async def post(
    desk: Desk, records: object, headers: dict[str, str] | None = None, path: str = PATH
) -> httpx.Response:
    """`records` bytes go as they are."""
    body = records if isinstance(records, bytes) else json.dumps(records).encode()
    async with client(desk) as http:
        return await http.post(path, content=body, headers=headers or signed(body, path))


def ids_of(answer: httpx.Response) -> Sequence[UUID]:
    return [UUID(one["submission_id"]) for one in answer.json()["submissions"]]
