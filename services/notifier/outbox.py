"""The outbox in SQL: what an event tells is written with its offset in one transaction, and posted from here.

A message goes out in one letter. A letter is written down, with its id, before it is posted, and marked after: pulled
out between the two it is posted again under the same id. One writer, one sender, one process.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from schemas.cases import CaseOpened
from schemas.codec import decode
from schemas.escalations import AssignmentMade
from schemas.event import Event, Record, Refused
from services.kernel.notices import needless
from services.notifier.core.letters import Item, choose, letter_id
from services.notifier.core.policy import Policy
from services.notifier.core.robots import KINDS, Verdict, free, given_up, rest, retry_after
from services.notifier.core.tell import Notice, notices
from services.notifier.tables import (
    CASES,
    LETTERS,
    MESSAGES,
    META,
    OFFSETS,
    POSTS,
    RESTS,
)
from services.runtime.sql import alone, create_tables, engine_of, portions, put, utc

TOPICS = ("cases", "escalations")
LOOKED_AT_MAX = 200
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter to post now."""

    id: str
    robot: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """`oldest`: when the first message that is not out yet was to be told; None = all are."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Dead:
    """A letter given up. `messages`: of it, those that still ask for something; `code`: the robot's last answer."""

    letter: str
    robot: str
    made_at: datetime
    messages: int
    code: str


