"""The router's policy, frozen: dated grid maps, the ways out, the few centres that have a point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.matter import Verdict
from services.router.core.coordinates import Centre
from services.router.core.gridmap import GridMap, grid_map_at

DECLINED: tuple[Verdict, ...] = ("not_labour", "other_district", "in_arbitration", "time_barred")
"""Gravest first: what is no labour matter needs no second reason."""
EXIT_OF: Mapping[Verdict, str] = {
    "not_labour": "exit_consumer",  # 12345 passes on whatever is not ours
    "other_district": "exit_other_district",
    "in_arbitration": "exit_arbitration",
    "time_barred": "exit_time_barred",
}
"""The way out where the hint names none: rows of policies/categories.csv."""
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Policy:
    """`maps`: at least one; `exits`: rows of policies/categories.csv by code."""

    maps: Sequence[GridMap]
    exits: Mapping[str, Mapping[str, str]]
    centres: tuple[Centre, ...] = ()

    def map_at(self, now: datetime) -> GridMap:
        """In office on the day of the decision, not of the complaint: who is there now must act (ADR 10)."""
        return grid_map_at(self.maps, now.astimezone(_SHANGHAI).date())


def problems_of(policy: Policy) -> list[str]:
    """No map, or a way out that tells nobody where to turn."""
    problems = [] if policy.maps else ["grids: no dated map"]
    for verdict, code in EXIT_OF.items():
        row = policy.exits.get(code)
        if row is None or row["competence"] != verdict:
            problems.append(f"categories.csv: no {code} for {verdict}")
    return problems + [
        f"categories.csv: {code} names no channel or no advice"
        for code, row in policy.exits.items()
        if code.startswith("exit_") and not (row["exit_channel_zh"] and row["exit_advice_zh"])
    ]
