"""The router's policy from the policies folder."""

from datetime import date

from services.router.core.gridmap import GridMap, grid_map_of
from services.router.core.route import Policy
from services.runtime.policy_files import table
from services.runtime.settings import Settings


def load_policy(settings: Settings) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or the map has a hole."""
    exits = {row["code"]: row for row in table(settings.policies / "categories.csv")}
    return Policy(load_maps(settings), exits)


def load_maps(settings: Settings) -> list[GridMap]:
    """Every dated map: policies/grids/<valid from>.csv."""
    places = settings.policies / "places"
    villages, units = table(places / "villages.csv"), table(places / "units.csv")
    return [
        grid_map_of(table(path), villages, units, date.fromisoformat(path.stem))
        for path in sorted((settings.policies / "grids").glob("*.csv"))
    ]
