import pytest

from services.intake.core.codes import is_id_number, is_uscc, uscc_check


def test_the_example_of_each_standard():
    assert is_id_number("11010519491231002X")  # GB 11643-1999
    assert is_uscc("91350100M000100Y43")  # GB 32100-2015


@pytest.mark.parametrize(
    "wrong", ["110105194912310021", "1101051949123100", "", "9999991990010１0016"]
)
def test_a_slip_in_an_id_number_is_seen(wrong):
    assert not is_id_number(wrong)


@pytest.mark.parametrize("place", range(18))
def test_any_one_wrong_character_of_a_credit_code_is_seen(place):
    good = "91350100M000100Y43"
    for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        if other != good[place]:
            assert not is_uscc(good[:place] + other + good[place + 1 :])
    assert uscc_check(good[:17]) == "3"
