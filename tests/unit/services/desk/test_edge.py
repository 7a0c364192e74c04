"""The door for channels: what is taken, what is refused and how it says so, and what attacks meet."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from schemas.event import Record
from services.desk.core.body import BATCH_RECORDS_MAX, BODY_BYTES_MAX, DEPTH_MAX
from services.desk.core.problem import KINDS
from services.intake.core.decode import decode_inbound
from services.kernel.ids import submission_id
from tests.support.door import KEYS, NOW, PATH, RECORD, Broker, Desk, client, ids_of, post, signed
from tests.support.intake import policy

BODY = json.dumps(RECORD).encode()


@pytest.fixture
def desk(tmp_path, database):
    return Desk(tmp_path, database)


def run(coroutine):
    return asyncio.run(coroutine)


def problem(answer: httpx.Response, code: str, field: str | None = None) -> dict:
    said = answer.json()
    assert said["type"] == f"urn:anxin:problem:{code}", said
    assert (answer.status_code, said["status"]) == (KINDS[code].status,) * 2
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["title"].isascii()
    assert not said["title_zh"].isascii()
    assert said["detail"]
    assert said["detail_zh"]
    assert said.get("field") == field
    return said


def test_a_record_is_taken_and_lies_on_its_topic_as_intake_reads_it(desk):
    answer = run(post(desk, RECORD))
    assert answer.status_code == 202
    assert ids_of(answer) == [submission_id("12345", "EZ1")]
    [message] = desk.broker.sent
    assert (message.topic, message.key) == ("inbound-12345", b"EZ1")
    record = Record(message.topic, 0, 0, NOW, message.key, message.value, message.headers)
    arrival = decode_inbound(policy().columns, "420704", record, NOW)
    assert arrival.external_no == "EZ1"
    assert dict(message.headers)["ce_source"] == b"urn:anxin:channel:12345:http"
    assert desk.count("accepted", "12345") == 1


def test_a_batch_is_answered_in_its_order(desk):
    answer = run(post(desk, [RECORD | {"order_no": f"EZ{n}"} for n in range(5)]))
    assert ids_of(answer) == [submission_id("12345", f"EZ{n}") for n in range(5)]
    assert len(desk.broker.sent) == 5


def test_the_same_record_signed_anew_is_the_same_submission_and_delivery(desk):
    first, again = run(post(desk, RECORD)), run(post(desk, RECORD))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert desk.broker.sent[0] == desk.broker.sent[1]


def event(**changes):
    return {
        "specversion": "1.0",
        "id": "own-id-7",
        "source": "https://hotline.example",
        "type": "cn.anxin.inbound.12345.v1",
        "time": "2026-11-16T01:00:00Z",
        "data": RECORD,
    } | changes


@pytest.mark.parametrize(
    ("media", "whole"),
    [
        ("application/cloudevents+json", event()),
        ("application/cloudevents-batch+json; charset=UTF-8", [event()]),
    ],
)
def test_a_cloudevent_keeps_its_own_id_source_and_time(desk, media, whole):
    body = json.dumps(whole).encode()
    answer = run(post(desk, body, signed(body) | {"Content-Type": media}))
    assert answer.status_code == 202, answer.text
    [message] = desk.broker.sent
    found = dict(message.headers)
    assert found["ce_id"] == b"own-id-7"
    assert found["ce_source"] == b"https://hotline.example"
    assert found["ce_time"] == b"2026-11-16T01:00:00Z"
    assert json.loads(message.value) == RECORD


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"type": "cn.anxin.inbound.window.v1"}, "ce_type", "wrong_type"),
        ({"id": ""}, "ce_id", "bad_envelope"),
        ({"id": 7}, "ce_id", "bad_envelope"),
        ({"time": "yesterday"}, "ce_time", "bad_time"),
        ({"data": [1]}, "data", "bad_envelope"),
        ({"source": "x" * 201}, "source", "bad_envelope"),
        ({"source": "\ud800"}, "", "bad_encoding"),
    ],
)
def test_an_envelope_that_intake_would_refuse_is_refused_here(desk, changes, field, code):
    body = json.dumps(event(**changes)).encode()
    headers = signed(body) | {"Content-Type": "application/cloudevents+json"}
    [error] = problem(run(post(desk, body, headers)), "refused")["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_one_bad_record_and_nothing_of_the_batch_is_sent(desk):
    rows = [RECORD, RECORD | {"order_no": "EZ2", "accepted_at": "2999-01-01"}, 7]
    said = problem(run(post(desk, rows)), "refused")
    first, second = said["errors"]
    assert (first["index"], first["external_no"]) == (1, "EZ2")
    assert (first["field"], first["code"]) == ("accepted_at", "bad_time")
    assert first["detail"].isascii()
    assert "日期" in first["detail_zh"]
    assert (second["index"], second["code"]) == (2, "bad_field")
    assert desk.broker.sent == []
    assert desk.count("refused", "12345") == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"[]", "empty"),
        (b"{", "bad_json"),
        (b'"text"', "bad_field"),
        (b"\xff\xfe", "bad_encoding"),
        (b'{"order_no": NaN}', "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "bad_json"),
        (json.dumps(RECORD | {"x": "\ud800"}).encode(), "bad_encoding"),
    ],
)
def test_what_is_no_record_is_named(desk, body, code):
    [error] = problem(run(post(desk, body)), "refused")["errors"]
    assert error["code"] == code


def test_nesting_has_a_limit_that_a_record_may_reach(desk):
    def nested(levels):
        inner: object = "x"
        for _ in range(levels - 1):
            inner = [inner]
        return RECORD | {"extra": inner}

    assert run(post(desk, nested(DEPTH_MAX))).status_code == 202
    problem(run(post(desk, nested(DEPTH_MAX + 1))), "refused")


def test_the_broker_away_is_not_now_and_the_same_sent_again_is_taken(desk):
    desk.broker.away = 1
    rows = [RECORD, RECORD | {"order_no": "EZ2"}]
    answer = run(post(desk, rows))
    problem(answer, "not_now")
    assert int(answer.headers["retry-after"]) > 0
    assert desk.broker.dropped == 1
    desk.broker.away = None
    assert run(post(desk, rows)).status_code == 202
    assert desk.broker.sent[0] == desk.broker.sent[1]


def test_a_refusal_needs_no_broker(tmp_path):
    desk = Desk(tmp_path, broker=Broker(away=0))
    problem(run(post(desk, {"order_no": "EZ1"})), "refused")
    problem(run(post(desk, RECORD)), "not_now")


def test_a_channel_that_asks_too_often_waits(tmp_path):
    desk = Desk(tmp_path, per_minute_max=2)
    assert [run(post(desk, RECORD)).status_code for _ in range(2)] == [202, 202]
    answer = run(post(desk, RECORD))
    problem(answer, "too_many", "X-Channel")
    assert int(answer.headers["retry-after"]) >= 1
    other = json.dumps({"reg_no": "W1", "respondent": "某店", "visited_at": "2026-11-16"}).encode()
    path = "/v1/submissions/window"
    headers = signed(other, path, channel="window", key=KEYS["window"][0])
    assert run(post(desk, other, headers, path)).status_code == 202


def test_both_keys_of_a_channel_are_good(desk):
    assert [run(post(desk, BODY, signed(BODY, key=key))).status_code for key in KEYS["12345"]] == [
        202,
        202,
    ]


def test_a_recorded_request_is_not_let_in_again_and_not_after_a_restart(desk, tmp_path, database):
    headers = signed(BODY)
    assert run(post(desk, BODY, headers)).status_code == 202
    problem(run(post(desk, BODY, headers)), "replayed", "X-Nonce")
    problem(run(post(Desk(tmp_path, database), BODY, headers)), "replayed", "X-Nonce")
    assert len(desk.broker.sent) == 1


@pytest.mark.parametrize(("skew_s", "code"), [(300, 202), (-300, 202), (301, 401), (-301, 401)])
def test_a_signature_lives_five_minutes_to_either_side(desk, skew_s, code):
    headers = signed(BODY, at=NOW + timedelta(seconds=skew_s))
    assert run(post(desk, BODY, headers)).status_code == code


def test_a_nonce_is_remembered_as_long_as_its_signature_can_be_good(desk):
    headers = signed(BODY, at=NOW + timedelta(seconds=300))
    assert run(post(desk, BODY, headers)).status_code == 202
    desk.at = NOW + timedelta(seconds=600)
    problem(run(post(desk, BODY, headers)), "replayed", "X-Nonce")
    desk.at = NOW + timedelta(seconds=601)
    problem(run(post(desk, BODY, headers)), "stale", "X-Timestamp")


@pytest.mark.parametrize(
    ("headers", "code", "field"),
    [
        (signed(BODY, key=b"z" * 32), "bad_signature", "X-Signature"),
        (signed(BODY, key=KEYS["window"][0]), "bad_signature", "X-Signature"),
        (signed(BODY, "/v1/submissions/window"), "bad_signature", "X-Signature"),
        (signed(BODY, PATH + "?x=1"), "bad_signature", "X-Signature"),
        (signed(BODY, method="PUT"), "bad_signature", "X-Signature"),
        (signed(b"other"), "bad_signature", "X-Signature"),
        (signed(BODY, channel="window"), "bad_signature", "X-Signature"),
        (signed(BODY, channel="national"), "bad_signature", "X-Signature"),
        (signed(BODY, channel="../etc"), "bad_signature", "X-Signature"),
        (signed(BODY) | {"X-Signature": ""}, "unsigned", "X-Signature"),
        (signed(BODY) | {"X-Nonce": "short"}, "unsigned", "X-Nonce"),
        (signed(BODY) | {"X-Nonce": "n" * 65}, "unsigned", "X-Nonce"),
        (signed(BODY) | {"X-Nonce": "<script>alert(1)</script>"}, "unsigned", "X-Nonce"),
        (signed(BODY) | {"X-Timestamp": "soon"}, "unsigned", "X-Timestamp"),
        (signed(BODY) | {"X-Timestamp": "-1"}, "unsigned", "X-Timestamp"),
        (signed(BODY) | {"X-Timestamp": "9" * 400}, "unsigned", "X-Timestamp"),
        ({}, "unsigned", "X-Channel"),
    ],
)
def test_who_is_not_proven_sends_nothing_and_uses_up_nothing(desk, headers, code, field):
    problem(run(post(desk, BODY, headers or {"Accept": "*/*"})), code, field)
    assert desk.broker.sent == []
    assert desk.count(code) == 1
    good = signed(BODY, nonce=headers.get("X-Nonce", "") if code == "bad_signature" else "")
    assert run(post(desk, BODY, good)).status_code == 202


@pytest.mark.parametrize("raw", [b"\xff" * 64, "签名".encode(), b"\xc3\xa9" * 32, b"A" * 9000])
def test_a_signature_that_is_no_ascii_is_a_bad_one(desk, raw):
    headers = httpx.Headers(signed(BODY))
    pairs = [(k, v) for k, v in headers.raw if k.lower() != b"x-signature"]
    answer = run(post(desk, BODY, httpx.Headers([*pairs, (b"X-Signature", raw)])))
    problem(answer, "bad_signature", "X-Signature")


def test_a_header_sent_twice_is_not_guessed_at(desk):
    headers = signed(BODY)
    twice = httpx.Headers([*headers.items(), ("X-Channel", "window")])
    problem(run(post(desk, BODY, twice)), "unsigned", "X-Channel")


def test_a_channel_sends_under_its_own_name_only(desk):
    path = "/v1/submissions/window"
    problem(run(post(desk, BODY, signed(BODY, path), path)), "other_channel", "X-Channel")
    path = "/v1/submissions/nowhere"
    problem(run(post(desk, BODY, signed(BODY, path), path)), "no_channel", "channel")
    assert desk.broker.sent == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"Content-Type": "text/csv"}, "Content-Type"),
        ({"Content-Type": "application/json; charset=gbk"}, "Content-Type"),
        ({"Content-Type": ""}, "Content-Type"),
        ({"Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_other_types_and_encodings_are_not_guessed_at(desk, more, field):
    problem(run(post(desk, BODY, signed(BODY) | more)), "unsupported", field)


def test_too_much_is_refused_before_it_is_read(desk):
    problem(run(post(desk, b" " * (BODY_BYTES_MAX + 1))), "too_large", "Content-Length")
    many = [RECORD | {"order_no": f"EZ{n}"} for n in range(BATCH_RECORDS_MAX + 1)]
    problem(run(post(desk, many)), "too_large")
    assert run(post(desk, many[:-1])).status_code == 202

    async def endless():
        sent = 0
        while sent <= BODY_BYTES_MAX + 100_000:
            yield b" " * 50_000
            sent += 50_000
        raise AssertionError("read on after the limit")

    async def stream():
        async with client(desk) as http:
            return await http.post(PATH, content=endless(), headers=signed(b""))

    problem(run(stream()), "too_large")


def test_a_slow_body_is_given_up(desk, monkeypatch):
    monkeypatch.setattr("services.desk.bounded.BODY_S_MAX", 0.05)

    async def never():
        yield b"{"
        await asyncio.Event().wait()

    async def stream():
        async with client(desk) as http:
            return await http.post(PATH, content=never(), headers=signed(b""))

    # httpx's in-process transport reads as the app asks: it is the app that gives up
    problem(run(stream()), "slow")


SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("field", [*RECORD, "caller_name", "contact_phone", SCRIPT])
def test_script_in_a_field_is_text_in_an_answer_that_runs_nothing(desk, field):
    answer = run(post(desk, RECORD | {field: SCRIPT}))
    assert answer.status_code in (202, 422)
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy_of_page = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy_of_page
    assert "unsafe" not in policy_of_page


def test_other_addresses_and_methods_are_told_in_the_same_way(desk):
    async def ask(method, path):
        async with client(desk) as http:
            return await http.request(method, path)

    problem(run(ask("GET", "/v1/nothing")), "not_found")
    answer = run(ask("PUT", PATH))
    problem(answer, "bad_method")
    assert answer.headers["allow"] == "POST"
    assert "server" not in answer.headers
