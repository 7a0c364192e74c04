"""What people do with a case: a plan of commands with their instants, sensible, late, twice, or nonsense."""

import random
from dataclasses import dataclass, replace
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
    "note_step": "brigade_leader", "meet": "director",
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

WAYS: dict[str, tuple[tuple[tuple[str, str, int], ...], ...]] = {
    "": (
        (("petition_received", "hotline_liaison", 200), ("petition_answered", "hotline_liaison", 500),
         ("petition_accepted", "hotline_liaison", 60), ("petition_settled", "hotline_liaison", 2_200)),
        (("procuratorate_advice", "director", 200), ("advice_answered", "director", 600)),
        (("mediation_asked", "centre_duty", 60), ("mediation_ended", "centre_duty", 60)),
        (("decision_obeyed", "brigade_leader", 600), ("evidence_handled", "brigade_leader", 60)),
    ),
    "file": (
        (("evidence_preserved", "brigade_leader", 40), ("evidence_handled", "brigade_leader", 400),
         ("evidence_preserved", "brigade_leader", 400)),
        (("hearing_right_told", "brigade_leader", 40), ("hearing_requested", "centre_duty", 40),
         ("hearing_notice_served", "brigade_leader", 40), ("hearing_held", "brigade_leader", 500)),
        (("correction_lapsed", "brigade_leader", 900), ("list_decided", "director", 900)),
    ),
    "decide": (
        (("demand_served", "brigade_leader", 900), ("reconsideration_asked", "centre_duty", 1_800),
         ("suit_filed", "centre_duty", 5_000), ("enforcement_requested", "brigade_leader", 600)),
        (("demand_served", "brigade_leader", 4_600), ("enforcement_requested", "brigade_leader", 2_000)),
        (("decision_obeyed", "brigade_leader", 6_000), ("demand_served", "brigade_leader", 60)),
    ),
}  # fmt: skip
"""程序节点 in their order, by what was done before: step, post, and within how many hours of the one before."""


@dataclass(frozen=True)
class Done:
    """One command on its way: done at `event.time`, on the log at `at`."""

    at: datetime
    event: Event

    def message(self) -> Message:
        headers, value = encode(self.event)
        return Message("actions", str(self.event.data.case_id).encode(), value, tuple(headers))  # type: ignore[attr-defined]


def plan(rng: random.Random, told: list[Told], *, long: bool = False) -> list[Done]:
    """Commands on the case these records should become; now and then on one that will never be.

    `long`: it goes the formal way beside, with orders to pay that are obeyed in parts and told late.
    """
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
    more = _orders(case, told) if long else []
    return found + more + _steps(case, told, found) + _joined(told)


ORDERS = (
    "sign", "accept", "file", "serve correction brigade_leader", "pay", "meet", "arbitrate", "serve correction",
    "pay", "resume", "pay", "end_investigation", "decide", "serve decision", "close 部分支付", "pay", "reopen", "pay",
    "close 支付完毕",
)  # fmt: skip


def _orders(case: UUID, told: list[Told]) -> list[Done]:
    """By dice of their own. Half of it is told a day or two later than it was done."""
    rng = random.Random(f"orders {told[0].number}")
    at, found = told[0].at, list[Done]()
    for verb in ORDERS:
        at += hours(rng, 60)
        if rng.random() < 0.2:
            continue
        late = hours(rng, 48) if rng.random() < 0.5 else timedelta(0)
        done = _command(rng, case, verb, told, at, 4000 + len(found))
        found += [replace(one, at=one.at + late) for one in done]
    return found


def _joined(told: list[Told]) -> list[Done]:
    """Somebody who was shown the other record joins the cases, too early or late; perhaps takes it back.

    By dice of their own, as the steps.
    """
    rng = random.Random(f"join {told[0].number}")
    if len({one.submission for one in told}) < 2 or rng.random() < 0.3:
        return []
    one, other = rng.sample(sorted({one.submission for one in told}), 2)
    mine = [next(t for t in told if t.submission == submission) for submission in (one, other)]
    mine.sort(key=lambda t: t.at, reverse=True)
    at = mine[0].at + rng.choice((timedelta(minutes=2), hours(rng, 6), hours(rng, 90)))
    found = _command(rng, case_id(mine[0].submission), "join", mine[1:], at, 3000)
    if rng.random() < 0.3:
        at += hours(rng, 60)
        found += _command(rng, case_id(mine[1].submission), "split", mine[:1], at, 3001)
    return found


