"""policies/matters.toml, frozen: what counts for and against two records being one matter (并案)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from schemas.cases import Band

BANDS: tuple[Band, ...] = get_args(Band)
"""The widest first: `at_most` takes the later of two."""
RULES = frozenset(
    {
        "reference", "id_same", "id_other", "person_same", "person_other", "person_unknown",
        "name_same", "name_only", "group_same", "name_other", "phone_shared",
        "employer_same", "employer_short", "employer_alike", "employer_branch", "employer_trade", "employer_kin",
        "employer_renamed", "employer_other", "unproven",
        "category_same", "category_other", "period_same", "period_apart",
        "amount_same", "amount_near", "amount_other", "place_same", "place_apart", "closed", "long_ago",
    }
)  # fmt: skip
"""What `likeness` can find; the file must say what each is worth."""


@dataclass(frozen=True, slots=True)
class Weight:
    """得分项: `points` of 100, and the band beyond which it does not let through."""

    id: str
    name_zh: str
    points: int
    basis: str
    at_most: Band = "join"


@dataclass(frozen=True, slots=True)
class JoinRule:
    """并案 [own]. `matters_max`, `records_max`, `block_max`: bounds of a row, no policy."""

    weights: Mapping[str, Weight]
    window_days: int
    join_min: int
    suggest_min: int
    employer_ratio_min: float
    amount_near: float
    suggestions_max: int
    wages: frozenset[str]
    vague: frozenset[str]
    trades: frozenset[str]
    matters_max: int = 50
    records_max: int = 50
    block_max: int = 32

    def band(self, points: int) -> Band:
        """Of a sum alone."""
        if points >= self.join_min:
            return "join"
        return "suggest" if points >= self.suggest_min else "new"


def join_rule_of(text: str) -> JoinRule:
    """`text`: matters.toml. Raises ValueError naming every entry that is missing, unknown or impossible."""
    file = tomllib.loads(text)
    try:
        rule = _read(file)
    except (KeyError, TypeError) as error:
        raise ValueError(f"matters.toml: no entry {error}, or not of its kind") from None
    found = [*problems(rule), *_twice(file)]
    if found:
        raise ValueError("; ".join(f"matters.toml: {one}" for one in found))
    return rule


def _read(file: Mapping[str, Any]) -> JoinRule:
    weights = [Weight(**row) for row in file["rule"]]
    return JoinRule(
        weights={one.id: one for one in weights},
        window_days=file["window_days"],
        join_min=file["join_min"],
        suggest_min=file["suggest_min"],
        employer_ratio_min=file["employer_ratio_min"],
        amount_near=file["amount_near"],
        suggestions_max=file["suggestions_max"],
        wages=frozenset(file["wages"]),
        vague=frozenset(file["vague"]),
        trades=frozenset(file["trades"]),
    )


def problems(rule: JoinRule) -> list[str]:
    """In words; empty = good."""
    found = [f"no rule {name}" for name in sorted(RULES - rule.weights.keys())]
    found += [f"rule {name}: nothing finds it" for name in sorted(rule.weights.keys() - RULES)]
    for one in rule.weights.values():
        if not -100 <= one.points <= 100:
            found.append(f"rule {one.id}: points {one.points}, not between -100 and 100")
        if one.at_most not in BANDS:
            found.append(f"rule {one.id}: no band {one.at_most}, only {', '.join(BANDS)}")
        if not (one.name_zh and one.basis):
            found.append(f"rule {one.id}: no name_zh or no basis")
    return found + _bounds(rule)


def _bounds(rule: JoinRule) -> list[str]:
    found = []
    if not 0 < rule.suggest_min <= rule.join_min <= 100:
        found.append("0 < suggest_min <= join_min <= 100 does not hold")
    if rule.window_days < 1:
        found.append("window_days must be above 0")
    if not 0 < rule.employer_ratio_min <= 1 or not 0 <= rule.amount_near < 1:
        found.append("employer_ratio_min and amount_near are parts of 1")
    if rule.suggestions_max < 0:
        found.append("suggestions_max must not be below 0")
    unsure = rule.weights.get("person_unknown")
    if unsure and unsure.at_most == "join":
        found.append("rule person_unknown: an anonymous record is never joined automatically")
    return found


def _twice(file: Mapping[str, Any]) -> list[str]:
    names = [row["id"] for row in file["rule"]]
    return [
        f"rule {name}: twice" for name in sorted({one for one in names if names.count(one) > 1})
    ]
