"""试派: cases as another policy would route them at first. Nothing here moves one (首接负责, ADR 10)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.cases import CaseDeclined, CaseOpened, CaseRouted
from services.router.core.decline import declined, ground
from services.router.core.policy import Policy
from services.router.core.route import first_routing
from services.router.core.weigh import key_of


@dataclass(frozen=True, slots=True)
class Goes:
    """Where a case goes: `key` a grid, a post of a unit, or a verdict; `why` the rule, `confidence` 0..1."""

    key: str
    unit: str
    why: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Shadow:
    """One case under both policies."""

    number: str
    old: Goes
    new: Goes

    @property
    def moves(self) -> bool:
        return self.old.key != self.new.key


def shadows(
    old: tuple[Policy, datetime], new: tuple[Policy, datetime], cases: Iterable[CaseOpened]
) -> list[Shadow]:
    """`old`, `new`: a policy and the instant that picks its map."""
    return [Shadow(one.number, goes(*old, one), goes(*new, one)) for one in cases]


def goes(policy: Policy, at: datetime, data: CaseOpened) -> Goes:
    hint = ground(data.submission.matter)
    said: CaseDeclined | CaseRouted
    said = declined(policy, data, hint) if hint else first_routing(policy, data, at)
    if isinstance(said, CaseDeclined):
        return Goes(said.verdict, "", "declined", 0.0)
    to = said.target
    return Goes(key_of(to), to.unit, said.rule_kind, to.confidence)


def by_key(found: Sequence[Shadow]) -> Mapping[str, tuple[int, int]]:
    """Cases before and after, of each key whose cases change; by key."""
    before = Counter(one.old.key for one in found)
    after = Counter(one.new.key for one in found)
    touched = {key for one in found if one.moves for key in (one.old.key, one.new.key)}
    return {key: (before[key], after[key]) for key in sorted(touched)}
