from datetime import date, datetime

import pytest

from schemas.event import Reason, Refused
from services.intake.core.table import Skipped, json_lines, records
from tests.support.intake import policy

HEAD = ["工单编号", "内容", "联系号码"]


def read(*rows):
    return list(records(enumerate(rows, 1), policy().columns, "12345"))


def test_a_title_above_the_header_and_empty_rows_are_passed_over_and_numbers_stay_those_of_the_sheet():
    found = read(["十一月工单", "", ""], [], HEAD, ["", "", ""], ["EZ1", "欠薪", 13800001234.0])
    assert found == [(5, {"工单编号": "EZ1", "内容": "欠薪", "联系号码": 13800001234})]


def test_cells_become_what_people_see():
    head = ["order_no", "日期", "时间", "金额", "保密"]
    at = datetime(2025, 8, 28, 9, 5)  # noqa: DTZ001 - a cell has no zone
    [(_, found)] = read(head, ["1", date(2025, 8, 28), at, 8000.5, True])
    assert list(found.values()) == ["1", "2025-08-28", "2025-08-28 09:05:00", 8000.5, True]


def test_a_column_without_a_name_keeps_its_cells():
    assert read(["order_no", ""], ["1", "x"]) == [(2, {"order_no": "1", "第2列": "x"})]


@pytest.mark.parametrize(
    ("row", "reason", "field"),
    [
        (["EZ1", "字" * 4001, ""], Reason.TOO_LARGE, "内容"),
        (["EZ1", "欠薪", 420704199013321234.0], Reason.BAD_FIELD, "联系号码"),
        (["EZ1", "欠薪", "", "多出来"], Reason.BAD_FIELD, ""),
    ],
)
def test_a_row_that_is_no_record_is_refused_and_the_next_is_read(row, reason, field):
    (_, refused), (_, good) = read(HEAD, row, ["EZ2", "欠薪", ""])
    assert (refused.reason, refused.field) == (reason, field)
    assert good == {"工单编号": "EZ2", "内容": "欠薪"}


TOP = ["工单编号", "诉求人", "", "被诉", "内容"]


def test_a_header_of_two_rows_is_joined_where_the_pair_is_known():
    below = ["", "姓名", "电话", "单位性质", ""]
    [(_, found)] = read(["一月"], TOP, below, ["EZ1", "张某", "138", "私营", "欠薪"])
    names = ["工单编号", "诉求人姓名", "诉求人电话", "被诉/单位性质", "内容"]
    assert list(found) == names


@pytest.mark.parametrize(
    "below",
    [
        ["EZ1", "姓名", "电话", "", "欠薪"],  # has a number: a record
        ["", "张某", "13800001101", "", "欠薪"],  # digits: a record without number
        ["", "张某", "", "", ""],  # no header of ours
    ],
)
def test_a_row_below_the_header_that_names_no_column_is_a_row(below):
    assert len(read(TOP, below)) == 1


@pytest.mark.parametrize(
    "note",
    [
        ["合计", 12.0, ""],
        ["共 12 件", "", ""],
        ["备注：本表由系统导出", "", ""],
        ["制表人：王某", "", "审核：李某"],
        ["第 1 页", "", ""],
        HEAD,
    ],
)
def test_totals_notes_and_repeated_headings_are_no_records_and_are_said(note):
    number_first = read(
        ["工单编号", "数量", "内容"] if note != HEAD else HEAD, note, ["EZ1", "", "x"]
    )
    assert isinstance(number_first[0][1], Skipped)
    assert isinstance(number_first[1][1], dict)


@pytest.mark.parametrize(
    "row",
    [
        ["备注：", "老板欠我三个月工资", ""],
        ["合计", "我们十人被欠薪", ""],
        ["", "备注：老板欠我三个月工资", "13800001101"],
        ["EZ1", "合计拖欠三千元", ""],
    ],
)
def test_a_row_in_which_somebody_complains_is_never_taken_for_a_note(row):
    [(_, found)] = read(HEAD, row)
    assert isinstance(found, dict)


def test_text_that_a_spreadsheet_was_told_to_keep():
    [(_, found)] = read(["order_no", "a", "b"], ['="00123"', "'13800001101", "'quoted'"])
    assert found == {"order_no": "00123", "a": "13800001101", "b": "'quoted'"}


@pytest.mark.parametrize("cell", ["4.20704E+17", "2e+15", " 1.38E+10 "])
def test_digits_lost_to_scientific_notation_are_refused(cell):
    [(_, refused)] = read(HEAD, ["EZ1", "欠薪", cell])
    assert (refused.reason, refused.field) == (Reason.BAD_FIELD, "联系号码")
    assert "设为文本" in refused.detail_zh


def test_one_name_for_two_columns_refuses_the_file():
    with pytest.raises(Refused, match="出现两次"):
        read(["order_no", "内容", "内容 "], ["1", "a", "b"])


def test_without_a_known_header_the_first_row_is_it_and_intake_will_miss_the_number():
    assert read(["a", "b"], ["1", "2"]) == [(2, {"a": "1", "b": "2"})]


def test_nothing_in_nothing_out():
    assert read() == read([""]) == []


def test_json_lines_keep_their_numbers_and_each_bad_one_says_why():
    text = [b"\xef\xbb\xbf" + b'{"a": 1}\r', b"", b"[1]", b"\xca\xd0", b'{"a": NaN}', b'{"a": 2}']
    found = dict(json_lines(enumerate(text, 1)))
    assert found[1] == {"a": 1}
    assert found[6] == {"a": 2}
    reasons = {row: one.reason for row, one in found.items() if isinstance(one, Refused)}
    assert reasons == {3: Reason.BAD_FIELD, 4: Reason.BAD_ENCODING, 5: Reason.BAD_JSON}
