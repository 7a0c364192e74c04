"""The read model in SQL: what the topics say, folded; offsets in the same transaction.

A record counts once: by its place (offsets), and by its event id where a replay wrote it again. No plain personal data.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection

from schemas import escalations as e
from schemas.audit import PersonalDataRevealed
from schemas.codec import decode
from schemas.event import Event, Record, Refused
from services.desk.core.fold import View, case_of, fold
from services.desk.core.indicators import fact_of
from services.desk.messages import remember
from services.desk.tables import (
    BURIED,
    CASE_TOPICS,
    CASES,
    COUNTS,
    EVENTS,
    FACTS,
    GRID_CHARS,
    META,
    OFFSETS,
    PLACE,
    REPLIES,
    SCHEMA,
    SEEN,
    SUBMISSIONS,
    TALLIES,
)
from services.runtime.quarantine_desk import Entry, entries
from services.runtime.sql import (
    alone,
    create_tables,
    engine_of,
    insert_of,
    portions,
    put,
    utc,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a topic's partition is to be read next, and the log's time of the last record applied."""

    next_offset: int
    logged_at: datetime


class Store:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self.engine = engine_of(url, schema=f"desk_{SCHEMA}", synchronous="NORMAL")
        create_tables(self.engine, META)

    def places(self) -> dict[tuple[str, int], Place]:
        with self.engine.connect() as link:
            rows = link.execute(select(OFFSETS))
            return {(r.topic, r.number): Place(r.next_offset, utc(r.logged_at)) for r in rows}

    def apply(self, records: Sequence[Record]) -> None:
        """All or nothing; what was applied before, here or by another desk, changes nothing."""
        with alone(self.engine) as link:
            _Batch(link).apply(records)

    def close(self) -> None:
        self.engine.dispose()


class _Batch:
    """One transaction."""

    def __init__(self, link: Connection) -> None:
        self.link = link

    def apply(self, records: Sequence[Record]) -> None:
        fresh = self._fresh(records)
        self._bury([one for one in fresh if one.topic == "quarantine"])
        events = [(one, decoded) for one in fresh if (decoded := _event(one))]
        events = self._unknown(events)
        self._answers([(one, made) for one, made in events if one.topic == "replies"])
        self._cases([made for one, made in events if one.topic in CASE_TOPICS])
        remember(self.link, [made for one, made in events if one.topic == "escalations"])
        put(self.link, SEEN, [row for one, made in events if (row := _seen(made))])
        self._move(fresh)

    def _fresh(self, records: Sequence[Record]) -> list[Record]:
        parts = {(one.topic, one.partition) for one in records}
        known = {
            (r.topic, r.number): r.next_offset
            for r in self.link.execute(select(OFFSETS))
            if (r.topic, r.number) in parts
        }
        return [r for r in records if r.offset >= known.get((r.topic, r.partition), 0)]

    def _unknown(self, events: Sequence[tuple[Record, Event]]) -> list[tuple[Record, Event]]:
        """Without those that stand in the tables already, or twice in this batch."""
        ids = [str(made.id) for _, made in events]
        known = {
            row
            for table in (EVENTS, REPLIES)
            for part in portions(ids)
            for row in self.link.scalars(select(table.c.event_id).where(table.c.event_id.in_(part)))
        }
        found: dict[UUID, tuple[Record, Event]] = {}
        for record, made in events:
            # one event of escalation's stands on `replies` and `escalations`, under two ids
            if str(made.id) not in known:
                found.setdefault(made.id, (record, made))
        return list(found.values())

    def _cases(self, events: Sequence[Event]) -> None:
        cases = {str(case) for made in events if (case := case_of(made.data))}
        views = {
            UUID(row.case_id): View.model_validate_json(row.view)
            for part in portions(sorted(cases))
            for row in self.link.execute(
                select(CASES.c.case_id, CASES.c.view).where(CASES.c.case_id.in_(part))
            )
        }
        before = dict(views)
        seq = self.link.scalar(select(func.max(EVENTS.c.seq))) or 0
        rows, facts = list[dict[str, Any]](), list[dict[str, Any]]()
        for ordinal, made in enumerate(events, seq + 1):
            case = case_of(made.data)
            if case is None:
                continue
            view = fold(views.get(case), made)
            assert view is not None  # noqa: S101 - it has a case
            views[case] = view
            rows.append(_event_row(made, case, ordinal))
            if fact := fact_of(made):
                facts.append({"event_id": str(made.id), "seq": ordinal, **fact._asdict()})
        put(self.link, EVENTS, rows)
        put(self.link, FACTS, facts)
        touched = [views[case] for case in dict.fromkeys(UUID(r["case_id"]) for r in rows)]
        put(self.link, CASES, [row_of(view) for view in touched])
        self._count([before[one.case_id] for one in touched if one.case_id in before], touched)
        # of each case what it holds now: on the way from one to another a record may stand in both or in none
        for part in portions([str(view.case_id) for view in touched]):
            self.link.execute(delete(SUBMISSIONS).where(SUBMISSIONS.c.case_id.in_(part)))
        put(self.link, SUBMISSIONS, [one for view in touched for one in _submissions(view)])

    def _count(self, before: Sequence[View], now: Sequence[View]) -> None:
        for part in portions(tallied(before, now)):
            said = insert_of(self.link, TALLIES).values(part)
            added = {name: TALLIES.c[name] + said.excluded[name] for name in COUNTS}
            self.link.execute(said.on_conflict_do_update(index_elements=[*PLACE], set_=added))

    def _answers(self, events: Sequence[tuple[Record, Event]]) -> None:
        cursor = self.link.scalar(select(func.max(REPLIES.c.cursor))) or 0
        rows = [
            {
                "event_id": str(made.id),
                "cursor": ordinal,
                "channel": made.data.channel,
                "external_no": made.data.external_no,
                "number": record.partition,
                "offset": record.offset,
                "value": record.value,
            }
            for ordinal, (record, made) in enumerate(events, cursor + 1)
            if isinstance(made.data, e.ReplyOwed)
        ]
        put(self.link, REPLIES, rows)

    def _bury(self, records: Sequence[Record]) -> None:
        """A burial once, whoever writes it again; a mark adds that it was sent again, and where to."""
        found = entries(records)
        known = {
            row["place"]: dict(row)
            for part in portions(sorted(found))
            for row in self.link.execute(select(BURIED).where(BURIED.c.place.in_(part))).mappings()
        }
        rows = [
            known.get(place, _buried(one)) | (_redriven(one) if one.redriven_at else {})
            for place, one in found.items()
        ]
        put(self.link, BURIED, rows)

    def _move(self, records: Iterable[Record]) -> None:
        rows = [
            {
                "topic": one.topic,
                "number": one.partition,
                "next_offset": one.offset + 1,
                "logged_at": one.timestamp,
            }
            for one in records
        ]
        put(self.link, OFFSETS, rows)


