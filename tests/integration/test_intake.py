"""Intake on a real Kafka: one case from two channels, nothing personal after the inbound topics, kill -9 between."""

import json

import pytest

from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
PHONE = "13800009901"
TEXT = f"在樊口街道某生鲜超市工作，被拖欠2025年6月至8月工资一万八，联系电话{PHONE}"


def inbound(channel: str, number: str, raw: dict) -> tuple[bytes, bytes, list]:
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", number.encode()),
        ("ce_source", f"urn:anxin:channel:{channel}:test".encode()),
        ("ce_type", f"cn.anxin.inbound.{channel}.v1".encode()),
        ("ce_time", b"2026-01-05T01:00:00Z"),
        ("content-type", b"application/json"),
    ]
    return number.encode(), json.dumps(raw, ensure_ascii=False).encode(), headers


def order(number: str, content: str = TEXT) -> tuple[bytes, bytes, list]:
    raw = {"order_no": number, "content": content, "caller_phone": PHONE}
    return inbound(
        "12345", number, raw | {"accepted_at": "2026-01-05 09:00:00", "demand_type": "投诉"}
    )


def call(number: str) -> tuple[bytes, bytes, list]:
    raw = {"call_no": number, "caller_phone": PHONE, "business_type": "投诉举报", "content": TEXT}
    return inbound("12333", number, raw | {"called_at": "2026-01-05 09:30:00"})


def kinds(tail: Tail) -> list[str]:
    return [dict(record.headers)["ce_type"].decode().split(".", 2)[2] for record in tail.read()]


def test_one_matter_through_two_channels_is_one_case(kafka, prefix, service):
    worker = service("services.intake")
    cases = Tail(kafka.bootstrap, prefix, "cases")
    send(kafka.bootstrap, prefix + "inbound-12345", [order("A1")])
    until(lambda: kinds(cases) == ["case.opened.v1"], "the case")
    worker.kill()
    worker.start()
    broken = (b"A2", b"\xca\xd0", order("A2")[2])
    send(
        kafka.bootstrap,
        prefix + "inbound-12345",
        [order("A1"), broken, order("A1", TEXT + "。加急")],
    )
    send(kafka.bootstrap, prefix + "inbound-12333", [call("B1")])
    until(lambda: len(set(cases.ids())) == 3, "opened, amended, joined")
    assert sorted(set(kinds(cases))) == [
        "case.opened.v1",
        "submission.amended.v1",
        "submission.joined.v1",
    ]
    assert len({record.key for record in cases.records}) == 1
    assert len(Tail(kafka.bootstrap, prefix, "quarantine").all()) == 1
    for topic in ("submissions", "cases", "intake-receive-changelog", "intake-recognise-changelog"):
        for record in Tail(kafka.bootstrap, prefix, topic).all():
            words = (record.key or b"") + (record.value or b"")
            assert PHONE.encode() not in words
            assert "联系电话".encode() not in words
