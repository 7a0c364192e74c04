import json

import pytest

from schemas.event import Reason, Record, Refused
from services.intake.core.certify import Origin, certify, number_of
from services.intake.core.decode import decode_inbound
from tests.support.intake import NOW, call, policy

ORIGIN = Origin("12345", "ezhou")
GOOD = call("市民反映樊口街道某超市拖欠工资3000元")


def test_what_is_certified_is_what_intake_reads():
    one = certify(policy(), ORIGIN, GOOD, NOW)
    record = Record(one.topic, 0, 0, NOW, one.external_no.encode(), one.value, one.headers)
    arrival = decode_inbound(policy().columns, policy().district, record, NOW)
    assert (arrival.external_no, one.external_no) == ("EZ1", "EZ1")
    assert arrival.event.source == "urn:anxin:channel:12345:ezhou"
    assert arrival.event.time.isoformat() == "2026-11-16T01:00:00+00:00"  # 09:00 in Shanghai
    assert json.loads(one.value) == GOOD


def test_the_same_content_is_the_same_delivery_and_a_named_version_is_not():
    again = certify(policy(), ORIGIN, dict(reversed(GOOD.items())), NOW)
    first, other = certify(policy(), ORIGIN, GOOD, NOW), Origin("12345", "ezhou", "v2")
    changed = certify(policy(), ORIGIN, GOOD | {"urge_count": 1}, NOW)
    named = certify(policy(), other, GOOD, NOW)
    ids = [dict(one.headers)["ce_id"] for one in (first, again, changed, named)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_without_a_time_of_its_own_the_clock_stands_in():
    raw = {key: value for key, value in GOOD.items() if key != "accepted_at"}
    assert dict(certify(policy(), ORIGIN, raw, NOW).headers)["ce_time"] == b"2026-11-16T02:00:00Z"


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"order_no": ""}, Reason.MISSING_FIELD, "order_no"),
        ({"content": ""}, Reason.MISSING_FIELD, "content"),
        ({"accepted_at": "2026-11-18"}, Reason.BAD_TIME, "accepted_at"),
        ({"people": float("nan")}, Reason.BAD_JSON, ""),
        ({"people": {1}}, Reason.BAD_JSON, ""),
        ({"content": "\ud800 欠薪"}, Reason.BAD_ENCODING, ""),
        ({"x": "字" * 333_400}, Reason.TOO_LARGE, ""),
    ],
)
def test_what_intake_refuses_is_refused_before_sending(change, reason, field):
    with pytest.raises(Refused) as caught:
        certify(policy(), ORIGIN, GOOD | change, NOW)
    assert (caught.value.reason, caught.value.field) == (reason, field)
    assert caught.value.detail_zh


@pytest.mark.parametrize("bad", [("66666", "x"), ("12345", "A b"), ("12345", "")])
def test_an_origin_names_a_known_channel_and_a_plain_system(bad):
    with pytest.raises(ValueError, match=r"channel|system"):
        Origin(*bad)


def test_the_number_of_a_refused_row_is_seen_under_either_header():
    columns = policy().columns
    assert number_of(columns, "12345", {"工单编号 ": "EZ９"}) == "EZ9"
    assert number_of(columns, "12345", {"order_no": "EZ9"}) == "EZ9"
    assert number_of(columns, "12345", {"content": "EZ9"}) == ""
