"""What the pages ask of the read model. Every query takes the caller's grids; None = all."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Table, and_, func, select, true

from schemas.codec import MODELS
from schemas.event import Event
from services.desk.core.fold import View
from services.desk.core.indicators import Fact, ms
from services.desk.core.people import Grids
from services.desk.tables import (
    BURIED,
    CASES,
    EVENTS,
    FACTS,
    OFFSETS,
    SEEN,
    SUBMISSIONS,
    TALLIES,
)
from services.runtime.sql import utc

PAGE_ROWS_MAX = 100
CASES_SHOWN_MAX = 40
UNASSIGNED = ("triage", "waiting")
CHANNELS = ("national", "provincial", "12345", "12333", "window", "patrol")


@dataclass(frozen=True, slots=True)
class GridCount:
    """未办结, 今日到期, 已逾期, 退单 of one grid."""

    open: int = 0
    today: int = 0
    late: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the board shows above the map."""

    open: int
    today: int
    late: int
    disputed: int
    unassigned: int
    fresh: int
    paid_fen: int
    workers: int


def within(grids: Grids) -> ColumnElement[bool]:
    return _among(CASES, grids)


def _among(table: Table, grids: Grids) -> ColumnElement[bool]:
    return true() if grids is None else table.c.grid.in_(sorted(grids))


def urgent_first(
    engine: Engine, grids: Grids, show: str, now: datetime, limit: int = CASES_SHOWN_MAX
) -> list[View]:
    """Open cases by what ends first. `show`: open, late, today, new (待签收), returned, closed."""
    asked = select(CASES.c.view).where(within(grids), _shown(show, now))
    due = CASES.c.due_at
    parts = (
        [asked.order_by(CASES.c.closed_at.desc())]
        if show == "closed"
        else [  # in the order of an index, what has no clock behind
            asked.where(due.is_not(None)).order_by(due, CASES.c.case_id),
            asked.where(due.is_(None)).order_by(CASES.c.case_id),
        ]
    )
    found: list[View] = []
    with engine.connect() as link:
        for part in parts:
            rows = link.scalars(part.limit(limit - len(found)))
            found += [View.model_validate_json(row) for row in rows]
    return found


def _shown(show: str, now: datetime) -> ColumnElement[bool]:
    is_open: ColumnElement[bool] = CASES.c.open.is_(True)
    chosen: dict[str, ColumnElement[bool]] = {
        "late": and_(is_open, CASES.c.due_at < now),
        "today": and_(is_open, CASES.c.due_at >= now, CASES.c.due_at < day_end(now)),
        "new": and_(is_open, CASES.c.state == "assigned"),
        "returned": and_(is_open, CASES.c.returns > 0),
        "triage": and_(is_open, CASES.c.state.in_(UNASSIGNED)),
        "closed": CASES.c.closed_at.is_not(None),
    }
    return chosen.get(show, is_open)


def day_end(now: datetime) -> datetime:
    """Midnight at the office (UTC+8, no summer time)."""
    local = now + timedelta(hours=8)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight - timedelta(hours=8)


def counts(engine: Engine, grids: Grids, now: datetime) -> dict[str, int]:
    """How many each choice of `show` holds."""
    with engine.connect() as link:
        kept, due = _kept(link, grids), _due(link, grids, now)
    return {
        "open": sum(row.open for row in kept),
        "new": sum(row.open for row in kept if row.state == "assigned"),
        "late": sum(row.late for row in due),
        "today": sum(row.today for row in due),
        "returned": sum(row.returned for row in kept),
        "triage": sum(row.open for row in kept if row.state in UNASSIGNED),
    }


def _kept(link: Connection, grids: Grids) -> Sequence[Row[Any]]:
    """The tallies of these grids; of cases without one where they are all."""
    return link.execute(select(TALLIES).where(_among(TALLIES, grids))).all()


def _due(link: Connection, grids: Grids, now: datetime) -> Sequence[Row[Any]]:
    """Grid, `late`, `today`: open cases that end before midnight, few of all."""
    due = CASES.c.due_at
    late = func.count().filter(due < now).label("late")
    today = func.count().filter(due >= now).label("today")
    ends = CASES.c.open.is_(True), due < day_end(now), within(grids)
    return link.execute(select(CASES.c.grid, late, today).where(*ends).group_by(CASES.c.grid)).all()


