"""`anxin check bad-input` and `check complaints`: vectors through the same functions the service runs."""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.cases import CaseOpened, MatterSuggested, SubmissionJoined
from schemas.codec import parse_time
from schemas.event import Record, Refused
from schemas.matter import CHANNELS, Submission
from services.intake.core import dates
from services.intake.core.decode import Arrival, decode_inbound
from services.intake.core.desk import Desk
from services.intake.core.policy import Policy
from services.intake.core.receive import receive
from services.intake.core.shapes import SHAPES
from services.kernel.seal import KEY_BYTES

Route = Callable[[Submission], Mapping[str, object]]
"""What the router makes of a submission: `unit`, `village`, `competence`, names as people say them."""
FIELDS = (
    "unit", "village", "employer", "people", "amount_yuan", "category", "sector", "urgent",
    "competence", "same_matter_as",
)  # fmt: skip
SHOWN = "same_matter_shown"
"""Joined, or shown to a person who may join it (提示核对): a suggestion too much is no miss, it is read and left."""
_KEY = bytes(KEY_BYTES)  # nothing is kept: any key does
_ORDER = ("not_labour", "other_district", "in_arbitration", "time_barred", "needs_more_info")


def check_bad_input(policy: Policy, lines: Iterable[str]) -> dict[str, Any]:
    """Each vector ends as accept or quarantine, as expected; anything raised otherwise is a crash."""
    vectors = [json.loads(line) for line in lines if line.strip()]
    now = _log_time(vectors)
    misses = []
    for vector in vectors:
        got = _outcome(policy, vector, now)
        if got not in vector["expect"].split("_or_"):
            misses.append(
                {"id": vector["id"], "field": "outcome", "expected": vector["expect"], "got": got}
            )
    return _result(len(vectors), misses)


def _outcome(policy: Policy, vector: Mapping[str, Any], now: datetime) -> str:
    key = vector.get("key")
    record = Record(
        f"inbound-{vector['channel']}",
        0,
        0,
        now,
        None if key is None else str(key).encode(),
        body_of(vector),
        tuple((name, str(text).encode()) for name, text in vector["headers"]),
    )
    try:
        arrival = decode_inbound(policy.columns, policy.district, record, now)
        receive(policy, None, arrival, _KEY, now)
    except Refused:
        return "quarantine"
    except Exception as error:
        return f"crash {type(error).__name__}"
    return "accept"


def body_of(vector: Mapping[str, Any]) -> bytes | None:
    """Bytes of `body_b64`, or of `generate`: repeat × times, a json_field of char × times, or null."""
    if "body_b64" in vector:
        return base64.b64decode(vector["body_b64"])
    recipe = vector.get("generate") or {}
    times = int(recipe.get("times", 0))
    if "repeat" in recipe:
        return (str(recipe["repeat"]) * times).encode()
    if "json_field" in recipe:
        good = _good(vector["channel"], str(vector["id"]))
        good[recipe["json_field"]] = str(recipe.get("char", "x")) * times
        return json.dumps(good, ensure_ascii=False).encode()
    return None


def _good(channel: str, number: str) -> dict[str, object]:
    shape = SHAPES[channel]  # type: ignore[index]  # a wrong channel of a vector is its own error
    texts = dict.fromkeys(shape.texts, "反映樊口街道某超市拖欠工资3000元")
    unit = {shape.employer: "某超市"} if shape.employer else {}
    return {shape.number: number, **texts, **unit}


def _log_time(vectors: Sequence[Mapping[str, Any]]) -> datetime:
    """The instant most records carry as their time: when the file was taken down."""
    counted = Counter(
        text for vector in vectors for name, text in vector["headers"] if name == "ce_time"
    )
    for text, _ in counted.most_common():
        try:
            return parse_time(text, "ce_time")
        except Refused:
            continue
    raise ValueError("no record names a time")


def check_complaints(
    policy: Policy, lines: Iterable[str], route: Route | None = None
) -> dict[str, Any]:
    """Per field: precision over given answers, recall over expected ones. In order of arrival."""
    vectors = [json.loads(line) for line in lines if line.strip()]
    desk = _Desk(policy)
    tally = {field: [0, 0, 0] for field in (*FIELDS, SHOWN)}  # right, given, expected
    misses: list[dict[str, object]] = []
    for vector in vectors:
        got = desk.answer(vector, route)
        _add_shown(tally[SHOWN], vector["expect"].get("same_matter_as"), got.pop(SHOWN))
        for field in judged(vector["expect"], got):
            wanted, given = vector["expect"][field], got[field]
            right = agrees(field, wanted, given)
            _add(tally[field], wanted, given, right)
            if not right:
                misses.append(
                    {"id": vector["id"], "field": field, "expected": wanted, "got": given}
                )
    fields = {field: _ratios(*counts) for field, counts in tally.items() if any(counts)}
    return {**_result(len(vectors), misses), "fields": fields}


