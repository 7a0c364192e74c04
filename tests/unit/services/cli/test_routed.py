"""Unit, village and verdict of a complaint as the router decides them, not as intake found them."""

import pytest

from services.cli.routed import judge
from tests.support import intake, router

NOW = intake.NOW


def said(content: str, **more: object) -> dict[str, object]:
    submission = intake.submission("12345", intake.call(content, **more), NOW)
    return dict(judge(router.policy(), "420704")(submission))


def test_a_routed_case_has_its_targets_place():
    answer = said("花湖镇金鸡桥社区某超市欠薪3000元")
    assert answer == {"unit": "花湖镇", "village": "金鸡桥社区", "competence": "accept"}
    site = said("泽林镇工地拖欠木工工资3万元")
    assert site == {"unit": "泽林镇", "village": None, "competence": "accept"}


def test_triage_names_no_unit_though_intake_found_two():
    text = "在樊口街道和古楼街道两处店里上班都欠工资"
    assert len([one for one in intake.matter(text).places if one.kind == "unit"]) == 2
    assert said(text)["unit"] is None


def test_the_address_in_another_unit_does_not_win_by_being_exact():
    raw = {"reg_no": "W1", "respondent": "某餐饮店", "respondent_address": "古楼街道北门社区"}
    raw |= {"matters": "在花湖镇的分店上班，拖欠工资3000元", "visited_at": "2026-11-16 09:00"}
    submission = intake.submission("window", raw, NOW)
    answer = judge(router.policy(), "420704")(submission)
    assert (answer["unit"], answer["village"]) == ("花湖镇", None)


@pytest.mark.parametrize(
    ("text", "verdict", "unit"),
    [
        ("2023年3月在古楼街道一家KTV上班，4月离职，最后一个月工资没给", "time_barred", "古楼街道"),
        ("葛店开发区某光电公司拖欠工资，其住在凤凰街道", "other_district", None),
        ("欠钱不还", "needs_more_info", None),
    ],
)
def test_a_declined_case_still_lies_somewhere_unless_it_is_elsewhere(text, verdict, unit):
    answer = said(text)
    assert (answer["competence"], answer["unit"], answer["village"]) == (verdict, unit, None)