def tallied(before: Iterable[View], now: Iterable[View]) -> list[dict[str, Any]]:
    """What to add to the tallies: what these cases counted for is gone, what they count for now is there."""
    moved: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for sign, views in ((-1, before), (1, now)):
        for view in views:
            is_open = view.closed_at is None and view.opened_at is not None
            grid = view.owner.grid if view.owner else ""
            figures = moved[grid[:GRID_CHARS], view.state, rung_of(view)[:GRID_CHARS]]
            figures["open"] += sign * is_open
            figures["returned"] += sign * (is_open and view.returns > 0)
            figures["disputed"] += sign * (is_open and view.disputed)
            figures["paid_fen"] += sign * view.paid_fen
            figures["workers"] += sign * view.workers
    return [
        dict(zip(PLACE, place, strict=True)) | {name: figures[name] for name in COUNTS}
        for place, figures in moved.items()
        if any(figures.values())
    ]


def rung_of(view: View) -> str:
    """The highest told, else the owner's."""
    return view.told[-1].to.rung if view.told else (view.owner.rung if view.owner else "")


def row_of(view: View) -> dict[str, Any]:
    """The columns that queries look at, beside the view itself."""
    owner, due = view.owner, view.next_due
    return {
        "case_id": str(view.case_id),
        "number": view.number,
        "state": view.state,
        "open": view.closed_at is None and view.opened_at is not None,
        "grid": owner.grid if owner else "",
        "unit_code": owner.unit_code if owner else "",
        "account": owner.account if owner else "",
        "urgent": view.urgent,
        "disputed": view.disputed,
        "returns": view.returns,
        "breached": any(one.breached and not one.standing for one in view.clocks),
        "due_at": due.due_at if due else None,
        "opened_at": view.opened_at,
        "closed_at": view.closed_at,
        "paid_fen": view.paid_fen,
        "workers": view.workers,
        "rung": rung_of(view),
        "view": view.model_dump_json(exclude_defaults=True),
    }


def _submissions(view: View) -> list[dict[str, Any]]:
    return [
        {
            "submission_id": str(one.submission_id),
            "case_id": str(view.case_id),
            "channel": one.channel,
            "external_no": one.external_no,
            "received_at": one.received_at,
        }
        for one in view.sources
    ]


def _event_row(made: Event, case: UUID, ordinal: int) -> dict[str, Any]:
    command = getattr(made.data, "command_id", None)
    return {
        "event_id": str(made.id),
        "case_id": str(case),
        "at": made.time,
        "seq": ordinal,
        "type": made.type,
        "command_id": str(command) if command else None,
        "data": made.data.model_dump_json(exclude_defaults=True),
    }


def _seen(made: Event) -> dict[str, Any] | None:
    """Who looked at whose personal data; None for whatever else stands on `audit`."""
    data = made.data
    if not isinstance(data, PersonalDataRevealed) or data.case_id is None:
        return None
    return {
        "event_id": str(made.id), "at": made.time, "account": data.account, "post": data.post,
        "case_id": str(data.case_id), "fields": " ".join(data.fields), "reason": data.reason_zh,
    }  # fmt: skip


def _event(record: Record) -> Event | None:
    """None for what is no event of ours: its reader has buried it."""
    if record.topic == "quarantine":
        return None
    try:
        return decode(record)
    except Refused:
        return None


def _buried(entry: Entry) -> dict[str, Any]:
    """Facts of ours about it; what the sender wrote stays on the topic."""
    return {
        "place": entry.position,
        "stage": entry.facts.get("anxin_stage", ""),
        "topic": entry.topic,
        "reason": entry.reason,
        "field": entry.facts.get("anxin_field", ""),
        "detail_zh": entry.facts.get("anxin_detail", ""),
        "size_bytes": len(entry.original.value or b""),
        "came_at": entry.original.timestamp,
        "at": entry.at,
        "redriven_at": None,
        "redriven_to": "",
    }


def _redriven(entry: Entry) -> dict[str, Any]:
    return {"redriven_at": entry.redriven_when, "redriven_to": entry.redriven_to}
