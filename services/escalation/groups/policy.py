"""policies/groups.toml, frozen: from when on cases of one employer are a group (群体性欠薪)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from schemas.actions import CONCLUSIONS
from schemas.employers import Effect
from services.kernel.deadline import Span, span_of

MEASURES = ("people", "yuan", "cases")
MEETING_AFTER = "20wd"  # of bundles from before it was said in groups.toml


@dataclass(frozen=True, slots=True)
class Rule:
    """阈值: `measure` of the employer's cases together is `at_least` so much."""

    id: str
    name_zh: str
    measure: str
    at_least: int
    effect: Effect
    basis: str


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """`unfounded`: conclusions that do not count among cases. `nameless`: names that name no employer.

    `meeting_after`: so long unresolved, a case of no group calls the meeting (S17), too.
    """

    within_days: int
    unfounded: frozenset[str]
    nameless: frozenset[str]
    rules: tuple[Rule, ...]
    meeting_after: Span


def group_policy_of(file: Mapping[str, Any]) -> GroupPolicy:
    """`file`: groups.toml, parsed. Raises KeyError or TypeError where an entry is missing or unknown."""
    return GroupPolicy(
        within_days=file["within_days"],
        unfounded=frozenset(file["unfounded"]),
        nameless=frozenset(file["nameless"]),
        rules=tuple(Rule(**row) for row in file["rule"]),
        meeting_after=span_of(file.get("meeting_after", MEETING_AFTER)),
    )


def problems(policy: GroupPolicy) -> list[str]:
    """In words; empty = good."""
    found = [] if policy.within_days > 0 else ["within_days must be above 0"]
    found += [] if policy.meeting_after.unit == "wd" else ["meeting_after is in working days (wd)"]
    found += [f"no conclusion {one}" for one in sorted(policy.unfounded - {*CONCLUSIONS})]
    counted = Counter(rule.id for rule in policy.rules)
    found += [f"rule {name}: {times} times" for name, times in counted.items() if times > 1]
    for rule in policy.rules:
        if rule.measure not in MEASURES:
            found.append(f"rule {rule.id}: no measure {rule.measure}, only {', '.join(MEASURES)}")
        if rule.effect not in get_args(Effect):
            found.append(f"rule {rule.id}: no effect {rule.effect}")
        if rule.at_least < 1:
            found.append(f"rule {rule.id}: at_least must be above 0")
    return [f"groups.toml: {text}" for text in found]
