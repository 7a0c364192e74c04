from dataclasses import dataclass
from datetime import date

import pytest

from services.kernel.deputies import is_at_work, stood_in_for

FIRST, LAST = date(2026, 9, 21), date(2026, 9, 25)


@dataclass(frozen=True)
class Row:
    account: str
    deputy: str = ""
    absent_from: date | None = None
    absent_to: date | None = None

    def at_work(self, day: date) -> bool:
        return is_at_work(self.absent_from, self.absent_to, day)


@pytest.mark.parametrize(
    ("day", "stands_in"), [(20, []), (21, ["a", "b"]), (25, ["a", "b"]), (26, ["b"])]
)
def test_a_deputy_stands_in_from_the_first_to_the_last_day_away(day, stands_in):
    people = [Row("a", "d", FIRST, LAST), Row("b", "d", FIRST), Row("c", "d")]
    people += [Row("d"), Row("e", "x", FIRST)]
    found = stood_in_for(people, "d", date(2026, 9, day))
    assert [one.account for one in found] == stands_in


def test_nobody_stands_in_for_who_named_no_deputy():
    assert stood_in_for([Row("a", "", FIRST)], "", FIRST) == ()


def test_a_deputy_of_a_deputy_is_none():
    people = [Row("a", "b", FIRST), Row("b", "c", FIRST), Row("c")]
    assert [one.account for one in stood_in_for(people, "c", FIRST)] == ["b"]
