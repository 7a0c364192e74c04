from pathlib import Path

import pytest

from schemas.event import Reason, Refused
from services.intake.core.check import check_bad_input
from tests.support.intake import arrival, call, policy

VECTORS = Path(__file__).resolve().parents[4] / "vectors" / "bad-input.jsonl"


def refused(channel: str, raw: dict[str, object], **headers: str) -> Refused:
    with pytest.raises(Refused) as caught:
        arrival(channel, raw, **headers)
    return caught.value


def test_bad_input_vectors_all_end_as_expected() -> None:
    result = check_bad_input(policy(), VECTORS.read_text(encoding="utf-8").splitlines())
    assert result["misses"] == []


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"order_no": " / "}, Reason.MISSING_FIELD, "order_no"),
        ({"order_no": "9" * 65}, Reason.BAD_FIELD, "order_no"),
        ({"content": "无"}, Reason.MISSING_FIELD, "content"),
        ({"content": "字" * 4001}, Reason.TOO_LARGE, "content"),
        ({"content": ["a"]}, Reason.BAD_FIELD, "content"),
        ({"accepted_at": "2026-11-18"}, Reason.BAD_TIME, "accepted_at"),
        ({"accepted_at": "下周"}, Reason.BAD_TIME, "accepted_at"),
        ({"people": True}, Reason.BAD_FIELD, "people"),
        ({"people": -2}, Reason.BAD_FIELD, "people"),
        ({"people": 1.5}, Reason.BAD_FIELD, "people"),
        ({"amount_yuan": "9" * 60}, Reason.BAD_FIELD, "amount_yuan"),
        ({"urge_count": 10**30}, Reason.BAD_FIELD, "urge_count"),
        ({"新列": 10**30}, Reason.BAD_FIELD, "新列"),
        ({"arrears_to": "2027-03"}, None, ""),
    ],
)
def test_what_is_refused_names_the_field(
    change: dict[str, object], reason: Reason | None, field: str
) -> None:
    raw = call("某超市欠薪3000元", **change)
    if reason is None:  # not a column of this channel: kept as it came
        assert arrival("12345", raw).reading.extra == change
        return
    error = refused("12345", raw)
    assert (error.reason, error.field) == (reason, field)


def test_deep_nesting_is_refused() -> None:
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    assert refused("12345", call("欠薪", x=deep)).reason is Reason.BAD_JSON


def test_month_ahead_is_refused() -> None:
    raw = {"clue_no": "1", "employer": "某店", "arrears_to": "2027-03"}
    assert refused("national", raw).reason is Reason.BAD_TIME


def test_type_of_another_channel() -> None:
    error = refused("12345", call("x欠薪"), ce_type="cn.anxin.inbound.national.v1")
    assert error.reason is Reason.WRONG_TYPE


def test_chinese_headers_nulls_and_unknown_columns() -> None:
    raw = {
        "工单编号": "E1",
        "内容": "樊口\u200b街道某超\u202e市欠薪",
        "people": "无",
        "序号": 3,
        "空": "-",
    }
    reading = arrival("12345", raw).reading
    assert reading.text("content") == "樊口街道某超市欠薪"
    assert reading.extra == {"序号": 3}


def test_same_delivery_same_id_other_content_other_id() -> None:
    one, again, other = (arrival("12345", call(text)) for text in ("欠薪", "欠薪", "欠薪两月"))
    assert one.event.id == again.event.id != other.event.id
    assert one.content_hash == again.content_hash != other.content_hash


def test_time_missing_is_the_senders_event_time() -> None:
    one = arrival("12345", {"order_no": "1", "content": "欠薪"})
    assert one.reading.moment("accepted_at") is None
