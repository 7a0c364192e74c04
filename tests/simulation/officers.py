"""What people do with a case: a plan of commands with their instants, sensible, late, twice, or nonsense."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from schemas import actions as a
from schemas.codec import encode
from schemas.event import Event
from services.kernel.ids import case_id, derived_id
from services.runtime.message import Message
from tests.simulation.people import Told, hours

DISTRICT = "420704"
POSTS = {
    "sign": "grid_officer", "contact": "grid_officer", "return": "grid_officer",
    "dispute": "grid_officer", "route": "centre_head", "mediate": "grid_officer",
    "pay": "grid_officer", "close": "brigade_leader", "revisit": "centre_duty",
    "reopen": "centre_head", "split": "centre_duty", "replied": "adapter", "accept": "brigade_leader",
    "refuse": "brigade_leader", "file": "brigade_leader", "end_investigation": "brigade_leader",
    "serve": "brigade_leader", "decide": "director", "ask_material": "brigade_leader",
    "take_material": "centre_duty", "suspend": "deputy_director", "arbitrate": "centre_duty",
    "resume": "deputy_director", "ask_extension": "brigade_leader", "rule_extension": "director",
    "suspect_crime": "brigade_leader", "decide_referral": "director", "refer": "brigade_leader",
    "police_reply": "centre_duty", "ask_review": "brigade_leader", "withdraw": "grid_officer",
}  # fmt: skip
GRIDS = ("420704001-G01", "420704107-G02", "420704002-G05", "nowhere")


FORMAL = (
    ("accept", "file", "end_investigation", "decide", "serve"),
    ("ask_material", "take_material", "accept", "file", "ask_extension", "rule_extension"),
    ("ask_material", "accept"),
    ("accept", "file", "suspend", "arbitrate", "resume", "end_investigation", "decide", "serve"),
    ("accept", "file", "serve", "suspect_crime", "decide_referral", "refer", "police_reply",
     "ask_review", "end_investigation", "decide", "serve"),
    ("ask_extension", "rule_extension"),
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """One command on its way: done at `event.time`, on the log at `at`."""

    at: datetime
    event: Event

    def message(self) -> Message:
        headers, value = encode(self.event)
        return Message("actions", str(self.event.data.case_id).encode(), value, tuple(headers))  # type: ignore[attr-defined]


def plan(rng: random.Random, told: list[Told]) -> list[Done]:
    """Commands on the case these records should become; now and then on one that will never be."""
    first = min(told, key=lambda one: one.at)
    case = case_id(first.submission)
    if rng.random() < 0.04:
        case = derived_id(case, "mistyped")
    found: list[Done] = []
    at = first.at
    for verb in _verbs(rng):
        at += rng.choice((timedelta(0), hours(rng, 2), hours(rng, 6), hours(rng, 40)))
        if rng.random() < 0.15:
            continue  # nobody did it
        found += _command(rng, case, verb, told, at, len(found))
    return found


def _verbs(rng: random.Random) -> list[str]:
    """A way a case may go."""
    opening = rng.choice((["sign"], ["sign", "return", "sign"], ["return", "return", "route", "sign"],
                          ["return", "sign", "dispute", "route", "sign"]))  # fmt: skip
    formal = list(rng.choice(FORMAL)) if rng.random() < 0.3 else []
    end = rng.choice((["pay", "close"], ["mediate", "pay", "close"], ["close"], ["pay"], []))
    after = rng.choice(([], ["replied"], ["replied", "revisit"], ["revisit", "reopen", "close", "replied"],
                        ["reopen", "sign", "pay", "close", "replied"]))  # fmt: skip
    way = [*opening, "contact", *formal, *end, *after]
    for extra in ("comment", "split", "replied", "contact", rng.choice(sorted(POSTS))):
        if rng.random() < 0.25:
            way.insert(rng.randrange(len(way) + 1), extra)
    return way


def _command(
    rng: random.Random, case: UUID, verb: str, told: list[Told], at: datetime, number: int
) -> list[Done]:
    """Usually on the log at once; from a phone without a net later; sent twice; by a clock that is ahead."""
    post = POSTS.get(verb, "centre_duty") if rng.random() > 0.05 else "procuratorate"
    data = _data(
        rng, verb, told, {"district": DISTRICT, "case_id": case, "actor": a.Actor(post=post)}
    )
    ahead = timedelta(seconds=rng.randrange(400)) if rng.random() < 0.05 else timedelta(0)
    identity = derived_id(case, f"{verb}/{told[0].number}", number)
    event = Event(identity, "urn:anxin:world", at + ahead, str(case), data)
    arrives = at + (hours(rng, 20) if rng.random() < 0.2 else timedelta(0))
    copies = 2 if rng.random() < 0.1 else 1
    return [Done(arrives + copy * hours(rng, 5), event) for copy in range(copies)]


def _data(rng: random.Random, verb: str, told: list[Told], base: dict[str, object]) -> a.Action:
    source = rng.choice(told)
    more: dict[str, dict[str, object]] = {
        "contact": {"reached": rng.random() < 0.7},
        "return": {"reason": "wrong_grid", "to_grid": rng.choice(("", *GRIDS))},
        "route": {"grid": rng.choice(GRIDS)},
        "mediate": {"failed": rng.random() < 0.5},
        "file": {"inspectors": rng.choice((2, 2, 2, 1))},
        "serve": {
            "document_kind": rng.choice(("decision", "decision", "correction")),
            "document": "一号",
            "due_on": "2026-01-06",
            "amount_fen": rng.choice((0, 0, 300_000)),
        },
        "ask_material": {"items": "考勤记录"},
        "suspend": {"ground": rng.choice(("suspended", "assistance")), "basis": "等待鉴定"},
        "arbitrate": {"kind": "suit", "number": "一号"},
        "resume": {"ground": rng.choice(("suspended", "arbitration", "referral"))},
        "ask_extension": {
            "days": rng.choice((1, 5, 40)),
            "reason": "案情复杂",
            **_clock(rng, source),
        },
        "rule_extension": {"approved": rng.random() < 0.7, **_clock(rng, source)},
        "suspect_crime": {"act": "flight", "amount_fen": 6_000_000, "workers": 12},
        "decide_referral": {"approved": rng.random() < 0.8},
        "refer": {"document": "移送书"},
        "police_reply": {"filed": rng.random() < 0.5},
        "withdraw": {"reason": "已和解"},
        "decide": {"outcome": "责令改正"},
        "pay": {
            "amount_fen": rng.randint(1, 9) * 10_000,
            "workers": 1,
            "full": rng.random() < 0.3,
        },
        "close": {"conclusion": rng.choice(("支付完毕", "不属实", "已立案", "无法联系"))},
        "revisit": {"satisfied": rng.random() < 0.5},
        "split": {"submission_id": source.submission},
        "replied": {
            "channel": source.channel,
            "external_no": source.number if rng.random() > 0.05 else "typo",
            "conclusion": "支付完毕",
        },
    }
    model = next(one for one in a.ACTIONS if verb == one.VERB)
    return model.model_validate(base | more.get(verb, {}))


def _clock(rng: random.Random, source: Told) -> dict[str, str]:
    """Of the investigation, or the reply that this source waits for."""
    reply = {"12345": "S07", "12333": "S07b", "national": "S08", "provincial": "S08b"}
    if rng.random() < 0.4 or source.channel not in reply:
        return {"clock": "S10"}
    return {"clock": reply[source.channel], "source": f"{source.channel}/{source.number}"}
