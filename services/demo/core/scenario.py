"""剧本: the lines of a scenario become instants with what arrives and what people do. Pure.

A line's `case` is a label for the reader: the real case is found on topic `cases` by the submission it began with.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from schemas import actions as a
from schemas.escalations import Owner
from schemas.event import Event, Headers, Instant, Out
from schemas.matter import CHANNELS
from services.kernel.ids import derived_id, submission_id

SOURCE = "urn:anxin:demo"
OVERSIGHT = frozenset(
    {"patrolled", "risk_found", "warning_issued", "warning_verified", "graded"}
)  # fmt: skip
"""Lines of a later service: counted, not replayed."""
_AT: TypeAdapter[datetime] = TypeAdapter(Instant)


@dataclass(frozen=True, slots=True)
class Verb:
    """How a kind of line becomes a command: command field -> line field, and what is fixed."""

    model: type[a.Action]
    fields: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, JsonValue] = field(default_factory=dict)


_NOTE = {"note": "note"}
VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "signed": Verb(a.Sign),
        "contacted": Verb(a.Contact, {"party": "party", "reached": "reached"} | _NOTE),
        "mediated": Verb(a.Mediate, {"round": "round"} | _NOTE),
        "mediated_failed": Verb(a.Mediate, {"note": "reason"}, {"failed": True}),
        "accepted": Verb(a.Accept),
        "filed": Verb(a.File, {"inspectors": "inspectors"}),
        "correction_served": Verb(
            a.Serve, {"document": "document", "due_on": "due_on"}, {"document_kind": "correction"}
        ),
        "investigation_ended": Verb(a.EndInvestigation),
        "decided": Verb(a.Decide, {"outcome": "outcome"}),
        "served": Verb(a.Serve, {"document": "document"}, {"document_kind": "decision"}),
        "paid": Verb(a.Pay, {"amount_fen": "amount_yuan", "workers": "workers"}),
        "closed": Verb(a.Close, {"conclusion": "conclusion"} | _NOTE),
        "revisited": Verb(a.Revisit, {"satisfied": "satisfied"}),
        "replied": Verb(
            a.Replied,
            {
                "channel": "source",
                "external_no": "external_no",
                "conclusion": "conclusion",
                "receipt_no": "receipt_no",
            },
        ),
        "returned": Verb(a.Return, {"reason": "reason", "to_grid": "to_grid"} | _NOTE),
        "disputed": Verb(a.Dispute, _NOTE),
        "ruled": Verb(a.Route, {"grid": "grid", "unit_code": "unit_code"} | _NOTE),
        "commented": Verb(a.Comment, _NOTE),
    }
)


@dataclass(frozen=True, slots=True)
class Submit:
    """A channel's record."""

    channel: str
    external_no: str
    raw: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes no adapter should have sent, as they go to the channel's topic."""

    channel: str
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person did in the case of submission `of`; `fields` of the command but for case and actor."""

    id: UUID
    kind: str
    of: UUID
    post: str
    fields: Mapping[str, JsonValue]


Item = Submit | Broken | Deed


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`not_replayed`: kinds of lines that belong to a later service, and how many."""

    moments: tuple[Moment, ...]
    not_replayed: Mapping[str, int]


class ScenarioError(ValueError):
    """A line that cannot be understood: its number and why."""


def scenario_of(lines: Iterable[str]) -> Scenario:
    """JSON lines in order of time. Raises ScenarioError."""
    rows = [json.loads(line) for line in lines if line.strip()]
    first = _first_submissions(rows)
    moments: list[Moment] = []
    skipped: Counter[str] = Counter()
    for number, row in enumerate(rows, start=1):
        if row["kind"] in OVERSIGHT:
            skipped[row["kind"]] += 1
            continue
        try:
            at, item = _AT.validate_python(row["at"]), _item(row, number, first)
        except (KeyError, ValueError) as error:
            raise ScenarioError(f"line {number}: {error}") from None
        if moments and at < moments[-1].at:
            raise ScenarioError(f"line {number}: {row['at']} lies before the line above")
        if moments and at == moments[-1].at:
            moments[-1] = Moment(at, (*moments[-1].items, item))
        else:
            moments.append(Moment(at, (item,)))
    return Scenario(tuple(moments), dict(skipped))


