import csv
from pathlib import Path

import pytest

from services.kernel.deadline import DeadlineError, Span, clock_rule

ROWS = list(csv.DictReader(Path("policies/clocks.csv").read_text("utf-8").splitlines()))
BY_ID = {(row["id"], row["variant"]): row for row in ROWS}


def test_every_row_of_the_policy_reads_and_only_law_is_hard():
    rules = [clock_rule(row) for row in ROWS]
    assert len(rules) == len(BY_ID)
    assert all(rule.mark == "law" for rule in rules if rule.hard)
    assert any(rule.hard for rule in rules)


def test_the_ladder_has_steps_of_rungs():
    assert clock_rule(BY_ID["S02", ""]).lapse_to == (("R2", "R3_head"),)
    assert clock_rule(BY_ID["S01", "triage"]).lapse_to == (("R3_duty",), ("R3_head",))
    assert clock_rule(BY_ID["L01", ""]).lapse_to == ()


def test_warnings_are_in_the_rows_unit_unless_they_name_another():
    assert clock_rule(BY_ID["S03", ""]).warn_left == (Span(2, "wh"), Span(0.8, "wh"))
    assert clock_rule(BY_ID["S18", "normal"]).warn_left == (Span(15, "cd"), Span(5, "cd"))
    assert clock_rule(BY_ID["S19", "red"]).warn_left == (Span(4, "wh"),)


def test_what_starts_and_stops_a_clock_are_alternatives():
    rule = clock_rule(BY_ID["S09", ""])
    assert (rule.starts_on, rule.stops_on) == (
        ("SubmissionReceived",),
        ("accepted", "refused", "closed"),
    )


def test_a_hard_row_that_is_not_law_is_not_hard():
    assert not clock_rule(BY_ID["S09", ""] | {"mark": "own"}).hard


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "week"},
        {"role": "boss"},
        {"limit": "five"},
        {"limit": "0"},
        {"limit": "-5"},
        {"limit": "nan"},
        {"limit": "1.5"},
        {"limit": ""},
        {"warn_left": "2||1"},
        {"warn_left": "2x"},
        {"warn_left": "1month"},
        {"lapse_to": "R3>"},
    ],
)
def test_a_row_that_cannot_be_read_is_refused_by_name(change):
    with pytest.raises(DeadlineError, match="clock S09/"):
        clock_rule(BY_ID["S09", ""] | change)


def test_a_missing_column_is_named():
    with pytest.raises(DeadlineError, match="basis"):
        clock_rule({key: value for key, value in BY_ID["S09", ""].items() if key != "basis"})
