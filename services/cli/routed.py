"""Intake and router joined in one process, for `check complaints` and `route explain`: no broker, nothing kept."""

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from schemas.cases import CaseDeclined, CaseOpened, CaseRouted, Target
from schemas.event import SPEC_VERSION, Event, Record
from schemas.inbound import inbound_type
from schemas.matter import Channel, Submission
from services.intake.core.check import Route
from services.intake.core.decode import decode_inbound
from services.intake.core.normalise import normalise
from services.intake.core.policy import Policy as IntakePolicy
from services.intake.core.shapes import SHAPES
from services.kernel import ids
from services.kernel.seal import KEY_BYTES
from services.router.core.policy import Policy
from services.router.core.route import first_routing, route

Decided = CaseRouted | CaseDeclined


def opened(submission: Submission, district: str) -> Event:
    """The event with which intake would open a case of its own for it."""
    case = ids.case_id(submission.submission_id)
    number = ids.case_number(case, submission.received_at)
    data = CaseOpened(district=district, case_id=case, number=number, submission=submission)
    identity = ids.derived_id(submission.submission_id, data.TYPE)
    return Event(identity, "urn:anxin:intake", submission.received_at, str(case), data)


def decided(policy: Policy, submission: Submission, district: str, now: datetime) -> Decided:
    """What the router says of it at `now`: of the first routing there is always exactly one event."""
    (out,) = route(policy, None, opened(submission, district), now).events
    assert isinstance(out.event.data, CaseRouted | CaseDeclined)  # noqa: S101
    return out.event.data


def judge(policy: Policy, district: str) -> Route:
    """For `check_complaints`: unit, village and competence as routed."""

    def answer(submission: Submission) -> Mapping[str, object]:
        said = decided(policy, submission, district, submission.received_at)
        place = place_of(policy, said, submission, district)
        return {
            "unit": place.unit or None if place else None,
            "village": place.village or None if place else None,
            "competence": said.verdict,
        }

    return answer


def place_of(policy: Policy, said: Decided, submission: Submission, district: str) -> Target | None:
    """Where the matter lies. A declined case has no target: asked as if it were ours, unless it is elsewhere."""
    if isinstance(said, CaseRouted):
        return said.target
    if said.verdict == "other_district":
        return None
    data = opened(submission, district).data
    assert isinstance(data, CaseOpened)  # noqa: S101
    return first_routing(policy, data, submission.received_at).target


def written(channel: Channel, text: str, employer: str) -> dict[str, str]:
    """Free words as the raw record of a channel; a channel without a column for the employer gets it in words."""
    shape = SHAPES[channel]
    column = shape.texts[0] if shape.texts else shape.places[0][0]
    raw = {shape.number: "explain", column: text}
    if channel == "patrol":
        raw = {shape.number: "explain", shape.places[0][0]: text, "arrears_signs": "有"}
    if employer and shape.employer:
        raw[shape.employer] = employer
    elif employer:
        raw[column] = f"{text}。单位名称：{employer}。"
    return raw


def read(
    policy: IntakePolicy, channel: Channel, raw: Mapping[str, JsonValue], now: datetime
) -> Submission:
    """As intake would at `now`, under a key that nobody keeps. Raises Refused."""
    headers = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": "explain",
        "ce_source": f"urn:anxin:channel:{channel}:explain",
        "ce_type": inbound_type(channel),
        "ce_time": now.isoformat(),
        "content-type": "application/json",
    }
    pairs = tuple((name, text.encode()) for name, text in headers.items())
    value = json.dumps(raw).encode()
    record = Record(f"inbound-{channel}", 0, 0, now, None, value, pairs)
    arrival = decode_inbound(policy.columns, policy.district, record, now)
    return normalise(policy, arrival, bytes(KEY_BYTES), now)
