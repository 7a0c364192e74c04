"""From the broker's bytes to a checked record of a channel. Raises Refused: then a person reads it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from schemas.codec import open_envelope, parse_json, parse_time
from schemas.event import ID_CHARS_MAX, Event, Reason, Record, Refused
from schemas.inbound import Inbound, inbound_type
from schemas.matter import CHANNELS, Channel
from services.intake.core.columns import Columns
from services.intake.core.dates import month_of
from services.intake.core.fields import Reading, read
from services.intake.core.shapes import SHAPES
from services.kernel import ids

AHEAD_MAX = timedelta(days=1)
EMPLOYER_CHARS_MAX = 200
_LATER = frozenset({"due_at", "recheck_on"})
"""Dates that are meant to lie ahead."""
_PREFIX = "inbound-"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery of one record. `event.id` is the delivery's: same bytes sent again under the same ce_id, same id."""

    event: Event
    channel: Channel
    external_no: str
    submission_id: UUID
    content_hash: str
    reading: Reading

    @property
    def row(self) -> str:
        return f"{self.channel}/{self.external_no}"


def decode_inbound(columns: Columns, district: str, record: Record, now: datetime) -> Arrival:
    """`now` is the record's log time. Raises Refused."""
    channel = _channel(record.topic)
    attributes, body = open_envelope(record.headers, record.value)
    if attributes["type"] != inbound_type(channel):
        raise Refused(
            Reason.WRONG_TYPE, f"主题 {record.topic} 只收 {inbound_type(channel)}", "ce_type"
        )
    at = parse_time(attributes["time"], "ce_time")
    _not_ahead(at, now, "ce_time")
    raw = _object(parse_json(body) if isinstance(body, bytes) else body)
    reading = read(columns, channel, raw)
    number = _number(reading, channel)
    _check(reading, channel, now)
    submission, digest = ids.submission_id(channel, number), _hash(raw)
    delivery = ids.derived_id(submission, f"{attributes['source']}/{attributes['id']}/{digest}")
    data = Inbound(district=district, channel=channel, raw=dict(raw))
    source, trace = attributes["source"], attributes.get("traceparent", "")
    event = Event(delivery, source, at, number, data, trace)
    return Arrival(event, channel, number, submission, digest, reading)


def _channel(topic: str) -> Channel:
    name = topic[topic.rfind(_PREFIX) + len(_PREFIX) :] if _PREFIX in topic else ""
    if name not in CHANNELS:
        raise Refused(Reason.WRONG_TYPE, f"{topic[:80]} 不是来源渠道的主题")
    return name


def _object(body: object) -> Mapping[str, JsonValue]:
    if not isinstance(body, dict):
        raise Refused(Reason.BAD_FIELD, "一条记录须为一个 JSON 对象，请逐条发送")
    return cast(dict[str, JsonValue], body)


def _number(reading: Reading, channel: Channel) -> str:
    """外部编号 of the channel."""
    key = SHAPES[channel].number
    number = reading.text(key)
    if not number:
        raise Refused(
            Reason.MISSING_FIELD, "缺少来源编号，无法受理和回复，请补上来源系统的编号", key
        )
    if len(number) > ID_CHARS_MAX:
        raise Refused(
            Reason.BAD_FIELD, f"来源编号超过 {ID_CHARS_MAX} 个字符，请核对是否填错了栏", key
        )
    return number


def _check(reading: Reading, channel: Channel, now: datetime) -> None:
    shape = SHAPES[channel]
    main = reading.text(shape.texts[0]) if shape.texts and shape.claimant else ""
    employer = reading.text(shape.employer)
    if not main and not employer:
        where = shape.texts[0] if shape.claimant else shape.employer
        raise Refused(
            Reason.MISSING_FIELD, "既没有诉求内容也没有用人单位，无法办理，请至少补上一项", where
        )
    if len(employer) > EMPLOYER_CHARS_MAX:
        raise Refused(
            Reason.BAD_FIELD,
            f"单位名称超过 {EMPLOYER_CHARS_MAX} 个字符，请只填名称",
            shape.employer,
        )
    for key, value in reading.values.items():
        if isinstance(value, datetime) and key not in _LATER:
            _not_ahead(value, now, key)
    for key in ("arrears_from", "arrears_to", "period", "last_pay_month"):
        if reading.text(key) > month_of(now + AHEAD_MAX):
            raise Refused(Reason.BAD_TIME, "月份在将来，请核对", key)


def _not_ahead(at: datetime, now: datetime, key: str) -> None:
    if at > now + AHEAD_MAX:
        raise Refused(Reason.BAD_TIME, "日期比收到时间晚一天以上，请核对", key)


def _hash(raw: Mapping[str, JsonValue]) -> str:
    """SHA-256 of the whole record in canonical JSON (sorted keys, no spaces, ASCII)."""
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