def case(engine: Engine, grids: Grids, identity: UUID) -> View | None:
    """None where there is none, or where it is another's."""
    with engine.connect() as link:
        row = link.scalar(
            select(CASES.c.view).where(CASES.c.case_id == str(identity), within(grids))
        )
    return None if row is None else View.model_validate_json(row)


def case_of_number(engine: Engine, grids: Grids, number: str) -> UUID | None:
    with engine.connect() as link:
        row = link.scalar(select(CASES.c.case_id).where(CASES.c.number == number, within(grids)))
    return None if row is None else UUID(row)


def numbers(engine: Engine, grids: Grids, cases: Collection[UUID]) -> dict[UUID, str]:
    """案号 of those of these cases that are there to be seen."""
    if not cases:
        return {}
    asked = select(CASES.c.case_id, CASES.c.number).where(
        CASES.c.case_id.in_(sorted(map(str, cases))), within(grids)
    )
    with engine.connect() as link:
        return {UUID(row.case_id): row.number for row in link.execute(asked)}


def events(engine: Engine, identity: UUID) -> list[Event]:
    """Of one case, in order of reading. Types that no longer exist are left out."""
    with engine.connect() as link:
        rows = link.execute(
            select(EVENTS).where(EVENTS.c.case_id == str(identity)).order_by(EVENTS.c.seq)
        )
        return [_event(row) for row in rows if row.type in MODELS]


def _event(row: Row[tuple[object, ...]]) -> Event:
    data = MODELS[row.type].model_validate_json(row.data)
    return Event(UUID(row.event_id), "", utc(row.at), row.case_id, data)


def counted(engine: Engine, since: datetime, until: datetime) -> list[Fact]:
    """What indicators count, up to `until`: all of every case of which something was told since `since`."""
    told, of = FACTS.c.told_ms <= ms(until), FACTS.c.case_id
    cases = select(of).where(told, FACTS.c.told_ms >= ms(since))
    columns = [FACTS.c[name] for name in Fact._fields]
    asked = select(*columns).where(told, of.in_(cases)).order_by(of, FACTS.c.seq)
    with engine.connect() as link:
        return list(map(Fact._make, link.execute(asked).all()))


def fires(engine: Engine, since: datetime, until: datetime) -> tuple[int, timedelta]:
    """Lapses told within that time: how many, and the longest from a clock's end to its lapse (触发延迟)."""
    told = FACTS.c.told_ms
    slowest = func.coalesce(func.max(told - FACTS.c.at_ms), 0)
    asked = select(func.count(), slowest).where(
        told > ms(since), told <= ms(until), FACTS.c.kind == "lapsed"
    )
    with engine.connect() as link:
        count, late_ms = link.execute(asked).one()
    return count, timedelta(milliseconds=int(late_ms))


def verdict(engine: Engine, case: UUID, command: UUID) -> Event | None:
    """What became of a command on this case: ActionTaken or ActionRefused; None = nothing yet."""
    of = EVENTS.c.command_id == str(command), EVENTS.c.case_id == str(case)
    with engine.connect() as link:
        row = link.execute(select(EVENTS).where(*of)).first()
    return None if row is None else _event(row)


@dataclass(frozen=True, slots=True)
class Overview:
    """The board: its figures, by grid (of those that hold an open case), open cases by the highest rung told."""

    figures: Figures
    grids: Mapping[str, GridCount]
    ladder: Mapping[str, int]


def overview(engine: Engine, grids: Grids, now: datetime) -> Overview:
    began = day_end(now) - timedelta(days=1)
    fresh = select(func.count()).where(CASES.c.opened_at >= began, within(grids))
    with engine.connect() as link:
        kept, due = _kept(link, grids), {row.grid: row for row in _due(link, grids, now)}
        opened = link.scalar(fresh) or 0
    figures = Figures(
        open=sum(row.open for row in kept),
        today=sum(row.today for row in due.values()),
        late=sum(row.late for row in due.values()),
        disputed=sum(row.disputed for row in kept),
        unassigned=sum(row.open for row in kept if row.state in UNASSIGNED),
        fresh=opened,
        paid_fen=sum(row.paid_fen for row in kept),
        workers=sum(row.workers for row in kept),
    )
    ladder, held, returned = Counter[str](), Counter[str](), Counter[str]()
    for row in kept:
        ladder[row.rung] += row.open
        held[row.grid] += row.open
        returned[row.grid] += row.returned
    by_grid = {
        grid: GridCount(count, *_ends(due.get(grid)), returned[grid])
        for grid, count in held.items()
        if grid and count
    }
    return Overview(figures, by_grid, +ladder)


