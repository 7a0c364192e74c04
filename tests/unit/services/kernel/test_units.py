"""Two vintages of unit codes mean one district; an area managed for several units names none of them."""

from services.kernel.units import areas, official, spellings, vintage_problems
from tests.support.router import rows

STATISTICAL = rows("places/statistical-units.csv")
UNITS = rows("places/units.csv")
VILLAGES = rows("places/villages.csv")


def test_every_code_of_2023_means_units_of_today():
    today = official(STATISTICAL)
    assert today["420704103"] == ("420704103",)  # 碧石镇 is 碧石渡镇 now
    assert today["420704400"] == ("420704004", "420704101")
    assert {code for codes in today.values() for code in codes} == {row["code"] for row in UNITS}


def test_areas_lie_in_several_units():
    found = areas(UNITS)
    assert found["鄂州经济开发区"] == ("420704004", "420704101")
    assert len(found["临空经济区"]) == 5


def test_spellings_of_an_area():
    assert spellings("鄂州经济开发区") == ("鄂州经济开发区", "鄂州经开区")
    assert spellings("临空经济区") == ("临空经济区", "鄂州临空经济区")


def test_the_tables_of_this_repository_agree():
    assert vintage_problems(STATISTICAL, UNITS, VILLAGES) == []


def test_what_does_not_agree_is_named():
    wrong = [dict(row) for row in STATISTICAL if row["statistical_code"] != "420704107"]
    wrong[0]["unit"] = "古楼街道"
    found = vintage_problems(wrong, UNITS, VILLAGES)
    assert found[0] == "420704001: 420704001 is not 古楼街道"
    assert "unit 420704107: no row of the statistical list leads to it" in found
    assert any(text.startswith("village 420704107003: of 420704107") for text in found)
