import pytest

from services.intake.core.numbers import amount_fen, count


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("一万八", 18000), ("2万3千5", 23500), ("六千二", 6200), ("捌仟元整", 8000), ("45万余", 450000),
        ("1.2万", 12000), ("8,000.00", 8000), ("12000元", 12000), ("1.5-1.6万", 15000),
        ("约15000—16000".replace("—", "-"), 15000), ("两万五", 25000), ("一万零八", 10008), ("3k", 3000),
        ("壹万贰仟叁佰元整", 12300), ("三四千", 3000), ("20多万", 200000), ("4,800", 4800), ("0", 0),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, yuan: int) -> None:
    assert amount_fen(text) == yuan * 100


def test_words_without_a_number_are_none() -> None:
    assert amount_fen("看工资条") is None


@pytest.mark.parametrize(
    ("text", "people"), [("2人", 2), ("二十来个", 20), ("七八十人", 70), ("十二", 12), ("约30", 30)]
)
def test_people(text: str, people: int) -> None:
    assert count(text) == people
