"""policies/matters.toml: every mistake is named, none is let through."""

import re

import pytest

from services.intake.core.joining import RULES, join_rule_of
from tests.support.intake import POLICIES

TEXT = (POLICIES / "matters.toml").read_text(encoding="utf-8")


def test_the_file_of_this_repository_is_sound():
    rule = join_rule_of(TEXT)
    assert rule.weights.keys() == RULES
    assert (rule.band(rule.join_min), rule.band(rule.join_min - 1)) == ("join", "suggest")
    assert rule.band(rule.suggest_min - 1) == "new"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("window_days = 90", "window_days = 0", "window_days must be above 0"),
        ("join_min = 65", "join_min = 10", "suggest_min <= join_min"),
        ("join_min = 65", "", "'join_min'"),
        ('id = "amount_near"', 'id = "amount_nearly"', "no rule amount_near"),
        ('id = "amount_near"', 'id = "amount_nearly"', "rule amount_nearly: nothing finds it"),
        ('id = "amount_near"', 'id = "amount_same"', "rule amount_same: twice"),
        ("points = 100", "points = 101", "points 101"),
        ('at_most = "suggest"', 'at_most = "perhaps"', "no band perhaps"),
        ('basis = "own"', 'basis = ""', "no name_zh or no basis"),
        ("amount_near = 0.2", "amount_near = 1.5", "parts of 1"),
        ("suggestions_max = 3", "suggestions_max = -1", "suggestions_max"),
        ("points = 100", 'points = 100\nweight = "x"', "no entry"),
    ],
)
def test_mistakes_are_named(old, new, said):
    assert old in TEXT
    with pytest.raises(ValueError, match=re.escape(said)):
        join_rule_of(TEXT.replace(old, new, 1))


def test_no_file_may_join_the_anonymous():
    name = 'id = "person_unknown"'
    start = TEXT.index(name)
    rest = TEXT[start:].replace('at_most = "suggest"', 'at_most = "join"', 1)
    with pytest.raises(ValueError, match="never joined automatically"):
        join_rule_of(TEXT[:start] + rest)