def _first_submissions(rows: Sequence[Mapping[str, Any]]) -> dict[Any, UUID]:
    """Label of a case -> the submission it began with."""
    found: dict[Any, UUID] = {}
    for row in rows:
        if row["kind"] == "submission":
            found.setdefault(row["case"], submission_id(row["channel"], row["external_no"]))
    return found


def _item(row: Mapping[str, Any], number: int, first: Mapping[Any, UUID]) -> Item:
    if row["kind"] == "submission":
        return Submit(row["channel"], row["external_no"], row["raw"])
    if row["kind"] == "broken":
        return _broken(row)
    verb = VERBS.get(row["kind"])
    if verb is None:
        raise ValueError(f"unknown kind {row['kind']!r}")
    of = first[row["case"]]
    if row["kind"] == "replied":
        of = submission_id(row["source"], row["external_no"])
    fields = dict(verb.fixed) | {
        name: row[given] for name, given in verb.fields.items() if given in row
    }
    if "amount_fen" in fields:
        fields["amount_fen"] = round(row["amount_yuan"] * 100)
    identity = derived_id(of, f"{SOURCE}/{row['kind']}/{row['at']}", number)
    return Deed(identity, row["kind"], of, row["actor"], fields)


def _broken(row: Mapping[str, Any]) -> Broken:
    """`headers` are added to the usual ones, null takes one away; `value_base64` or `value` is the body, or none."""
    channel = row["channel"]
    if channel not in CHANNELS:
        raise ValueError(f"unknown channel {channel!r}")
    usual: dict[str, str | None] = {
        "ce_specversion": "1.0",
        "ce_id": row["external_no"],
        "ce_source": f"urn:anxin:channel:{channel}:demo",
        "ce_type": f"cn.anxin.inbound.{channel}.v1",
        "ce_time": row["at"],
        "content-type": "application/json",
    }
    headers = usual | row.get("headers", {})
    pairs = tuple((name, text.encode()) for name, text in headers.items() if text is not None)
    return Broken(channel, row["external_no"].encode(), _body(row), pairs)


def _body(row: Mapping[str, Any]) -> bytes | None:
    if "value_base64" in row:
        return base64.b64decode(row["value_base64"])
    value = row.get("value")
    if value is None or isinstance(value, str):
        return value.encode() if value else None
    return json.dumps(value, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Account:
    """A row of policies/roster.csv."""

    account: str
    post: str
    unit_code: str


def roster_of(rows: Iterable[Mapping[str, str]]) -> tuple[Account, ...]:
    return tuple(Account(row["account"], row["post"], row["unit_code"]) for row in rows)


def actor_of(roster: Sequence[Account], post: str, owner: Owner | None) -> a.Actor:
    """Who acts: whoever holds the case for grid work, else the first account of the post, of the unit if it can be."""
    if post == "grid_officer" and owner is not None:
        return a.Actor(post=owner.post, account=owner.account)
    able = [one for one in roster if one.post == post]
    near = [one for one in able if owner and one.unit_code == owner.unit_code]
    chosen = next(iter(near or able), None)
    return a.Actor(post=post, account=chosen.account if chosen else "")


def command_of(deed: Deed, case: UUID, actor: a.Actor, at: datetime, district: str) -> Out:
    """The command for topic `actions`. Raises pydantic's ValidationError where a line lacks a field."""
    model = VERBS[deed.kind].model
    data = model.model_validate(
        {"district": district, "case_id": case, "actor": actor, **deed.fields}
    )
    return Out("actions", str(case), Event(deed.id, SOURCE, at, str(case), data))
