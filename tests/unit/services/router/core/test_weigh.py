import pytest

from schemas.matter import Place, Span
from services.router.core.coordinates import gcj02
from services.router.core.weigh import ALTERNATIVES_MAX, Finding, key_of, weigh
from tests.support.router import grid, grids, matter, point, policy, unit, village

HUAHU = "420704107003"  # 花湖镇金鸡桥社区 = G02, whole
STATION = "420704107002"  # 花湖镇站前社区 = G01, whole
GULOU = "420704002"  # 古楼街道
GARDEN = "420704002006"
FANKOU, FANKOU_POINT = "420704004", (114.83333, 30.41667)
CITY_POINT = (114.88655, 30.39607)
CUT = "420704003009"  # 西山街道寒溪社区 = G05 and G06


def found(*places: Place, **more: object) -> Finding:
    return weigh(grids(), matter(*places, **more), policy().centres)


def code(name: str) -> str:
    return next(code for code, one in grids().village_names.items() if one == name)


def test_a_village_names_its_grid_and_keeps_its_name():
    target = found(village(HUAHU)).target
    assert (target.grid, target.village, target.unit) == ("420704107-G02", "金鸡桥社区", "花湖镇")
    assert (target.post, target.confidence) == ("grid_officer", 0.9)


def test_a_unit_alone_goes_to_its_squad_leader():
    finding = found(unit(GULOU))
    assert (finding.target.grid, finding.target.post) == ("", "town_squad_leader")
    assert (finding.target.unit, finding.kind) == ("古楼街道", "unit")
    assert finding.alternatives == ()


def test_inside_the_strongest_unit_the_most_exact_place_decides():
    finding = found(unit("420704107"), village(HUAHU, field="title"))
    assert (finding.target.grid, finding.kind) == ("420704107-G02", "village")


def test_the_place_of_work_beats_a_more_exact_registered_address():
    finding = found(village(HUAHU, "employer_address", "respondent_address"), unit(GULOU))
    assert (finding.target.unit_code, finding.kind) == (GULOU, "unit")
    assert [key_of(one) for one in finding.alternatives] == ["420704107-G02"]
    assert finding.target.confidence == pytest.approx(0.9 * 0.7)


def test_the_registered_address_decides_where_no_place_of_work_is_named():
    finding = found(village(HUAHU, "employer_address"), village(STATION, "home"))
    assert (finding.target.grid, finding.kind) == ("420704107-G02", "employer_address")
    assert finding.target.confidence == 0.6


def test_an_agreeing_address_sharpens_and_raises_the_confidence():
    finding = found(unit("420704107"), village(HUAHU, "employer_address", "respondent_address"))
    assert (finding.target.grid, finding.kind) == ("420704107-G02", "employer_address")
    assert finding.target.confidence == pytest.approx(1 - 0.4 * 0.1)


def test_a_vague_mention_yields_to_a_clear_address():
    vague = unit(GULOU, confidence=0.5)
    assert found(vague, unit(FANKOU, "employer_address")).target.unit_code == FANKOU
    assert found(unit(GULOU, confidence=0.7), unit(FANKOU, "employer_address")).kind == "unit"


def test_two_units_with_equal_right_are_for_a_person():
    finding = found(unit(GULOU), unit(FANKOU))
    assert (finding.target, finding.kind) == (None, "triage")
    assert "需人工判断" in finding.why
    assert {one.unit_code for one in finding.alternatives} == {GULOU, FANKOU}


def test_a_column_or_a_more_exact_place_breaks_the_tie():
    assert found(unit(GULOU, field="place"), unit(FANKOU)).target.unit_code == GULOU
    assert found(unit(GULOU), village(HUAHU)).target.grid == "420704107-G02"


def test_two_grids_of_one_unit_with_equal_right_are_the_squad_leaders():
    finding = found(village(HUAHU), village(STATION))
    assert (finding.target.post, finding.target.unit_code) == ("town_squad_leader", "420704107")
    assert [one.grid for one in finding.alternatives] == ["420704107-G02", "420704107-G01"]
    assert found(village(HUAHU), village(HUAHU)).target.grid == "420704107-G02"


def test_the_same_employer_in_a_cut_village_goes_to_the_same_section():
    one = found(village(CUT), employer="好又来便利店")
    assert one.target.grid == "420704003-G06"
    assert [alt.grid for alt in one.alternatives] == ["420704003-G05"]
    assert found(village(CUT), employer="某餐饮店").target.grid == "420704003-G05"


