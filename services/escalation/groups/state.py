"""What escalation remembers of an employer: its cases of the last months, bounded. No personal data."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Field

from schemas.actions import Conclusion
from schemas.employers import EmployerCaseNoted
from schemas.event import Instant, Model

CASES_MAX = 128
"""Beyond it the oldest closed case is forgotten, else the oldest open one: figures are then "at least" so much.

A row and all it may say in one turn stand in one record (docs/adr/0008): every rule to every case.
"""
NAME_CHARS_MAX = 60


class Counted(Model):
    """One case as last noted. `told`: the rules it has heard of."""

    case_id: UUID
    number: str
    person: str = ""
    people: int = 1
    amount_fen: int = 0
    opened_at: Instant
    conclusion: Conclusion | None = None
    told: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.conclusion is None


class Group(Model):
    """The row of one employer, oldest case first. `name`: as last noted. `since`: when a rule was last reached anew."""

    name: str = ""
    cases: tuple[Counted, ...] = ()
    since: dict[str, Instant] = Field(default_factory=dict)

    @property
    def open_cases(self) -> tuple[Counted, ...]:
        return tuple(one for one in self.cases if one.open)

    @property
    def newest_at(self) -> datetime:
        return max(one.opened_at for one in self.cases)

    def standing(self) -> tuple[str, ...]:
        return tuple(sorted({rule for one in self.open_cases for rule in one.told}))

    def telling(self, rule: str, since: datetime) -> "Group":
        """Every open case has heard of the rule."""
        cases = tuple(
            one.model_copy(update={"told": (*one.told, rule)})
            if one.open and rule not in one.told
            else one
            for one in self.cases
        )
        return self.model_copy(update={"cases": cases, "since": {**self.since, rule: since}})

    def without(self, case: UUID) -> "Group":
        cases = tuple(one for one in self.cases if one.case_id != case)
        return self.model_copy(update={"cases": cases})

    def having(self, data: EmployerCaseNoted, within_days: int) -> "Group":
        """The case new or as it is now; closed cases older than `within_days` before the newest are forgotten."""
        told = next((one.told for one in self.cases if one.case_id == data.case_id), ())
        case = Counted(told=told, **data.model_dump(include={*Counted.model_fields} - {"told"}))
        cases = sorted(
            (*self.without(data.case_id).cases, case), key=lambda one: (one.opened_at, one.case_id)
        )
        begin = cases[-1].opened_at - timedelta(days=within_days)
        kept = [one for one in cases if one.open or one.opened_at > begin]
        while len(kept) > CASES_MAX:
            kept.remove(next((one for one in kept if not one.open), kept[0]))
        return self.model_copy(update={"name": data.name[:NAME_CHARS_MAX], "cases": tuple(kept)})