def _steps(case: UUID, told: list[Told], done: list[Done]) -> list[Done]:
    """By dice of their own, so that what people did before there were steps stays as it was."""
    rng = random.Random(f"steps {told[0].number}")
    last = {one.event.data.VERB: one.event.time for one in done}  # type: ignore[attr-defined]
    kind = next((verb for verb in ("decide", "file") if verb in last and rng.random() < 0.8), "")
    if not kind and rng.random() < 0.6:
        return []
    at = last.get("serve" if kind == "decide" else kind, told[0].at)
    found: list[Done] = []
    for step, post, within_h in rng.choice(WAYS[kind]):
        at += hours(rng, within_h)
        if rng.random() < 0.15:
            continue
        found += _command(rng, case, f"note_step {step} {post}", told, at, 1000 + len(found))
    if rng.random() < 0.2:
        found += _command(rng, case, "ask_extension L13", told, at, 2000)
        found += _command(rng, case, "rule_extension L13", told, at + hours(rng, 40), 2001)
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
    verb, _, step = verb.partition(" ")
    step, _, own = step.partition(" ")
    post = own or POSTS.get(verb, "centre_duty") if rng.random() > 0.05 else "procuratorate"
    base: dict[str, object] = {"district": DISTRICT, "case_id": case}
    data = _data(rng, verb, told, base | {"actor": a.Actor(post=post)}, at, step)
    ahead = timedelta(seconds=rng.randrange(400)) if rng.random() < 0.05 else timedelta(0)
    identity = derived_id(case, f"{verb}/{told[0].number}", number)
    event = Event(identity, "urn:anxin:world", at + ahead, str(case), data)
    arrives = at + (hours(rng, 20) if rng.random() < 0.2 else timedelta(0))
    copies = 2 if rng.random() < 0.1 else 1
    return [Done(arrives + copy * hours(rng, 5), event) for copy in range(copies)]


def _data(
    rng: random.Random,
    verb: str,
    told: list[Told],
    base: dict[str, object],
    at: datetime,
    step: str,
) -> a.Action:
    source = rng.choice(told)
    more: dict[str, dict[str, object]] = {
        "contact": {"reached": rng.random() < 0.7},
        "return": {"reason": "wrong_grid", "to_grid": rng.choice(("", *GRIDS))},
        "route": {"grid": rng.choice(GRIDS)},
        "mediate": {"failed": rng.random() < 0.5},
        "file": {"inspectors": rng.choice((2, 2, 2, 1))},
        "serve": {
            "document_kind": step or rng.choice(("decision", "decision", "correction")),
            "document": "一号",
            "due_on": (at + timedelta(days=10)).date().isoformat(),
            "amount_fen": rng.choice((0, 0, 300_000)),
        },
        "ask_material": {"items": "考勤记录"},
        "suspend": {"ground": rng.choice(("suspended", "assistance")), "basis": "等待鉴定"},
        "arbitrate": {"kind": "suit", "number": "一号"},
        "resume": {"ground": rng.choice(("suspended", "arbitration", "referral"))},
        "ask_extension": {
            "days": rng.choice((1, 5, 40)),
            "reason": "案情复杂",
            **_clock(rng, source, step),
        },
        "rule_extension": {"approved": rng.random() < 0.7, **_clock(rng, source, step)},
        "suspect_crime": {"act": "flight", "amount_fen": 6_000_000, "workers": 12},
        "decide_referral": {"approved": rng.random() < 0.8},
        "refer": {"document": "移送书"},
        "police_reply": {"filed": rng.random() < 0.5},
        "note_step": {
            "step": step or "petition_received",
            "variant": rng.choice(("normal", "urgent")) if step == "procuratorate_advice" else "",
        },
        "withdraw": {"reason": "已和解"},
        "decide": {"outcome": "责令改正"},
        "pay": {
            "amount_fen": rng.randint(1, 9) * 10_000,
            "workers": 1,
            "full": rng.random() < 0.3,
        },
        "close": {"conclusion": step or rng.choice(("支付完毕", "不属实", "已立案", "无法联系"))},
        "revisit": {"satisfied": rng.random() < 0.5},
        "split": {"submission_id": source.submission},
        "join": {"into": case_id(source.submission)},
        "replied": {
            "channel": source.channel,
            "external_no": source.number if rng.random() > 0.05 else "typo",
            "conclusion": "支付完毕",
        },
    }
    model = next(one for one in a.ACTIONS if verb == one.VERB)
    return model.model_validate(base | more.get(verb, {}))


def _clock(rng: random.Random, source: Told, clock: str) -> dict[str, str]:
    """The one that is meant; else of the investigation, or the reply that this source waits for."""
    if clock:
        return {"clock": clock}
    reply = {"12345": "S07", "12333": "S07b", "national": "S08", "provincial": "S08b"}
    if rng.random() < 0.4 or source.channel not in reply:
        return {"clock": "S10"}
    return {"clock": reply[source.channel], "source": f"{source.channel}/{source.number}"}
