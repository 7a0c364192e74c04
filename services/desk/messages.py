"""消息 in SQL: the projector remembers what people were told, pages ask for it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Row, select
from sqlalchemy.engine import Connection

from schemas.event import Event
from services.desk.core.fold import View, case_of
from services.desk.core.messages import Message, told
from services.desk.core.people import Grids
from services.desk.read import within
from services.desk.tables import CASES, MESSAGES
from services.runtime.sql import portions, put, utc

SHOWN_MAX = 60
NEWEST_FIRST = MESSAGES.c.tell_at.desc(), MESSAGES.c.event_id


def remember(link: Connection, events: Sequence[Event]) -> None:
    """Within the projector's transaction. `events`: of `escalations`, in order."""
    known: defaultdict[UUID, list[Message]] = defaultdict(list)
    cases = {case for made in events if (case := case_of(made.data))}
    for part in portions(sorted(map(str, cases))):
        asked = select(MESSAGES).where(MESSAGES.c.case_id.in_(part)).order_by(MESSAGES.c.seq)
        for row in link.execute(asked):
            known[UUID(row.case_id)].append(_message_of(row))
    before = {case: list(some) for case, some in known.items()}
    for made in events:
        if case := case_of(made.data):
            known[case] = told(known[case], made)
    rows = [
        _message_row(one, ordinal)
        for case, some in known.items()
        for ordinal, one in enumerate(some)
        if one not in before.get(case, ())
    ]
    put(link, MESSAGES, rows)


def _message_of(row: Row[Any]) -> Message:
    said = {one.name: getattr(row, one.name) for one in fields(Message)}
    due = row.due_at and utc(row.due_at)
    ids = {name: UUID(said[name]) for name in ("event_id", "case_id")}
    return Message(**(said | ids | {"tell_at": utc(row.tell_at), "due_at": due}))


def _message_row(one: Message, ordinal: int) -> dict[str, Any]:
    row = asdict(one) | {"seq": ordinal, "done": one.done}
    return row | {"event_id": str(one.event_id), "case_id": str(one.case_id)}


@dataclass(frozen=True, slots=True)
class Told:
    """A message with its case."""

    message: Message
    number: str
    view: View


def _to(accounts: Collection[str], grids: Grids, now: datetime) -> Sequence[ColumnElement[bool]]:
    """Told to one of them by now, of a case that is still theirs to see. `accounts`: "" = nobody holds the post."""
    return MESSAGES.c.account.in_(sorted(accounts)), MESSAGES.c.tell_at <= now, within(grids)


def heard(
    engine: Engine,
    accounts: Collection[str],
    grids: Grids,
    now: datetime,
    limit: int = SHOWN_MAX,
) -> list[Told]:
    """What still asks for something, then what is done; the newest first in both."""
    asked = (
        select(MESSAGES, CASES.c.number, CASES.c.view)
        .join(CASES, CASES.c.case_id == MESSAGES.c.case_id)
        .where(*_to(accounts, grids, now))
        .order_by(*NEWEST_FIRST)
    )
    found: list[Row[Any]] = []
    with engine.connect() as link:
        for done in (False, True):  # each in the order of an index
            part = asked.where(MESSAGES.c.done.is_(done)).limit(limit - len(found))
            found += link.execute(part) if len(found) < limit else []
    return [Told(_message_of(r), r.number, View.model_validate_json(r.view)) for r in found]


def waiting(engine: Engine, accounts: Collection[str], grids: Grids, now: datetime) -> set[str]:
    """Event ids of what `heard` shows that still asks for something: a page can read all that the menu counts."""
    asked = (
        select(MESSAGES.c.event_id)
        .join(CASES, CASES.c.case_id == MESSAGES.c.case_id)
        .where(MESSAGES.c.done.is_(False), *_to(accounts, grids, now))
        .order_by(*NEWEST_FIRST)
        .limit(SHOWN_MAX)
    )
    with engine.connect() as link:
        return set(link.scalars(asked))


def of_case(
    engine: Engine, accounts: Collection[str], grids: Grids, now: datetime, case: UUID
) -> set[str]:
    """Event ids of all that one case told them."""
    asked = (
        select(MESSAGES.c.event_id)
        .join(CASES, CASES.c.case_id == MESSAGES.c.case_id)
        .where(MESSAGES.c.case_id == str(case), *_to(accounts, grids, now))
    )
    with engine.connect() as link:
        return set(link.scalars(asked))
