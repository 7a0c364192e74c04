"""The desk's pages over 50 000 open cases, beside the same pages over 500: whole answers. No broker."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count as count_from
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from sqlalchemy import insert, select

from bench.complaints import Maker
from bench.rows import Desk as Escalation
from schemas.event import Record
from services.desk.app import build
from services.desk.core.fold import View
from services.desk.core.indicators import ms
from services.desk.logins import Logins
from services.desk.marks import Marks
from services.desk.metrics import LoginMetrics
from services.desk.nonces import Nonces
from services.desk.place import COOKIE, Desk
from services.desk.quarantine import Keeper
from services.desk.reveal import Revealer
from services.desk.sessions import Sessions
from services.desk.store import Store, row_of, tallied
from services.desk.tables import CASES, EVENTS, FACTS, SUBMISSIONS, TALLIES, TOPICS
from services.desk.wording import read_office
from services.kernel.ids import derived_id
from services.runtime import quarantine_desk
from services.runtime.clock import RealClock, fresh_id
from services.runtime.message import Message
from services.runtime.worker import tune_gc

FEW = 500
REAL = (
    300  # cases folded from events; the others are these again, elsewhere and due at another time
)
CHUNK = 1000
ASKS = 60
SPREAD_H, DAYS = 24 * 20, 720
LATE_SHARE = 0.1
OFFICER, LEADER, TOWN = "grid_officer", "director", "town_deputy_head"
"""The roster's first of the last post is of the town with the most grids, 22 of 129."""
PAGES = {
    "board (leader)": (LEADER, "/board"),
    "board (head of a town)": (TOWN, "/board"),
    "inbox (one grid)": (OFFICER, "/inbox"),
    "list of what is late (leader)": (LEADER, "/cases?show=late"),
    "one case": (LEADER, "/cases/{case}"),
    "messages (one grid)": (OFFICER, "/messages"),
    "indicators of the month (leader)": (LEADER, "/indicators"),
}