def judged(expect: Mapping[str, Any], got: Mapping[str, object]) -> tuple[str, ...]:
    """Where nothing is ours (not_labour) only category and competence are judged."""
    if expect.get("competence") == "not_labour":
        return ("category", "competence")
    return tuple(field for field in FIELDS if field in expect and field in got)


def agrees(field: str, wanted: object, given: object) -> bool:
    if field == "employer" and isinstance(wanted, str) and isinstance(given, str):
        return given == wanted or given.endswith(wanted)
    return wanted == given


class _Desk:
    """Answers of intake, in the names of the vectors."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.desk = policy, Desk(policy)
        self.first: dict[UUID, str] = {}

    def answer(self, vector: Mapping[str, Any], route: Route | None) -> dict[str, object]:
        arrival = arrival_of(self.policy, vector)
        told = self.desk.take(arrival, arrival.event.time)
        said = next((one for one in told if isinstance(one, CaseOpened | SubmissionJoined)), None)
        if said is None:
            return dict.fromkeys((*FIELDS, SHOWN))
        same = self.first.get(said.case_id)
        self.first.setdefault(said.case_id, vector["id"])
        told_of = [self.first.get(one.other) for one in told if isinstance(one, MatterSuggested)]
        shown = {"same_matter_as": same, SHOWN: [same] if same else told_of}
        return {**_features(said.submission, self.policy, route), **shown}


def arrival_of(policy: Policy, vector: Mapping[str, Any]) -> Arrival:
    """A vector `{id, channel, raw}` as if its adapter had sent it the moment it was taken down."""
    channel = vector["channel"]
    if channel not in CHANNELS:
        raise ValueError(f"unknown channel {channel}")
    from_raw = str(vector["raw"].get(SHAPES[channel].occurred, "2026-11-16"))
    at = dates.moment(from_raw) + timedelta(seconds=1)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(vector["id"]),
        "ce_source": f"urn:anxin:channel:{channel}:check",
        "ce_type": f"cn.anxin.inbound.{channel}.v1",
        "ce_time": at.isoformat(),
        "content-type": "application/json",
    }
    record = Record(
        f"inbound-{channel}",
        0,
        0,
        at,
        None,
        json.dumps(vector["raw"]).encode(),
        tuple((name, text.encode()) for name, text in headers.items()),
    )
    return decode_inbound(policy.columns, policy.district, record, at)


def _features(submission: Submission, policy: Policy, route: Route | None) -> dict[str, object]:
    matter = submission.matter
    amount = matter.amount_fen
    place = route(submission) if route else _routed(submission, policy)
    return {
        **place,
        "employer": matter.employer.name if matter.employer else None,
        "people": matter.people,
        "amount_yuan": amount // 100 if amount is not None else None,
        "category": matter.category,
        "sector": matter.sector,
        "urgent": matter.urgent,
    }


def _routed(submission: Submission, policy: Policy) -> dict[str, object]:
    """Without a router: the first village and unit of work, the gravest hint."""
    work = [one for one in submission.matter.places if one.role in ("work", "employer_address")]
    village = next((one for one in work if one.kind == "village"), None)
    unit = village or next((one for one in work if one.kind == "unit"), None)
    verdicts = {hint.verdict for hint in submission.matter.hints}
    return {
        "unit": policy.words.gazetteer.units.get(unit.unit_code) if unit else None,
        "village": village.name if village else None,
        "competence": next((one for one in _ORDER if one in verdicts), "accept"),
    }


def _add(counts: list[int], wanted: object, given: object, right: bool) -> None:
    """False and null are no answers; `accept` is one."""
    said, asked = given not in (None, False), wanted not in (None, False)
    counts[0] += right and said and asked
    counts[1] += said
    counts[2] += asked


def _add_shown(counts: list[int], wanted: object, given: object) -> None:
    shown = given if isinstance(given, list) else []
    counts[0] += wanted in shown
    counts[1] += bool(shown)
    counts[2] += wanted is not None


def _ratios(right: int, given: int, expected: int) -> dict[str, float | int]:
    return {
        "precision": round(right / given, 4) if given else 1.0,
        "recall": round(right / expected, 4) if expected else 1.0,
        "n": expected,
    }


def _result(total: int, misses: list[dict[str, Any]]) -> dict[str, Any]:
    failed = len({miss["id"] for miss in misses})
    return {"total": total, "passed": total - failed, "failed": failed, "misses": misses}