@pytest.mark.parametrize(("name", "section"), [("寒溪社区", 1), ("好又来便利店", 2)])
def test_without_an_employer_the_address_divides(name, section):
    named = Place(kind="village", name=name, code=CUT, role="work", span=Span(field="place"))
    target = found(named, employer="").target
    assert target.grid == f"420704003-G0{4 + section}"


def test_a_patrols_grid_code_is_confirmed_or_contested():
    confirmed = found(grid("420704107-G02"), village(HUAHU, field="place"))
    assert (confirmed.target.grid, confirmed.kind) == ("420704107-G02", "grid")
    assert confirmed.target.confidence == 0.9
    contested = found(grid("420704107-G01"), village(HUAHU, field="place"))
    assert contested.target.grid == "420704107-G01"
    assert contested.target.confidence == pytest.approx(0.63)
    assert [one.grid for one in contested.alternatives] == ["420704107-G02"]


def test_the_village_named_beside_a_grid_code_is_kept():
    first = next(iter(grids().of_unit["420704200"]))
    finding = found(grid(first.code), village(first.villages[3], field="place"))
    assert finding.target.village_code == first.villages[3]
    assert found(grid(first.code)).target.village_code == ""


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ((), "没有可以确定用工地点的线索"),
        ((village(HUAHU, "home"),), "只写明居住地，用工地点不明"),
        (
            (Place(kind="district", name="鄂城区", code="420704", span=Span(field="x")),),
            "只写到本区，没有写明镇街或村社区",
        ),
        ((village("420704999001"),), "没有可以确定用工地点的线索"),
        ((grid("420704999-G01"),), "没有可以确定用工地点的线索"),
    ],
)
def test_nothing_to_go_by_says_why(places, why):
    finding = found(*places)
    assert (finding.target, finding.kind, finding.why) == (None, "triage", why)


def test_the_unit_is_the_maps_not_the_events():
    lying = village(HUAHU).model_copy(update={"unit_code": GULOU})
    assert found(lying).target.unit_code == "420704107"


def test_a_point_near_a_town_centre_is_weak_evidence_for_its_unit():
    finding = found(point(*gcj02(*FANKOU_POINT), "GCJ-02"))
    assert (finding.kind, finding.target.unit_code) == ("coordinates", FANKOU)
    assert finding.target.post == "town_squad_leader"
    assert finding.target.confidence == 0.3
    assert "樊口街道中心点约0.0公里" in finding.evidence[0].text_zh


def test_a_point_in_the_city_or_far_out_decides_nothing():
    city = found(point(*CITY_POINT))
    assert city.target is None
    assert "城区中心" in city.evidence[0].text_zh
    assert found(point(FANKOU_POINT[0] + 0.05, FANKOU_POINT[1])) == found()


def test_a_point_never_speaks_against_a_named_place():
    without, with_point = found(unit(GULOU)), found(unit(GULOU), point(*FANKOU_POINT))
    assert with_point.target == without.target
    assert with_point.evidence[-1].weight == 0.0
    assert found(unit(FANKOU), point(*FANKOU_POINT)).evidence[-1].weight == 0.3


def test_alternatives_are_bounded_and_never_the_target():
    names = [
        village(code, field=f"f{n}") for n, code in enumerate(sorted(grids().of_village)[::12])
    ]
    finding = found(*names)
    assert len(finding.alternatives) == ALTERNATIVES_MAX
    assert key_of(finding.target) not in {key_of(one) for one in finding.alternatives}


def area(*codes: str) -> list[Place]:
    """One name in one place that stands for several units."""
    return [unit(code).model_copy(update={"confidence": 0.5}) for code in codes]


def test_an_area_of_several_units_is_for_a_person_and_names_all_of_them():
    torn = found(*area("420704004", "420704101", "420704102"))
    assert torn.target is None
    assert [one.unit for one in torn.alternatives] == ["樊口街道", "杜山镇", "新庙镇"]
    assert "涉及" in torn.why


def test_an_area_contradicts_none_of_its_own_units_and_every_other():
    inside = village("420704400002", field="place")
    target = found(inside, *area("420704004", "420704101")).target
    assert (target.unit_code, target.confidence) == ("420704004", 0.9)
    outside = village("420704107003", field="place")
    target = found(outside, *area("420704004", "420704101")).target
    assert (target.unit_code, target.confidence) == ("420704107", 0.63)