class Outbox:
    """Blocking; used by the thread that reads and the one that posts, one at a time."""

    def __init__(self, url: str, policy: Policy, robots: Mapping[str, str]) -> None:
        """`robots`: id -> kind, of the settings."""
        self.engine = engine_of(url, schema="notifier")
        self.policy, self.robots = policy, robots
        create_tables(self.engine, META)

    def places(self) -> dict[tuple[str, int], int]:
        with self.engine.connect() as link:
            return {(r.topic, r.number): r.next_offset for r in link.execute(select(OFFSETS))}

    def apply(self, records: Sequence[Record], now: datetime) -> list[Notice]:
        """All or nothing; what was applied before changes nothing. What is told anew."""
        with alone(self.engine) as link:
            # a case's number is told before what waits for it, where both are in hand
            ordered = sorted(_fresh(link, records), key=lambda one: one.topic != "cases")
            told = [
                notice
                for event in filter(None, map(_event, ordered))
                for notice in self._event(link, event, now)
            ]
            _move(link, ordered)
        return told

    def _event(self, link: Connection, event: Event, now: datetime) -> list[Notice]:
        if isinstance(event.data, CaseOpened):
            _case(link, event.data.case_id, number=event.data.number)
            return []
        if isinstance(event.data, AssignmentMade):
            _case(link, event.data.case_id, urgent=event.data.urgent)
        _withdraw(link, event)
        case = str(getattr(event.data, "case_id", ""))
        urgent = bool(link.scalar(select(CASES.c.urgent).where(CASES.c.case_id == case)))
        found = notices(self.policy, event, urgent=urgent, now=now)
        return [one for one in found if one.robot in self.robots and _tell(link, one)]

    def take(self, now: datetime) -> Taken | None:
        """The next letter that may go out, its attempt counted; None = nothing now."""
        with alone(self.engine) as link:
            resting = set(link.scalars(select(RESTS.c.robot).where(RESTS.c.until > now)))
            for robot, kind in self.robots.items():
                found = None if robot in resting else self._next(link, robot, kind, now)
                if found:
                    link.execute(insert(POSTS).values(robot=robot, at=now))
                    return found
        return None

    def _next(self, link: Connection, robot: str, kind: str, now: datetime) -> Taken | None:
        trait = KINDS[kind]
        since = now - max(one.span for one in trait.limits)
        posted = link.scalars(select(POSTS.c.at).where(POSTS.c.robot == robot, POSTS.c.at > since))
        allowed = free(trait.limits, [utc(at) for at in posted], now)
        again = _open_letter(link, robot, now, pressing_only=allowed.ordinary < 1)
        fresh = choose(_waiting(link, robot, now), allowed)
        if allowed.posts > 0 and again and (again.pressing or not (fresh and fresh[0].pressing)):
            return Taken(again.id, robot, _items(link, MESSAGES.c.letter == again.id))
        return _written(link, robot, fresh, now) if fresh else None

    def mark(self, letter: str, said: Verdict, now: datetime) -> str:
        """What became of it: delivered, open, dead; needless where that was told while it was posted."""
        with alone(self.engine) as link:
            row = link.execute(select(LETTERS).where(LETTERS.c.id == letter)).one()
            failures = row.failures + (said.outcome in ("refused", "unreachable"))
            until = now + rest(said, failures)
            if until > now:
                put(link, RESTS, [{"robot": row.robot, "until": until}])
            state = _state(row.state, said, hopeless=given_up(failures, utc(row.made_at), now))
            wait = retry_after(failures) if failures > row.failures else said.wait
            link.execute(
                update(LETTERS)
                .where(LETTERS.c.id == letter)
                .values(state=state, failures=failures, not_before=now + wait, code=said.code)
            )
            if state != "open":
                mine = (MESSAGES.c.letter == letter, MESSAGES.c.state == "waiting")
                link.execute(update(MESSAGES).where(*mine).values(state=state))
        return state

    def dead(self) -> list[Dead]:
        """The oldest first."""
        asked = (
            select(LETTERS, func.count().label("messages"))
            .join(MESSAGES, MESSAGES.c.letter == LETTERS.c.id)
            .where(LETTERS.c.state == "dead", MESSAGES.c.state == "dead")
            .group_by(*LETTERS.c)
            .order_by(LETTERS.c.made_at, LETTERS.c.id)
        )
        with self.engine.connect() as link:
            return [
                Dead(row.id, row.robot, utc(row.made_at), row.messages, row.code)
                for row in link.execute(asked)
            ]

    def revive(self, letters: Sequence[str], now: datetime) -> int:
        """Dead letters wait again, as if written now, under their ids; how many. Another process may post meanwhile."""
        count = 0
        with alone(self.engine) as link:
            for part in portions(letters):
                mine = (MESSAGES.c.letter.in_(part), MESSAGES.c.state == "dead")
                full = set(link.scalars(select(MESSAGES.c.letter).where(*mine)))
                link.execute(update(MESSAGES).where(*mine).values(state="waiting"))
                again = (LETTERS.c.id.in_(full), LETTERS.c.state == "dead")
                fresh = {"state": "open", "failures": 0, "made_at": now, "not_before": now}
                count += link.execute(update(LETTERS).where(*again).values(fresh)).rowcount
        return count

    def stand(self, now: datetime) -> Stand:
        with self.engine.connect() as link:
            due = (MESSAGES.c.state == "waiting", MESSAGES.c.tell_at <= now)
            waiting, oldest = link.execute(
                select(func.count(), func.min(MESSAGES.c.tell_at)).where(*due)
            ).one()
        return Stand(waiting, utc(oldest) if oldest else None)

    def tidy(self, now: datetime) -> int:
        """Forgets what is long over. How many waiting messages had a robot that the settings no longer name."""
        with alone(self.engine) as link:
            over = (MESSAGES.c.state != "waiting", MESSAGES.c.tell_at < now - KEPT)
            link.execute(delete(MESSAGES).where(*over))
            link.execute(
                delete(LETTERS).where(LETTERS.c.state != "open", LETTERS.c.made_at < now - KEPT)
            )
            link.execute(delete(POSTS).where(POSTS.c.at < now - timedelta(hours=1)))
            gone = (MESSAGES.c.state == "waiting", MESSAGES.c.robot.not_in(list(self.robots)))
            return link.execute(update(MESSAGES).where(*gone).values(state="needless")).rowcount

    def close(self) -> None:
        self.engine.dispose()


def _state(state: str, said: Verdict, *, hopeless: bool) -> str:
    if said.outcome == "delivered":
        return "delivered"
    return "dead" if hopeless and state == "open" else state


def _fresh(link: Connection, records: Sequence[Record]) -> list[Record]:
    known = {(r.topic, r.number): r.next_offset for r in link.execute(select(OFFSETS))}
    return [r for r in records if r.offset >= known.get((r.topic, r.partition), 0)]


def _event(record: Record) -> Event | None:
    """None for what is no event of ours: its reader has buried it."""
    try:
        return decode(record)
    except Refused:
        return None


def _move(link: Connection, records: Iterable[Record]) -> None:
    rows = [
        {"topic": one.topic, "number": one.partition, "next_offset": one.offset + 1}
        for one in records
    ]
    put(link, OFFSETS, rows)


