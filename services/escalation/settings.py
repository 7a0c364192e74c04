"""Escalation's policy from the policies folder, or from a bundle."""

from dataclasses import replace
from importlib.resources.abc import Traversable

from services.escalation.core.check import problems
from services.escalation.core.policy import Policy, policy_of
from services.runtime.policy_bundle import bundle_of
from services.runtime.policy_files import clock_rules, listed, office_calendar, table, toml
from services.runtime.settings import Settings


def load_policy(settings: Settings) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or does not fit the others."""
    return policy_in(settings.policies)


def policy_in(folder: Traversable) -> Policy:
    """Raises OSError or ValueError, as above."""
    policy = read_policy(folder)
    found = problems(policy)
    if found:
        raise ValueError("; ".join(found))
    return policy


def read_policy(folder: Traversable) -> Policy:
    """Whether its files fit each other is not asked: of an old bundle only a part is used."""
    files = {
        "ladder": table(folder / "ladder.csv"),
        "roster": table(folder / "roster.csv"),
        "verbs": table(folder / "verbs.csv"),
        # of every dated map: a map that begins later must not make today's grids unknown; the router takes the day's
        "grids": [row for path in listed(folder / "grids", ".csv") for row in table(path)],
        "steps": table(folder / "steps.csv"),
        "ladder-steps": toml(folder / "ladder-steps.toml"),
        "pauses": toml(folder / "pauses.toml"),
        "crime": toml(folder / "crime.toml"),
        "groups": toml(folder / "groups.toml"),
        "replies": toml(folder / "replies.toml"),
        "texts": toml(folder / "texts.zh.toml"),
    }
    rules = list(clock_rules(folder).values())
    policy = policy_of(rules, office_calendar(folder), files)
    return replace(policy, hash=bundle_of(folder).hash)
