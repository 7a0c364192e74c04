"""谁在用: a person of the roster, what they see, what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["inspector", "dispatcher", "leader", "operator", "auditor"]
ROLES: Mapping[str, Role] = {
    "grid_officer": "inspector",
    "town_squad_leader": "inspector",
    "town_deputy_head": "leader",
    "centre_duty": "dispatcher",
    "centre_head": "dispatcher",
    "brigade_leader": "dispatcher",
    "hotline_liaison": "dispatcher",
    "platform_admin": "operator",
    "deputy_director": "leader",
    "director": "leader",
    "leading_group_head": "leader",
    "procuratorate": "auditor",
    "city_bureau": "auditor",
}
"""Posts of policies/ladder.csv; a post that is not here looks on (auditor)."""
Grids = frozenset[str] | None
"""A caller's grid set; None = all. Every query takes one."""


@dataclass(frozen=True, slots=True)
class Person:
    """`grid`, `unit_code`: empty = not bound to one."""

    account: str
    post: str
    post_zh: str
    grid: str = ""
    unit_code: str = ""

    @property
    def role(self) -> Role:
        return ROLES.get(self.post, "auditor")


def grids_of(person: Person, units: Mapping[str, str]) -> Grids:
    """What the person may see: the own grid, the own unit's grids, or all. `units`: grid -> unit code."""
    if person.grid:
        return frozenset({person.grid})
    if person.unit_code:
        return frozenset(grid for grid, unit in units.items() if unit == person.unit_code)
    return None
