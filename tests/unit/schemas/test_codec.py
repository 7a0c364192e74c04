"""The envelope: what is refused and why, and that the reference library reads what we write."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage as OracleMessage
from cloudevents.core.bindings.kafka import from_binary_event

from schemas.actions import Actor, Sign
from schemas.codec import JSON, STRUCTURED, decode, encode, open_envelope, parse_json
from schemas.event import Event, Reason, Record, Refused

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)
CASE = UUID("11111111-1111-5111-8111-111111111111")


def event() -> Event:
    sign = Sign(district="420704", case_id=CASE, actor=Actor(post="grid_officer", account="a"))
    return Event(UUID(int=7), "urn:anxin:desk", AT, str(CASE), sign)


def record(headers, value):
    return Record("actions", 0, 0, AT, b"k", value, tuple(headers))


def test_round_trip():
    headers, value = encode(event())
    assert decode(record(headers, value)) == event()


def test_structured_mode_carries_the_same_event():
    headers, value = encode(event())
    plain = {k[3:]: v.decode() for k, v in headers if k.startswith("ce_")}
    whole = json.dumps(plain | {"datacontenttype": JSON, "data": json.loads(value)}).encode()
    assert decode(record([("content-type", STRUCTURED.encode())], whole)) == event()


def test_the_reference_library_reads_our_binary_mode():
    headers, value = encode(event())
    read = from_binary_event(OracleMessage(headers=dict(headers), key=b"k", value=value))
    assert read.get_id() == str(UUID(int=7))
    assert read.get_type() == "cn.anxin.action.sign.v1"
    assert read.get_time() == AT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda h: [*h, ("ce_id", b"other")], Reason.BAD_ENVELOPE),
        (lambda h: [(k, v) for k, v in h if k != "ce_time"], Reason.BAD_ENVELOPE),
        (lambda h: [(k, b"yesterday" if k == "ce_time" else v) for k, v in h], Reason.BAD_TIME),
        (lambda h: [(k, b"2026-02-30T00:00:00Z" if k == "ce_time" else v) for k, v in h], Reason.BAD_TIME),
        (lambda h: [(k, b"text/plain" if k == "content-type" else v) for k, v in h], Reason.UNSUPPORTED_CONTENT_TYPE),
        (lambda h: [(k, b"0.3" if k == "ce_specversion" else v) for k, v in h], Reason.BAD_ENVELOPE),
        (lambda h: [(k, b"\xff\xfe" if k == "ce_source" else v) for k, v in h], Reason.BAD_ENVELOPE),
        (lambda h: [(k, b"cn.anxin.nothing.v1" if k == "ce_type" else v) for k, v in h], Reason.WRONG_TYPE),
    ],
)  # fmt: skip
def test_refused_headers(change, reason):
    headers, value = encode(event())
    with pytest.raises(Refused) as refused:
        decode(record(change(headers), value))
    assert refused.value.reason is reason
    assert refused.value.detail_zh


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b"x" * 1_000_001, Reason.TOO_LARGE),
        (b"{", Reason.BAD_JSON),
        (b"[]", Reason.BAD_FIELD),
        (b'{"district":"420704"}', Reason.BAD_FIELD),
    ],
)
def test_refused_bodies(value, reason):
    headers, _ = encode(event())
    with pytest.raises(Refused) as refused:
        decode(record(headers, value))
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xca\xd0", Reason.BAD_ENCODING),
        (b"NaN", Reason.BAD_JSON),
        (b"[" * 10_000, Reason.BAD_JSON),
        (b"9" * 5_000, Reason.BAD_JSON),
    ],
)
def test_parse_json_is_strict(body, reason):
    with pytest.raises(Refused) as refused:
        parse_json(body)
    assert refused.value.reason is reason


def test_readers_tolerate_fields_of_a_newer_writer():
    headers, value = encode(event())
    newer = json.dumps(json.loads(value) | {"added_later": 1}).encode()
    assert decode(record(headers, newer)) == event()


def test_a_foreign_charset_is_refused():
    headers, value = encode(event())
    headers = [
        (k, b"application/json; charset=gb18030" if k == "content-type" else v) for k, v in headers
    ]
    with pytest.raises(Refused):
        open_envelope(tuple(headers), value)
