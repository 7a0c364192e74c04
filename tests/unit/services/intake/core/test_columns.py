import pytest

from services.intake.core.columns import columns_of, fold
from tests.support.intake import arrival, policy

HEAD = "channel,key,name_zh,type,required,example,known,aliases\n"
COLUMNS = policy().columns


@pytest.mark.parametrize(
    "header",
    [
        "order_no",
        "工单编号",
        "ORDER_NO",
        "orderNo",
        "order-no",
        "*工单编号",
        "工单 编号：",
        "工单号",
        "工单编号（必填）",
    ],
)
def test_one_column_under_many_spellings(header):
    found = COLUMNS.find("12345", header)
    assert found is not None
    assert found.key == "order_no"


@pytest.mark.parametrize("header", ["", "序号", "工单编号" * 20, "（）"])
def test_what_is_no_column(header):
    assert COLUMNS.find("12345", header) is None


def test_a_remark_in_brackets_goes_and_an_all_bracketed_header_stays():
    assert fold("欠薪金额（元）") == "欠薪金额"
    assert fold("（元）") == "（元）"


def test_one_spelling_for_two_columns_is_a_mistake_of_the_file():
    rows = "x,a,甲,str,yes,,own,编号\nx,b,乙,str,no,,own,编号\n"
    with pytest.raises(ValueError, match="编号"):
        columns_of(HEAD + rows)


def test_the_column_written_as_ours_is_taken_before_an_alias_whatever_comes_first():
    raw = {
        "来电时间": "2025-08-28 08:00",
        "工单编号": "EZ1",
        "内容": "欠薪",
        "受理时间": "2025-08-28 09:00",
    }
    reading = arrival("12345", raw).reading
    assert reading.moment("accepted_at").hour == 1
    assert reading.extra == {"来电时间": "2025-08-28 08:00"}


def test_money_and_people_are_read_in_every_channel():
    reading = arrival(
        "12345", {"order_no": "1", "content": "欠薪", "欠薪总额（万元）": 1.5, "欠薪人数": "3人"}
    ).reading
    assert (reading.whole("amount_yuan"), reading.whole("people")) == (1_500_000, 3)


@pytest.mark.parametrize(
    ("said", "means"),
    [("是", True), ("√", True), ("N", False), ("不保密", False), ("看情况", None)],
)
def test_neither_yes_nor_no_is_unknown(said, means):
    reading = arrival("12345", {"order_no": "1", "content": "欠薪", "是否保密": said}).reading
    assert reading.flag("confidential") is means
    assert ("confidential" in reading.unread) is (means is None)
