"""The router's policy from the policies folder, or from a bundle."""

from datetime import date
from importlib.resources.abc import Traversable
from pathlib import PurePath

from services.router.core.coordinates import centres_of
from services.router.core.gridmap import GridMap, grid_map_of
from services.router.core.policy import Policy, problems_of
from services.runtime.policy_files import listed, table
from services.runtime.settings import Settings


def load_policy(settings: Settings) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or the map has a hole."""
    return policy_in(settings.policies)


def policy_in(policies: Traversable) -> Policy:
    exits = {row["code"]: row for row in table(policies / "categories.csv")}
    centres = centres_of(table(policies / "places" / "centroids.csv"))
    policy = Policy(load_maps(policies), exits, centres)
    problems = problems_of(policy)
    if problems:
        raise ValueError("; ".join(problems))
    return policy


def load_maps(policies: Traversable) -> list[GridMap]:
    """Every dated map: policies/grids/<valid from>.csv. Raises ValueError naming the file."""
    villages = table(policies / "places" / "villages.csv")
    units = table(policies / "places" / "units.csv")
    maps = []
    for path in listed(policies / "grids", ".csv"):
        try:
            valid_from = date.fromisoformat(PurePath(path.name).stem)
            maps.append(grid_map_of(table(path), villages, units, valid_from))
        except ValueError as error:
            raise ValueError(f"grids/{path.name}: {error}") from None
    return maps
