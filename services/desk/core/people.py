"""谁在用: a person of the roster, what they see, what they may do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.escalations import Owner
from services.kernel.deputies import is_at_work

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
    """`grid`, `unit_code`: empty = not bound to one. `deputy`: who acts while this one is away, both days included."""

    account: str
    post: str
    post_zh: str
    grid: str = ""
    unit_code: str = ""
    absent_from: date | None = None
    absent_to: date | None = None
    deputy: str = ""

    @property
    def role(self) -> Role:
        return ROLES.get(self.post, "auditor")

    def at_work(self, day: date) -> bool:
        return is_at_work(self.absent_from, self.absent_to, day)

    def covers(self, owner: Owner | None) -> bool:
        """Whether a case so held is of this one's place (as escalation judges, core/guards.place)."""
        if owner is None:
            return True
        return self.grid in ("", owner.grid) and self.unit_code in ("", owner.unit_code)


def acts_as(people: Sequence[Person], able: Callable[[Person], bool], owner: Owner | None) -> str:
    """The post in which the first of `people` does something on a case: the own one, else of whom they stand in for.

    `people`: that person, then those away. Empty = in none of them. Of the own post escalation says where it counts.
    """
    posts = [one.post for one in people if able(one) and one.covers(owner)]
    return next(iter(posts), people[0].post if able(people[0]) else "")


def seen_by(people: Sequence[Person], units: Mapping[str, str]) -> Grids:
    """What one sees who acts as any of `people`: the grids of all of them."""
    found = [grids_of(one, units) for one in people]
    known = [grids for grids in found if grids is not None]
    return frozenset[str]().union(*known) if len(known) == len(found) else None


def grids_of(person: Person, units: Mapping[str, str]) -> Grids:
    """What the person may see: the own grid, the own unit's grids, or all. `units`: grid -> unit code."""
    if person.grid:
        return frozenset({person.grid})
    if person.unit_code:
        return frozenset(grid for grid, unit in units.items() if unit == person.unit_code)
    return None
