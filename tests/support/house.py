"""A desk over the read model of a simulated world: pages and forms without a broker, what was sent is kept."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from schemas.escalations import CaseFact
from schemas.event import Event, Out, Reason, Record, Refused
from services.desk.app import build
from services.desk.core.fold import View
from services.desk.logins import Logins
from services.desk.marks import Marks
from services.desk.metrics import LoginMetrics
from services.desk.nonces import Nonces
from services.desk.place import Desk
from services.desk.quarantine import Keeper
from services.desk.reveal import Revealer
from services.desk.sessions import Sessions
from services.desk.store import Store
from services.desk.tables import CASES, TOPICS
from services.desk.wording import Office, read_office
from services.kernel.ids import NAMESPACE
from services.runtime.message import Message
from services.runtime.publish import NotNow, Position, message_of
from services.runtime.quarantine import to_quarantine
from services.runtime.quarantine_desk import TOPIC, Entry, Unwilling, check, entries, mark, repaired
from services.runtime.settings import Settings
from services.runtime.sql import engine_of
from tests.simulation.fleet import CALM
from tests.simulation.world import World, script_of
from tests.support.databases import Database
from tests.support.intake import KEY

POLICIES = Path(__file__).resolve().parents[2] / "policies"
BOSS = "centre-head-a"


@cache
def office() -> Office:
    return read_office(POLICIES)


@cache
def log() -> tuple[list[Record], datetime]:
    """The first world in which somebody of a grid has still to sign for a claimant with a phone, stopped there."""
    for seed in range(400):
        world = World(seed, CALM, patient=True, script=script_of(seed))
        middle = world.outside[len(world.outside) // 2][0]
        while world.log.now < middle and world._step():
            pass
        records = [
            r for (name, _), rs in world.log.partitions.items() if name in TOPICS for r in rs
        ]
        store = Store("sqlite://")
        store.apply(records)
        if any(_to_sign(one) and reachable(one) for one in views_of(store)):
            return records, world.log.now
    raise AssertionError("no world of these has an assignment to sign")


def _to_sign(view: View) -> bool:
    return view.state == "assigned" and bool(view.owner and view.owner.grid)


def reachable(view: View) -> bool:
    """By channels that take down a phone, from somebody who is not anonymous."""
    return any(s.channel not in ("provincial", "patrol") and not s.anonymous for s in view.sources)


def views_of(store: Store) -> list[View]:
    with store.engine.connect() as link:
        return [View.model_validate_json(row) for row in link.scalars(select(CASES.c.view))]


class OneKey:
    """A vault of simulated worlds, in which one data key seals everything."""

    def held(self, submissions: list[UUID]) -> dict[UUID, bytes]:
        return dict.fromkeys(submissions, KEY)

    def close(self) -> None:
        """Nothing is open."""


class Graves:
    """The quarantine of a log without a broker: what was buried, what was sent again."""

    def __init__(self, now: datetime) -> None:
        self.now, self.records, self.sent = now, list[Record](), list[Message]()
        self.away = False

    def lay(self, message: Message) -> Record:
        """On the topic, as the broker would have it."""
        offset = len(self.records)
        record = Record(TOPIC, 99, offset, self.now, message.key, message.value, message.headers)
        self.records.append(record)
        return record

    def find(self, position: str) -> Entry:
        if self.away:
            raise NotNow("away")
        if position not in (found := entries(self.records)):
            raise Unwilling("gone", "隔离区里已没有这条来件的原文")
        return found[position]

    def send(
        self, entry: Entry, value: bytes | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> Position:
        check(entry)
        self.sent.append(repaired(entry.original, value, headers))
        to = Position(entry.topic, entry.original.partition, 1000 + len(self.sent))
        self.lay(mark(entry, self.now, to))
        return to


@dataclass
class House:
    """A desk with its doors: what was sent, whether the broker is there."""

    client: TestClient
    store: Store
    now: datetime
    graves: Graves
    sent: list[Out] = field(default_factory=list)
    away: bool = False
    vault: Any = field(default_factory=OneKey)

    def views(self) -> list[View]:
        return views_of(self.store)

    def enter(self, post: str, grid: str = "") -> str:
        """Logs in; the account."""
        person = next(
            one
            for one in office().people.values()
            if one.post == post and (not grid or one.grid == grid)
        )
        self.client.cookies.clear()
        token = self.client.app.state.desk.sessions.open(person.account, self.now)
        self.client.cookies.set("anxin", token)
        return person.account

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the first form of a page."""
        text = self.client.get(path).text
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))

    def bury(
        self, record: Record, reason: Reason = Reason.BAD_TIME, detail_zh: str = "时间无法识别"
    ) -> str:
        """Its position."""
        self.graves.lay(
            to_quarantine(record, Refused(reason, detail_zh, "ce_time"), "intake.receive")
        )
        self.catch_up()
        return f"{record.topic}-{record.partition}-{record.offset}"

    def catch_up(self) -> None:
        """The read model has all that lies in quarantine."""
        self.store.apply(self.graves.records)

    def answer(self, *facts: CaseFact) -> None:
        """What escalation would say."""
        before = self.store.places().get(("escalations", 99))
        for offset, fact in enumerate(facts, before.next_offset if before else 0):
            event = Event(uuid5(NAMESPACE, fact.model_dump_json()), "urn:t", self.now, "", fact)
            sent: Message = message_of(Out("escalations", str(fact.case_id), event))
            place = ("escalations", 99, offset, self.now)
            self.store.apply([Record(*place, sent.key, sent.value, sent.headers)])


@contextmanager
def opened(database: Database) -> Iterator[House]:
    """Time of the cases stands at the end of the log; `House.now` is the wall's."""
    records, now = log()
    store = Store(database("desk"))
    store.apply(records)
    made: list[House] = []
    graves = Graves(now)

    def send(out: Out) -> None:
        if made[0].away:
            raise NotNow("away")
        made[0].sent.append(out)

    counter, door = iter(range(10_000)), engine_of(database("door"), schema="desk")
    desk = Desk(
        office=office(), engine=store.engine, sessions=Sessions(door), send=send,
        now=lambda: now, wall=lambda: made[0].now,
        fresh_id=lambda: uuid5(NAMESPACE, f"t{next(counter)}"), caught_up=lambda: made[0].now,
        district="420704", demo=True,
        reveal=Revealer(
            Settings(policies=POLICIES), lambda: made[0].vault is not None, lambda: made[0].vault, send, lambda: now,
        ),
        quarantine=Keeper(Settings(policies=POLICIES), graves, send, lambda: now),
        logins=Logins(LoginMetrics(CollectorRegistry()), lambda: made[0].now, Nonces(door)),
        marks=Marks(door),
    )  # fmt: skip
    client = TestClient(build(desk), follow_redirects=False)
    made.append(House(client, store, now, graves))
    yield made[0]
    store.close()


def assigned(house: House) -> View:
    return next(one for one in house.views() if _to_sign(one) and reachable(one))
