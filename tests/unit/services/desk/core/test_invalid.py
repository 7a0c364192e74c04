"""What a person reads of an address or a form that could not be read."""

import pytest

from services.desk.core.invalid import SHOWN_MAX, back, faults

MENU = {"/cases": "案件", "/indicators": "指标"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"type": "uuid_parsing", "loc": ("path", "identity"), "ctx": {"error": "x"}, "input": "x"},
         "案件编号：不是完整的编号"),
        ({"type": "string_too_long", "loc": ("query", "month"), "ctx": {"max_length": 7}},
         "月份：太长，最多 7 字"),
        ({"type": "missing", "loc": ("body", "csrf")}, "页面凭证：缺少"),
        ({"type": "int_parsing", "loc": ("query", "n" * 99)}, "n" * 30 + "：填写的内容不对"),
    ],
)  # fmt: skip
def test_a_fault_is_said_by_the_name_a_person_knows_and_without_what_was_typed(error, words):
    assert faults([error]) == [words]


def test_the_same_fault_is_said_once_and_not_too_many():
    missing = [{"type": "missing", "loc": ("body", f"f{n}")} for n in range(9)]
    assert len(faults(missing * 2)) == SHOWN_MAX
    assert len(faults([missing[0]] * 2)) == 1


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/cases/not-a-uuid", ("/cases", "案件")),
        ("/indicators.csv", ("/indicators", "指标")),
        ("/grids/x", ("/", "首页")),
        ("//evil.example/cases", ("/", "首页")),
        ("", ("/", "首页")),
    ],
)
def test_the_way_back_is_a_page_of_ours(path, way):
    assert back(path, MENU) == way
