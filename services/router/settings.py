"""The router's policy from the policies folder."""

from datetime import date
from pathlib import Path

from services.router.core.coordinates import centres_of
from services.router.core.gridmap import GridMap, grid_map_of
from services.router.core.policy import Policy, problems_of
from services.runtime.policy_files import table
from services.runtime.settings import Settings


def load_policy(settings: Settings) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or the map has a hole."""
    exits = {row["code"]: row for row in table(settings.policies / "categories.csv")}
    centres = centres_of(table(settings.policies / "places" / "centroids.csv"))
    policy = Policy(load_maps(settings.policies), exits, centres)
    problems = problems_of(policy)
    if problems:
        raise ValueError("; ".join(problems))
    return policy


def load_maps(policies: Path) -> list[GridMap]:
    """Every dated map: policies/grids/<valid from>.csv. Raises ValueError naming the file."""
    villages = table(policies / "places" / "villages.csv")
    units = table(policies / "places" / "units.csv")
    maps = []
    for path in sorted((policies / "grids").glob("*.csv")):
        try:
            valid_from = date.fromisoformat(path.stem)
            maps.append(grid_map_of(table(path), villages, units, valid_from))
        except ValueError as error:
            raise ValueError(f"grids/{path.name}: {error}") from None
    return maps
