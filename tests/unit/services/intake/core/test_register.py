from dataclasses import replace

import pytest

from services.intake.core.codes import uscc_check
from services.intake.core.extract_employer import employer_of
from services.intake.core.normalise import normalise
from services.intake.core.passage import Passage
from services.intake.core.register import COLUMNS, NONE, match, register_of
from services.router.core.weigh import weigh
from tests.support.intake import KEY, NOW, arrival, call, policy
from tests.support.router import grids


def code(number: int) -> str:
    first = f"91420704MA{number:07d}"
    return first + uscc_check(first)


HEAD = ",".join(COLUMNS) + "\n"
ROWS = [
    (code(1), "鄂州市顺安达快递有限公司", "鄂州市迅安速递有限公司、安达速运", "樊口街道樊川社区", "420704004-G02", ""),
    (code(2), "鄂州市顺安达快递有限公司泽林分公司", "", "泽林镇中心街社区", "", code(1)),
    (code(3), "鄂州市鄂城区好味道餐饮店", "", "古楼街道北门社区", "", ""),
    (code(4), "鄂州市鄂城区好味道餐饮店（凤凰）", "", "凤凰街道司徒社区", "", ""),
    (code(5), "鄂州市华宇服装加工厂", "", "", "", ""),
    (code(6), "鄂州市华宇电子有限公司", "", "武汉市洪山区", "", ""),
    (code(7), "鄂城区足浴店", "", "", "", ""),
]  # fmt: skip
GAZETTEER = policy().words.gazetteer
WORKPLACES = policy().words.workplaces
REGISTER = register_of(HEAD + "\n".join(",".join(row) for row in ROWS), GAZETTEER, WORKPLACES)


def meant(name: str, given: str = "", units: tuple[str, ...] = ()) -> tuple[str, str] | None:
    employer = employer_of(name, GAZETTEER, Passage("name", name, name))
    found = match(REGISTER, employer, given, units)
    return (found[0].uscc, found[1]) if found else None


@pytest.mark.parametrize(
    ("name", "number", "rule"),
    [
        ("鄂州市顺安达快递有限公司", 1, "name"),
        ("鄂州市迅安速递有限公司", 1, "former_name"),
        ("安达速运", 1, "former_name"),
        ("顺安达快递", 1, "short_name"),
        ("顺安达快递公司", 1, "short_name"),
        ("顺安达", 1, "abbreviation"),
        ("顺安达快递燕矶分部", 1, "branch"),
        ("华宇服装", 5, "abbreviation"),
        ("鄂州市鄂城区好味道餐饮店(凤凰)", 4, "name"),
    ],
)
def test_each_rule_finds_its_employer(name, number, rule):
    assert meant(name) == (code(number), rule)


@pytest.mark.parametrize(
    "name", ["华宇", "足浴店", "某火锅店", "顺安", "好味道餐饮", "安顺达快递", "物流公司"]
)
def test_what_is_not_one_employer_is_none(name):
    assert meant(name) is None


def test_namesakes_are_told_apart_by_the_place_or_not_at_all():
    twin = register_of(
        HEAD + "\n".join(",".join(row) for row in [
            (code(8), "鄂州市老灶火锅店", "", "古楼街道北门社区", "", ""),
            (code(9), "鄂州老灶火锅店有限公司", "", "凤凰街道司徒社区", "", ""),
        ]), GAZETTEER, WORKPLACES)  # fmt: skip
    employer = employer_of("老灶火锅店", GAZETTEER, Passage("name", "老灶火锅店", "老灶火锅店"))
    assert match(twin, employer) is None
    found = match(twin, employer, units=("420704001",))
    assert found is not None
    assert (found[0].uscc, found[1]) == (code(9), "short_name_here")


def test_a_code_goes_before_every_name():
    assert meant("某厂", code(3)) == (code(3), "uscc")


def sent(raw: dict, register=REGISTER, channel="12345"):
    return normalise(replace(policy(), register=register), arrival(channel, raw), KEY, NOW)


def test_the_registered_address_is_evidence_where_no_other_is_told():
    matter = sent(call("市民反映顺安达快递拖欠工资6600元")).matter
    assert matter.employer.uscc == code(1)
    assert (matter.employer.registered.rule, matter.employer.registered.confidence) == (
        "short_name",
        0.9,
    )
    [grid, village] = matter.places
    assert (grid.kind, grid.code, grid.role, grid.confidence) == (
        "grid",
        "420704004-G02",
        "employer_address",
        0.9,
    )
    assert (village.name, village.span.field) == ("樊川社区", "register")
    window = {
        "reg_no": "W1",
        "respondent": "顺安达快递",
        "matters": "欠薪",
        "respondent_address": "花湖镇金鸡桥社区",
    }
    told = sent(window, channel="window").matter
    assert {place.span.field for place in told.places} == {"respondent_address"}


def test_a_former_name_becomes_the_present_one_and_an_abbreviation_stays():
    assert (
        sent(call("在“鄂州市迅安速递有限公司”上班被欠薪")).matter.employer.normalised
        == "顺安达快递"
    )
    assert sent(call("在“顺安达”上班，单位是顺安达，被欠薪")).matter.employer.normalised == "顺安达"


def test_without_a_register_nothing_changes():
    raw = call("市民反映顺安达快递拖欠工资6600元")
    assert sent(raw, NONE) == normalise(policy(), arrival("12345", raw), KEY, NOW)
    assert sent(raw, NONE).matter.employer.registered is None


def test_an_address_in_another_city_is_no_place_of_ours():
    assert sent(call("“鄂州市华宇电子有限公司”欠薪")).matter.places == ()


def test_another_file_is_refused():
    with pytest.raises(ValueError, match="columns"):
        register_of("a,b\n1,2\n", GAZETTEER, WORKPLACES)


def test_the_router_takes_it_as_second_evidence():
    alone = weigh(grids(), sent(call("市民反映顺安达快递拖欠工资6600元")).matter)
    assert (alone.target.grid, alone.kind) == ("420704004-G02", "employer_address")
    agreed = weigh(grids(), sent(call("樊口街道的顺安达快递拖欠工资6600元")).matter)
    assert agreed.target.unit == "樊口街道"
    assert agreed.target.confidence > alone.target.confidence
    elsewhere = weigh(
        grids(), sent(call("在花湖镇金鸡桥社区给顺安达快递干活，拖欠工资6600元")).matter
    )
    assert elsewhere.target.unit == "花湖镇"  # the place of work decides (监察条例 §13)
