import json

import pytest

from services.kernel.seal import unseal
from tests.support.intake import KEY, call, submission


def test_personal_fields_are_sealed_and_nowhere_else() -> None:
    raw = call(
        "某店欠我工资3000元，电话13800000101", caller_name="张某", caller_phone="138 0000 0101",
        新列="值", 银行卡号="6222020000000000000",
    )  # fmt: skip
    one = submission("12345", raw)
    text = one.model_dump_json()
    for secret in ("张某", "13800000101", "138 0000 0101", "6222", "值"):
        assert secret not in text
    claimant, key = one.claimant, one.submission_id
    assert unseal(KEY, key, "name", claimant.name) == "张某"
    assert "3000" in unseal(KEY, key, "text", claimant.text)
    assert json.loads(unseal(KEY, key, "extra", claimant.extra)) == {"新列": "值"}


def test_person_is_the_phone_however_written() -> None:
    one = submission("12345", call("某店欠薪", order_no="1", caller_phone="１３８ 0000 0101"))
    other = submission("12345", call("某店欠薪，联系电话13800000101", order_no="2"))
    window = submission("window", {"reg_no": "3", "phone": "+86 138-0000-0101", "matters": "欠薪"})
    assert one.person == other.person == window.person


def test_the_employers_phone_is_not_the_claimants() -> None:
    one = submission("12345", call("某店欠薪，老板电话13800000999，本人电话13800000101"))
    other = submission("12345", call("某店欠薪", order_no="2", caller_phone="13800000101"))
    assert one.person == other.person


def test_a_number_that_the_text_calls_ones_own_goes_before_who_calls() -> None:
    """老婆代打: the matter is his, and both numbers can be called."""
    text = "丈夫在某店做工，欠薪。13800000202（妻）；13800000101（本人）"
    one = submission("12345", call(text, caller_phone="138 0000 0202"))
    own = submission("12345", call("某店欠薪", order_no="2", caller_phone="13800000101"))
    assert one.person == own.person
    called = unseal(KEY, one.submission_id, "phone", one.claimant.phone)
    assert called == "138 0000 0202；13800000101"
    same = submission("12345", call(text, order_no="3", caller_phone="138 0000 0101"))
    assert unseal(KEY, same.submission_id, "phone", same.claimant.phone) == "138 0000 0101"


def test_anonymous_stands_under_its_own_id() -> None:
    for raw in (call("某店欠薪"), call("某店欠薪", anonymous="是", caller_phone="13800000101")):
        one = submission("12345", raw)
        assert one.anonymous
        assert one.person == one.submission_id.hex


def test_machine_alert_is_not_anonymous_and_has_no_person() -> None:
    raw = {"alert_no": "1", "unit_name": "某厂", "contact_phone": "13800000101"}
    one = submission("provincial", raw)
    assert not one.anonymous
    assert one.person == one.submission_id.hex


def test_time_is_never_after_receipt_and_a_days_limit_lasts_all_day() -> None:
    one = submission("12345", call("某店欠薪", accepted_at="2026-11-16 23:00", due_at="2026-11-20"))
    assert one.occurred_at == one.received_at
    assert one.due_at is not None
    assert one.due_at.isoformat() == "2026-11-20T15:59:59+00:00"


@pytest.mark.parametrize(
    ("said", "refs"),
    [
        ("EZ20250828000451", ("EZ20250828000451",)),
        ("见EZ20250828000451、EZ20250828000452（重复）", ("EZ20250828000451", "EZ20250828000452")),
        ("12333-20250610-0038", ("12333-20250610-0038",)),
        ("张某13800001234来电", ()),
        ("13800001234", ()),
        ("0711-3380001", ()),
        ("420704199013321234", ()),
        ("无单号", ()),
    ],
)
def test_a_reference_is_a_number_and_nothing_of_what_stands_beside_it(said, refs):
    assert submission("12345", call("某店欠薪", duplicate_of=said)).refs == refs


def test_a_name_read_as_part_of_an_employer_does_not_leave():
    raw = call("投诉某足浴店：王小明要求支付加班费", caller_name="王小明")
    assert "王小明" not in submission("12345", raw).matter.model_dump_json()