def measure(maker: Maker, count: int, folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds of ASKS answers each, half of them and the slowest; the two sizes take turns."""
    now = RealClock().now()
    made = _made(maker, now)
    houses = {size: _house(maker, made, size, now, folder) for size in (FEW, count)}
    tune_gc()  # as the desk does at its start
    tell(f"pages: {count:,} open cases stand")
    found: dict[str, Any] = {"open": count, "few": FEW, "pages": {}}
    for name, (post, path) in PAGES.items():
        runs: dict[int, list[float]] = {size: [] for size in houses}
        for _ in range(ASKS):
            for size, house in houses.items():
                runs[size].append(house.ask(post, path))
        found["pages"][name] = {size: _shares(took) for size, took in runs.items()}
        tell(f"pages: {name}")
    return found


def _shares(took: list[float]) -> list[float]:
    ordered = sorted(took)
    return [round(ordered[len(ordered) // 2], 2), round(ordered[-1], 2)]


@dataclass(frozen=True)
class _Made:
    """A folded case, the rows of its events and of its facts."""

    view: View
    events: list[dict[str, Any]]
    facts: list[dict[str, Any]]


class _House:
    """A desk over its own file; `ask` gives the milliseconds of one answer."""

    def __init__(self, desk: Desk, case: UUID, now: datetime) -> None:
        self.desk, self.case = desk, case
        self.client = TestClient(build(desk), follow_redirects=False)
        people = desk.office.people.values()
        self.tokens = {
            post: desk.sessions.open(next(p.account for p in people if p.post == post), now)
            for post in (OFFICER, LEADER, TOWN)
        }

    def ask(self, post: str, path: str) -> float:
        self.client.cookies.set(COOKIE, self.tokens[post])
        began = perf_counter()
        answer = self.client.get(path.format(case=self.case))
        took = (perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return took


def _house(maker: Maker, made: list[_Made], count: int, now: datetime, folder: Path) -> _House:
    store = Store(f"sqlite:///{folder}/pages-{count}.db")
    office = read_office(maker.settings.policies)
    first = _fill(store, made, sorted(office.grids), count, now)
    desk = Desk(
        office=office, engine=store.engine, sessions=Sessions(store.engine), send=lambda _: None,
        now=lambda: now, wall=lambda: now, fresh_id=fresh_id, caught_up=lambda: now,
        district=maker.settings.district, demo=True,
        reveal=Revealer(maker.settings, lambda: False, lambda: None, lambda _: None, lambda: now),
        quarantine=Keeper(maker.settings, quarantine_desk.Desk(maker.settings), lambda _: None, lambda: now),
        logins=Logins(LoginMetrics(CollectorRegistry()), lambda: now, Nonces(store.engine)),
        marks=Marks(store.engine),
    )  # fmt: skip
    return _House(desk, first, now)


def _made(maker: Maker, now: datetime) -> list[_Made]:
    """Folded by the read model itself from what intake, router and escalation say of real records."""
    escalation, store = Escalation(maker), Store("sqlite://")
    messages: list[Message] = []
    for pattern in maker.patterns(REAL, now, routed=True):
        for message in pattern.messages:
            escalation.give(message, now)
            messages.append(message)
    messages += escalation.sent
    records = [
        Record(one.topic, 0, offset, now, one.key, one.value, one.headers)
        for offset, one in enumerate(messages)
        if one.topic in TOPICS
    ]
    store.apply(records)
    with store.engine.connect() as link:
        rows = [dict(row) for row in link.execute(select(EVENTS)).mappings()]
        facts = [dict(row) for row in link.execute(select(FACTS)).mappings()]
        views = [View.model_validate_json(row) for row in link.scalars(select(CASES.c.view))]
    return [
        _Made(
            one, *([r for r in part if r["case_id"] == str(one.case_id)] for part in (rows, facts))
        )
        for one in views
    ]


def _fill(store: Store, made: list[_Made], grids: list[str], count: int, now: datetime) -> UUID:
    """The first case."""
    dice = random.Random(count)
    pairs = [
        (one := made[n % len(made)], _elsewhere(one.view, n, grids, dice, now))
        for n in range(count)
    ]
    seq = count_from(1)
    with store.engine.begin() as link:
        for begin in range(0, count, CHUNK):
            part = pairs[begin : begin + CHUNK]
            link.execute(insert(CASES), [row_of(view) for _, view in part])
            link.execute(insert(SUBMISSIONS), [row for _, view in part for row in _submitted(view)])
            told = [row for one, view in part for row in _told(one, view, dice, now, seq)]
            link.execute(insert(EVENTS), told)
            at = {row["case_id"]: row["at"] for row in told}
            counted = [row for one, view in part for row in _counted(one, view, at, seq)]
            link.execute(insert(FACTS), counted)
        link.execute(insert(TALLIES), tallied([], [view for _, view in pairs]))
    return pairs[0][1].case_id


def _elsewhere(
    view: View, ordinal: int, grids: list[str], dice: random.Random, now: datetime
) -> View:
    late = dice.random() < LATE_SHARE
    by = timedelta(hours=dice.uniform(-72, 0) if late else dice.uniform(1, SPREAD_H))
    owner = view.owner and view.owner.model_copy(update={"grid": grids[ordinal % len(grids)]})
    clocks = tuple(
        one.model_copy(
            update={"due_at": now + by + timedelta(hours=n), "breached": late and n == 0}
        )
        for n, one in enumerate(view.clocks)
    )
    return view.model_copy(
        update={
            "case_id": derived_id(view.case_id, "bench/pages", ordinal), "owner": owner, "clocks": clocks,
            "number": f"20261126-{ordinal:06d}",
        }
    )  # fmt: skip


def _submitted(view: View) -> Iterator[dict[str, Any]]:
    for one in view.sources:
        yield {
            "submission_id": str(one.submission_id), "case_id": str(view.case_id), "channel": one.channel,
            "external_no": one.external_no, "received_at": one.received_at,
        }  # fmt: skip


def _told(
    one: _Made, view: View, dice: random.Random, now: datetime, seq: Iterator[int]
) -> Iterator[dict[str, Any]]:
    """The same events about the other case, some day of the last two years."""
    old, new = str(one.view.case_id), str(view.case_id)
    at = now - timedelta(days=dice.uniform(0, DAYS))
    for row in one.events:
        yield row | {
            "event_id": str(derived_id(view.case_id, row["event_id"])), "case_id": new, "at": at,
            "seq": next(seq), "data": row["data"].replace(old, new),
        }  # fmt: skip


def _counted(
    one: _Made, view: View, at: Mapping[str, datetime], seq: Iterator[int]
) -> Iterator[dict[str, Any]]:
    """Its facts, all of the instant at which its events were told."""
    case = str(view.case_id)
    for row in one.facts:
        yield row | {
            "event_id": str(derived_id(view.case_id, row["event_id"])), "case_id": case, "seq": next(seq),
            "told_ms": ms(at[case]), "at_ms": ms(at[case]),
        }  # fmt: skip