def _case(link: Connection, case: UUID, **known: Any) -> None:
    old = link.execute(select(CASES).where(CASES.c.case_id == str(case))).one_or_none()
    row = {"number": old.number if old else "", "urgent": old.urgent if old else False, **known}
    put(link, CASES, [{"case_id": str(case), **row}])


def _withdraw(link: Connection, event: Event) -> None:
    gone = needless(event.data)
    if gone is None:
        return
    asked = [
        MESSAGES.c.case_id == str(gone.case_id),
        MESSAGES.c.kind.in_(gone.kinds),
        MESSAGES.c.state.in_(
            ("waiting", "dead")
        ),  # what was done is not sent again by hand, either
    ]
    if gone.clock:
        asked += [
            MESSAGES.c.clock == gone.clock,
            MESSAGES.c.variant == gone.variant,
            MESSAGES.c.source == gone.source,
        ]
    link.execute(update(MESSAGES).where(*asked).values(state="needless"))
    waiting = select(MESSAGES.c.letter).where(
        MESSAGES.c.state == "waiting", MESSAGES.c.letter.is_not(None)
    )
    empty = (LETTERS.c.state == "open", LETTERS.c.id.not_in(waiting))
    link.execute(update(LETTERS).where(*empty).values(state="needless"))


def _tell(link: Connection, notice: Notice) -> bool:
    """False where it stands already: a replay under the same ids."""
    row = asdict(notice) | {"id": str(notice.id), "case_id": str(notice.case_id)}
    if link.scalar(select(MESSAGES.c.id).where(MESSAGES.c.id == row["id"])):
        return False
    same = ("case_id", "kind", "robot", "account", "clock", "variant", "source")
    asked = [MESSAGES.c[name] == row[name] for name in same]
    before = link.scalar(select(func.count()).select_from(MESSAGES).where(*asked)) or 0
    link.execute(insert(MESSAGES).values(row | {"ordinal": before + 1, "state": "waiting"}))
    return True


def _open_letter(link: Connection, robot: str, now: datetime, *, pressing_only: bool) -> Any:
    asked = [LETTERS.c.robot == robot, LETTERS.c.state == "open", LETTERS.c.not_before <= now]
    asked += [LETTERS.c.pressing] if pressing_only else []
    order = (LETTERS.c.pressing.desc(), LETTERS.c.made_at)
    return link.execute(select(LETTERS).where(*asked).order_by(*order).limit(1)).one_or_none()


def _waiting(link: Connection, robot: str, now: datetime) -> tuple[Item, ...]:
    return _items(
        link,
        MESSAGES.c.robot == robot,
        MESSAGES.c.state == "waiting",
        MESSAGES.c.letter.is_(None),
        MESSAGES.c.tell_at <= now,
    )


def _items(link: Connection, *asked: Any) -> tuple[Item, ...]:
    """Pressing ones first, then in order of their instants; LOOKED_AT_MAX of them."""
    pressing = (MESSAGES.c.urgent | MESSAGES.c.hard).desc()
    rows = link.execute(
        select(MESSAGES, func.coalesce(CASES.c.number, "").label("case_number"))
        .outerjoin(CASES, CASES.c.case_id == MESSAGES.c.case_id)
        .where(*asked, MESSAGES.c.state == "waiting")
        .order_by(pressing, MESSAGES.c.tell_at, MESSAGES.c.id)
        .limit(LOOKED_AT_MAX)
    )
    return tuple(_item(row) for row in rows)


def _item(row: Any) -> Item:
    fields = {name: getattr(row, name) for name in Notice.__slots__}
    fields |= {"id": UUID(row.id), "case_id": UUID(row.case_id), "tell_at": utc(row.tell_at)}
    fields |= {"due_at": utc(row.due_at) if row.due_at else None}
    return Item(Notice(**fields), row.ordinal, row.case_number)


def _written(link: Connection, robot: str, items: Sequence[Item], now: datetime) -> Taken:
    made = str(letter_id(items))
    link.execute(
        insert(LETTERS).values(
            id=made,
            robot=robot,
            pressing=items[0].pressing,
            state="open",
            made_at=now,
            not_before=now,
            failures=0,
            code="",
        )
    )
    ids = [str(one.notice.id) for one in items]
    link.execute(update(MESSAGES).where(MESSAGES.c.id.in_(ids)).values(letter=made))
    return Taken(made, robot, tuple(items))
