"""Who hears of what: posts to robots, accounts to places, clocks to names. From policies/, frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.kernel.deadline import ClockRule

CsvRow = Mapping[str, str]
UNIT = "{unit_code}"


@dataclass(frozen=True, slots=True)
class Robot:
    """A row of policies/robots.toml. `id` with {unit_code} = one robot a town or street. `posts`: `*` = every one."""

    id: str
    posts: frozenset[str]
    urgent_only: bool

    def hears(self, post: str) -> bool:
        return "*" in self.posts or post in self.posts


@dataclass(frozen=True, slots=True)
class Policy:
    """`stages`: clock/variant -> its name; `hard`: those of the law; `texts`: [notice] of the catalogue.

    `vacant`: the post that is told where nobody holds one; `stand_in`: its account.
    """

    robots: tuple[Robot, ...]
    vacant: str
    stand_in: str
    posts: Mapping[str, str]
    units: frozenset[str]
    stages: Mapping[str, str]
    hard: frozenset[str]
    texts: Mapping[str, str]

    @property
    def robot_ids(self) -> frozenset[str]:
        """Every robot the settings may name."""
        codes = sorted(self.units)
        return frozenset(
            robot.id.replace(UNIT, code)
            for robot in self.robots
            for code in (codes if UNIT in robot.id else [""])
        )


def policy_of(
    robots: Mapping[str, Any], texts: Mapping[str, str], tables: Mapping[str, Sequence[CsvRow]],
    rules: Sequence[ClockRule],
) -> Policy:  # fmt: skip
    """`tables`: ladder and roster. Raises ValueError (KeyError where a field is missing)."""
    posts = {row["post"]: row["name_zh"] for row in tables["ladder"]}
    made = Policy(
        robots=tuple(
            Robot(row["id"], frozenset(row["posts"]), row.get("urgent_only", False))
            for row in robots["robots"]
        ),
        vacant=robots["vacant"],
        stand_in=next(
            (row["account"] for row in tables["roster"] if row["post"] == robots["vacant"]), ""
        ),
        posts=posts,
        units=frozenset(row["unit_code"] for row in tables["roster"] if row["unit_code"]),
        stages={f"{rule.id}/{rule.variant}": rule.stage_zh for rule in rules},
        hard=frozenset(f"{rule.id}/{rule.variant}" for rule in rules if rule.hard),
        texts=texts,
    )
    found = problems(made)
    if found:
        raise ValueError("robots.toml: " + "; ".join(found))
    return made


def problems(policy: Policy) -> list[str]:
    """Whoever may be told hears in some chat; nobody is named who is not."""
    told = [r for r in policy.robots if not r.urgent_only]
    deaf = [post for post in policy.posts if not any(robot.hears(post) for robot in told)]
    named = {post for robot in policy.robots for post in robot.posts} - {"*"}
    unknown = sorted((named | {policy.vacant}) - policy.posts.keys())
    ids = [robot.id for robot in policy.robots]
    return [
        *(f"no robot tells {post}" for post in deaf),
        *(f"{post} is no post of ladder.csv" for post in unknown),
        *(f"{one} twice" for one in sorted({one for one in ids if ids.count(one) > 1})),
        *([] if policy.stand_in else [f"nobody on the roster is {policy.vacant}"]),
    ]
