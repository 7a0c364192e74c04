"""Codes of either list and names of areas, read into units of today."""

import pytest

from tests.support.intake import matter, submission


def places(**more: object) -> list[tuple[str, str]]:
    raw = {"clue_no": "Q1", "mobile": "13800000101", "employer": "某厂", "description": "工资未发"}
    found = submission("national", raw | {"submitted_at": "2026-11-16 09:00"} | more)
    return [(one.kind, one.code) for one in found.matter.places]


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("420704103", [("unit", "420704103")]),
        ("420704004", [("unit", "420704004")]),  # in the list of today only
        ("420704400", [("unit", "420704004"), ("unit", "420704101")]),  # in that of 2023 only
        ("420704103000", [("unit", "420704103")]),
        ("420704400204", [("village", "420704400204")]),
        ("420704102201", [("village", "420704001206")]),  # 洪港村, renumbered
        ("420704002203", [("unit", "420704002")]),  # 五里墩村, dissolved
        ("420704", []),
        ("420704999", []),
    ],
)
def test_a_code_of_any_list(code, means):
    assert places(region_code=code) == means


def test_an_area_is_each_of_its_units_at_half_weight():
    found = matter("鄂州经开区某电子厂拖欠工资").places
    assert [(one.name, one.confidence) for one in found] == [("樊口街道", 0.5), ("杜山镇", 0.5)]
    assert len({one.span for one in found}) == 1


def test_an_area_after_its_unit_is_that_unit_and_another_citys_is_none():
    found = matter("新庙镇临空经济区某物流公司欠薪").places
    assert {one.name for one in found} == {"新庙镇"}
    assert {one.kind for one in matter("武汉临空经济区某公司欠薪").places} == {"elsewhere"}
    assert matter("葛店经开区某公司欠薪").places[0].kind == "elsewhere"
