from dataclasses import replace
from typing import Any

import pytest

from services.escalation.core.check import problems
from services.escalation.core.policy import Post
from services.escalation.core.steps import Step
from services.kernel.deadline import Span
from tests.support.story import policy

STEPS = policy().steps


def _but(**changes: Any) -> dict[str, Step]:
    return {**STEPS, "award": replace(STEPS["award"], **changes)}


def test_the_shipped_policy_fits_together():
    assert problems(policy()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hard_climbs_to": "R99"}, "no rung R99"),
        ({"rungs": {**policy().rungs, "R7": Post("R7", "city_bureau", "市", "R7")}}, "circle"),
        ({"rules": policy().rules[2:]}, "no clock S01"),
        ({"rules": (replace(policy().rules[0], applies_to="x"), *policy().rules)}, "means nothing"),
        ({"objection": None}, "no window S05/object"),
        ({"waits": {}}, "no wait for unit"),
        ({"powers": {}}, "no verb sign"),
        ({"powers": {}}, "no verb route/ruling"),
        ({"powers": {**policy().powers, "sign": frozenset({"king"})}}, "post king"),
        ({"powers": {**policy().powers, "resume/tea": frozenset()}}, "resume/tea is no act"),
        (
            {"powers": {**policy().powers, "resume/suspended": frozenset({"brigade_leader"})}},
            "brigade_leader may resume suspended",
        ),
        ({"grids": frozenset()}, "no grid"),
        ({"texts": {**policy().texts, "refused": {}}}, "refused.unknown_case"),
        ({"texts": {**policy().texts, "what": {}}}, "what.assigned"),
        ({"steps": {}}, "nothing makes the mark evidence_preserved"),
        ({"steps": {**STEPS, "served": STEPS["award"]}}, "served is made by a verb"),
        ({"steps": {**STEPS, "x": STEPS["award"]}}, "x is no mark of clocks.csv"),
        ({"steps": _but(needs=("x",))}, "award names x, no step and no fact"),
        ({"steps": _but(forgets=("enforcement_allowed",))}, "award names enforcement_allowed"),
        ({"steps": _but(posts=frozenset({"king"}))}, "award: king may not note steps"),
        ({"steps": _but(posts=frozenset())}, "award: either posts"),
        ({"steps": _but(not_before="L99")}, "award names clock L99"),
        ({"steps": {f"x{n}": STEPS["award"] for n in range(65)}}, "more than 64"),
        ({"groups": replace(policy().groups, meeting_after=Span(4, "h"))}, "working days"),
        ({"replies": {"on_closing": ("fax",)}}, "names fax"),
    ],
)
def test_each_kind_of_misfit_is_named(changes, said):
    assert any(said in line for line in problems(replace(policy(), **changes)))
