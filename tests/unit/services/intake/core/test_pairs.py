"""Same matter, measured on made-up pairs: never joined wrongly, nine of ten found, the rest shown to people."""

from collections import Counter
from functools import cache

from schemas.cases import MatterSuggested, SubmissionJoined
from services.intake.core.check import arrival_of
from services.intake.core.desk import Desk
from tests.support import intake
from tests.support.pairs import KINDS, SAME, Pair, pairs

EACH = 60
SEEDS = (1, 2, 3, 4)
RECALL_MIN = 0.9
SHOWN_MIN = 0.97
"""Of one matter told twice: joined, or shown to a person."""


def outcome(pair: Pair) -> str:
    desk, said = Desk(intake.policy()), []
    for channel, raw in (pair.first, pair.second):
        arrival = arrival_of(intake.policy(), {"id": "x", "channel": channel, "raw": raw})
        said = desk.take(arrival, arrival.event.time)
    if any(isinstance(one, SubmissionJoined) for one in said):
        return "join"
    return "suggest" if any(isinstance(one, MatterSuggested) for one in said) else "new"


@cache
def outcomes() -> Counter[tuple[str, bool, str]]:
    return Counter(
        (pair.kind, pair.same, outcome(pair))
        for seed in SEEDS
        for pair in pairs(EACH * len(KINDS), seed)
    )


def count(*, same: bool, got: str) -> int:
    return sum(n for (_, is_same, out), n in outcomes().items() if (is_same, out) == (same, got))


def test_nothing_is_joined_that_is_not_one_matter():
    wrong = {kind: n for (kind, same, out), n in outcomes().items() if out == "join" and not same}
    assert wrong == {}


def test_nine_of_ten_are_found_and_nearly_all_are_shown():
    total = EACH * len(SEEDS) * len(SAME)
    assert sum(count(same=True, got=one) for one in ("join", "suggest", "new")) == total
    assert count(same=True, got="join") / total >= RECALL_MIN
    assert 1 - count(same=True, got="new") / total >= SHOWN_MIN


def test_the_everyday_cases_are_found():
    each = EACH * len(SEEDS)
    for kind in ("twice", "new_phone", "referred", "misspelt", "abbreviated"):
        assert outcomes()[kind, True, "join"] / each >= 0.95, kind


def test_anonymous_reports_are_shown_and_colleagues_are_not():
    each = EACH * len(SEEDS)
    assert outcomes()["anonymous", False, "suggest"] / each >= 0.85
    assert outcomes()["colleague", False, "suggest"] / each <= 0.05
    assert outcomes()["second_period", False, "suggest"] == 0
