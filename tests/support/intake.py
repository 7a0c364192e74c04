"""Intake without a broker: the policy of this repository and one record at a time."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from schemas.event import Record
from schemas.matter import Matter, Submission
from services.intake.core.decode import Arrival, decode_inbound
from services.intake.core.normalise import normalise
from services.intake.core.policy import FILES, Policy, policy_of

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))
POLICIES = Path(__file__).resolve().parents[2] / "policies"


@cache
def policy() -> Policy:
    texts = {name: (POLICIES / name).read_text(encoding="utf-8") for name in FILES}
    return policy_of(texts, "420704", b"s" * 32)


def record(channel: str, raw: object, now: datetime = NOW, **headers: str) -> Record:
    all_headers = {
        "ce_specversion": "1.0",
        "ce_id": "d1",
        "ce_source": f"urn:anxin:channel:{channel}:test",
        "ce_type": f"cn.anxin.inbound.{channel}.v1",
        "ce_time": "2026-11-16T01:00:00Z",
        "content-type": "application/json",
    } | headers
    value = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    pairs = tuple((name, text.encode()) for name, text in all_headers.items())
    return Record(f"inbound-{channel}", 0, 0, now, None, value, pairs)


def arrival(
    channel: str, raw: Mapping[str, object], now: datetime = NOW, **headers: str
) -> Arrival:
    one = policy()
    return decode_inbound(one.columns, one.district, record(channel, raw, now, **headers), now)


def call(content: str, /, **more: object) -> dict[str, object]:
    """A 12345 order."""
    return {"order_no": "EZ1", "content": content, "accepted_at": "2026-11-16 09:00"} | more


def submission(channel: str, raw: Mapping[str, object], now: datetime = NOW) -> Submission:
    return normalise(policy(), arrival(channel, raw, now), KEY, now)


def matter(content: str, **more: object) -> Matter:
    return submission("12345", call(content, **more)).matter
