"""收前检查: what intake will say to a channel's record, asked by its sender before it is sent. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from schemas.event import Headers, Reason, Record, Refused
from schemas.inbound import inbound_type
from services.intake.core.columns import Columns
from services.intake.core.decode import Arrival, decode_inbound
from services.intake.core.policy import Policy
from services.intake.core.receive import receive
from services.intake.core.shapes import SHAPES
from services.intake.core.text import clean
from services.kernel import ids
from services.kernel.seal import KEY_BYTES

SOURCE_CHARS_MAX = 200
_KEY = bytes(KEY_BYTES)  # nothing is kept: any key does
_SYSTEM = re.compile(r"^[a-z0-9][a-z0-9.-]{0,31}$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sends: the channel and the name of its system, `[a-z0-9.-]`, at most 32 characters.

    `version`: what the source itself calls this state of a record; only needed where content may return to an
    earlier state, which would otherwise be taken for a re-send of that earlier one.
    """

    channel: str
    system: str = "file"
    version: str = ""

    def __post_init__(self) -> None:
        if self.channel not in SHAPES:
            raise ValueError(f"no channel {self.channel!r}; known: {', '.join(SHAPES)}")
        if not _SYSTEM.match(self.system):
            raise ValueError(f"system {self.system!r} must match {_SYSTEM.pattern}")

    @property
    def topic(self) -> str:
        return f"inbound-{self.channel}"

    @property
    def source(self) -> str:
        return f"urn:anxin:channel:{self.channel}:{self.system}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record, ready to be sent under the key of its external number."""

    external_no: str
    topic: str
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class Enveloped:
    """A record as a CloudEvent in structured mode: the sender's own id, source and time are kept."""

    event: Mapping[str, JsonValue]


def certify(
    policy: Policy, origin: Origin, raw: Mapping[str, JsonValue], now: datetime
) -> Delivery:
    """`now`: when it will be sent. Raises Refused, exactly where intake would."""
    value = _bytes(raw)
    arrival = _tried(policy, origin, _headers(origin, "trial", "", now), value, now)
    number = arrival.external_no
    occurred = arrival.reading.moment(SHAPES[arrival.channel].occurred) or now
    headers = _headers(origin, _delivery_id(origin, arrival), number, occurred)
    return Delivery(number, origin.topic, headers, value)


def certify_event(policy: Policy, origin: Origin, event: Enveloped, now: datetime) -> Delivery:
    """The same for a CloudEvent, which goes on in binary mode. Raises Refused."""
    raw, source = event.event.get("data"), event.event.get("source")
    if not isinstance(raw, Mapping):
        raise Refused(Reason.BAD_ENVELOPE, "data 须为一个 JSON 对象", "data")
    if isinstance(source, str) and len(source) > SOURCE_CHARS_MAX:
        raise Refused(Reason.BAD_ENVELOPE, f"source 超过 {SOURCE_CHARS_MAX} 个字符", "source")
    given = {
        name: event.event.get(name) for name in ("specversion", "id", "source", "type", "time")
    }
    pairs = {f"ce_{name}": text for name, text in given.items() if isinstance(text, str)}
    pairs["content-type"] = "application/json"
    value, headers = _bytes(raw), _encoded(pairs)
    number = _tried(policy, origin, headers, value, now).external_no
    return Delivery(number, origin.topic, (*headers, ("ce_subject", number.encode())), value)


def _tried(
    policy: Policy, origin: Origin, headers: Headers, value: bytes, now: datetime
) -> Arrival:
    trial = Record(origin.topic, 0, 0, now, None, value, headers)
    arrival = decode_inbound(policy.columns, policy.district, trial, now)
    try:
        receive(policy, None, arrival, _KEY, now)
    except (ValueError, LookupError, ArithmeticError, TypeError) as error:
        raise Refused(
            Reason.PROCESSING_ERROR, f"处理出错：{type(error).__name__}，请联系运维"
        ) from None
    return arrival


def number_of(columns: Columns, channel: str, raw: Mapping[str, JsonValue]) -> str:
    """External number for a report, of a record that may be refused; "" = none to be seen."""
    for header, given in raw.items():
        column = columns.find(channel, str(header))
        if column and column.key == SHAPES[channel].number:  # type: ignore[index]
            return clean(str(given))[:64]
    return ""


def _delivery_id(origin: Origin, arrival: Arrival) -> str:
    """The same content again is the same delivery: a file sent twice changes nothing."""
    kind = f"delivery/{origin.source}/{origin.version}/{arrival.content_hash}"
    return str(ids.derived_id(arrival.submission_id, kind))


def _headers(origin: Origin, identity: str, subject: str, at: datetime) -> Headers:
    pairs = {
        "ce_specversion": "1.0",
        "ce_id": identity,
        "ce_source": origin.source,
        "ce_type": inbound_type(origin.channel),
        "ce_time": at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    if subject:
        pairs["ce_subject"] = subject
    return _encoded(pairs)


def _encoded(pairs: Mapping[str, str]) -> Headers:
    try:
        return tuple((name, text.encode()) for name, text in pairs.items())
    except UnicodeEncodeError:
        raise Refused(Reason.BAD_ENCODING, "含有不成对的代理字符，请转换编码后重新发送") from None


def _bytes(raw: Mapping[str, JsonValue]) -> bytes:
    try:
        return json.dumps(raw, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise Refused(Reason.BAD_ENCODING, "含有不成对的代理字符，请转换编码后重新发送") from None
    except (TypeError, ValueError, RecursionError):
        raise Refused(
            Reason.BAD_JSON, "含有不能写成 JSON 的值（如 NaN、集合），请改成文字或数字"
        ) from None
