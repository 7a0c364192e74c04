"""What the door asks of the read model. A channel sees its own submissions and replies only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, and_, func, or_, select

from services.desk import read
from services.desk.core.cursor import Cursor
from services.desk.core.fold import View
from services.desk.core.public import Fate, fate_of
from services.desk.tables import CASES, EVENTS, REPLIES, SUBMISSIONS
from services.runtime.sql import utc


@dataclass(frozen=True, slots=True)
class Reply:
    """One of `replies`: its event id, where it stands, and its data as JSON."""

    event_id: str
    partition: int
    offset: int
    value: bytes


def fate(engine: Engine, channel: str, submission: UUID) -> Fate | None:
    """None where there is none, or where it is another channel's."""
    mine = and_(SUBMISSIONS.c.submission_id == str(submission), SUBMISSIONS.c.channel == channel)
    with engine.connect() as link:
        cases = link.scalars(select(SUBMISSIONS.c.case_id).where(mine)).all()
    for case in cases:
        view = read.case(engine, None, UUID(case))
        found = view and fate_of(view, submission, read.events(engine, view.case_id))
        if found:
            return found
    return None


def replies(engine: Engine, channel: str, since: Cursor, limit: int) -> list[Reply]:
    """By partition and offset: in order for one external number."""
    after = [
        and_(REPLIES.c.number == number, REPLIES.c.offset >= offset)
        for number, offset in since.items()
    ]
    fresh = or_(*after, REPLIES.c.number.not_in(list(since)))
    asked = (
        select(REPLIES)
        .where(REPLIES.c.channel == channel, fresh)
        .order_by(REPLIES.c.number, REPLIES.c.offset)
        .limit(limit)
    )
    with engine.connect() as link:
        return [Reply(r.event_id, r.number, r.offset, r.value) for r in link.execute(asked)]


def opened_between(
    engine: Engine, begin: datetime, end: datetime, numbers: Sequence[str], limit: int
) -> list[tuple[View, datetime | None]]:
    """Cases with the instant of their newest event, the newest case first; with `numbers` those, whenever opened."""
    chosen = (
        CASES.c.number.in_(list(numbers))
        if numbers
        else and_(CASES.c.opened_at >= begin, CASES.c.opened_at <= end)
    )
    with engine.connect() as link:
        rows = link.execute(
            select(CASES.c.case_id, CASES.c.view)
            .where(chosen, CASES.c.opened_at.is_not(None))
            .order_by(CASES.c.opened_at.desc(), CASES.c.case_id)
            .limit(limit)
        ).all()
        names = [row.case_id for row in rows]
        newest = {
            row.case_id: utc(row.at)
            for start in range(0, len(names), 400)
            for row in link.execute(
                select(EVENTS.c.case_id, func.max(EVENTS.c.at).label("at"))
                .where(EVENTS.c.case_id.in_(names[start : start + 400]))
                .group_by(EVENTS.c.case_id)
            )
        }
    return [(View.model_validate_json(row.view), newest.get(row.case_id)) for row in rows]