def _ends(row: Row[Any] | None) -> tuple[int, int]:
    return (row.today, row.late) if row else (0, 0)


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """How many records, and the last one's receipt."""

    channel: str
    count: int
    last: datetime | None


def channels(engine: Engine, grids: Grids) -> list[ChannelSeen]:
    """Of what lies in cases of these grids; of all there is where they are all."""
    channel, received = SUBMISSIONS.c.channel, SUBMISSIONS.c.received_at
    asked = select(channel, func.count().label("n"), func.max(received).label("at"))
    if grids is not None:
        asked = asked.join(CASES, CASES.c.case_id == SUBMISSIONS.c.case_id).where(within(grids))
    asked = asked.group_by(channel)
    with engine.connect() as link:
        rows = {row.channel: row for row in link.execute(asked)}
    return [
        ChannelSeen(name, rows[name].n, utc(rows[name].at)) if name in rows else ChannelSeen(name, 0, None)
        for name in CHANNELS
    ]  # fmt: skip


def seen(
    engine: Engine, grids: Grids, limit: int = PAGE_ROWS_MAX
) -> Sequence[Row[tuple[object, ...]]]:
    """Who looked at personal data, of cases of these grids; newest first."""
    asked = (
        select(SEEN, CASES.c.number.label("case_number"))
        .join(CASES, CASES.c.case_id == SEEN.c.case_id, isouter=grids is None)
        .where(within(grids))
        .order_by(SEEN.c.at.desc())
        .limit(limit)
    )
    with engine.connect() as link:
        return link.execute(asked).all()


def buried(
    engine: Engine, state: str = "", reason: str = "", topic: str = "", limit: int = PAGE_ROWS_MAX
) -> Sequence[Row[tuple[object, ...]]]:
    """The newest of quarantine. `state`: open, done (重投过), or all."""
    wanted = {"open": BURIED.c.redriven_at.is_(None), "done": BURIED.c.redriven_at.is_not(None)}
    asked = select(BURIED).where(wanted.get(state, true()))
    if reason:
        asked = asked.where(BURIED.c.reason == reason)
    if topic:
        asked = asked.where(BURIED.c.topic == topic)
    with engine.connect() as link:
        newest = asked.order_by(BURIED.c.at.desc(), BURIED.c.place)
        return link.execute(newest.limit(limit)).all()


def buried_at(engine: Engine, place: str) -> Row[tuple[object, ...]] | None:
    """One of quarantine, by its position."""
    with engine.connect() as link:
        return link.execute(select(BURIED).where(BURIED.c.place == place)).first()


def buried_topics(engine: Engine) -> list[str]:
    with engine.connect() as link:
        return list(link.scalars(select(BURIED.c.topic).distinct().order_by(BURIED.c.topic)))


def buried_count(engine: Engine) -> int:
    """Not sent again yet."""
    asked = select(func.count()).select_from(BURIED).where(BURIED.c.redriven_at.is_(None))
    with engine.connect() as link:
        return link.scalar(asked) or 0


def applied_at(engine: Engine) -> datetime | None:
    """The log's time of the newest record applied."""
    with engine.connect() as link:
        at = link.scalar(select(func.max(OFFSETS.c.logged_at)))
    return None if at is None else utc(at)


def applied_count(engine: Engine) -> int:
    """Records applied since the beginning of the topics: moves with every batch."""
    with engine.connect() as link:
        return int(link.scalar(select(func.sum(OFFSETS.c.next_offset))) or 0)


def busiest_account(engine: Engine) -> str:
    """Who holds the most open cases; empty = nobody holds any."""
    asked = (
        select(CASES.c.account)
        .where(CASES.c.open.is_(True), CASES.c.account.like("g-%"))
        .group_by(CASES.c.account)
        .order_by(func.count().desc(), CASES.c.account)
        .limit(1)
    )
    with engine.connect() as link:
        return link.scalar(asked) or ""
