"""接诉即办 indicators: pure functions of a period's events, so that any past day gives the same figures again.

What is counted is what was known `as of` an instant: the caller hands over the events up to then and no later ones. A
case counts for the unit that held it last by then; a return 退单 for the unit that returned it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas import cases as c
from schemas import escalations as e
from schemas.event import Data, Event

Kind = Literal["clocks", "closed", "returned", "repeated", "satisfied"]
COUNTED: tuple[type[Data], ...] = (
    c.CaseOpened, c.SubmissionJoined, e.AssignmentMade, e.AssignmentReturned, e.ActionTaken,
    e.ClockStopped, e.ClockPaused, e.ClockExtended, e.DeadlineBreached, e.CaseClosed,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of policies/desk.toml [[indicator]]. `clocks`: ids of policies/clocks.csv, where its kind looks at some."""

    id: str
    name_zh: str
    kind: Kind
    definition_zh: str
    clocks: frozenset[str] = frozenset()


@dataclass
class Share:
    """`done` of `of`; of nothing there is no share."""

    done: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        return self.done / self.of if self.of else None


@dataclass
class Figures:
    """Of one unit, or of all: by indicator, and what was recovered 追回."""

    shares: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    paid_fen: int = 0
    workers: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """[begin, end)."""

    begin: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.begin <= at < self.end


def figures_of(
    indicators: Sequence[Indicator],
    events: Iterable[Event],
    period: Period,
    grids: frozenset[str] | None,
    units: Mapping[str, str],
) -> dict[str, Figures]:
    """Unit code -> figures; "" = all of them. `grids`: whose cases the caller may see; `units`: grid -> unit code."""
    cases: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        cases[one.subject].append(one)
    found: dict[str, Figures] = defaultdict(Figures)
    for told in cases.values():
        case = _Case(told, period, units)
        if grids is None or case.grid in grids:
            for indicator in indicators:
                for unit, share in case.shares(indicator):
                    for place in {"", unit}:
                        found[place].shares[indicator.id].done += share.done
                        found[place].shares[indicator.id].of += share.of
            for place in {"", case.unit}:
                found[place].paid_fen += case.paid("amount_fen")
                found[place].workers += case.paid("workers")
    return dict(found)


class _Case:
    """One case's events, in order."""

    def __init__(self, told: Sequence[Event], period: Period, units: Mapping[str, str]) -> None:
        self.told, self.period, self.units = told, period, units
        owners = [one.data.owner for one in told if isinstance(one.data, e.AssignmentMade)]
        self.grid = owners[-1].grid if owners else ""
        self.unit = owners[-1].unit_code if owners else ""
        self.late = self._late()

    def _of(self, kind: type[Any]) -> list[Any]:
        return [one.data for one in self.told if isinstance(one.data, kind)]

    def _late(self) -> dict[tuple[str, str], datetime]:
        """Clock and source -> the instant at which it lapsed, unless that was taken back."""
        found: dict[tuple[str, str], datetime] = {}
        for one in (event.data for event in self.told):
            if isinstance(one, e.DeadlineBreached):
                found[one.clock, one.source] = one.due_at
            elif isinstance(one, e.ClockFact) and getattr(one, "breach_withdrawn", False):
                found.pop((one.clock, one.source), None)
        return found

    def shares(self, indicator: Indicator) -> list[tuple[str, Share]]:
        if indicator.kind == "clocks":
            return [(self.unit, self._clocks(indicator.clocks))]
        if indicator.kind == "closed":
            return [(self.unit, self._closed(indicator.clocks))]
        if indicator.kind == "returned":
            return self._returned()
        if indicator.kind == "repeated":
            return [(self.unit, self._repeated())]
        return [(self.unit, self._satisfied())]

    def _clocks(self, clocks: frozenset[str]) -> Share:
        """Kept where stopped in time within the period; late where it lapsed within it, stopped since or not."""
        kept = sum(
            one.kept and one.clock in clocks and one.stopped_at in self.period
            for one in self._of(e.ClockStopped)
        )
        late = sum(key[0] in clocks and at in self.period for key, at in self.late.items())
        return Share(kept, kept + late)

    def _closed(self, clocks: frozenset[str]) -> Share:
        closed = [
            o for o in self._of(e.CaseClosed) if o.closed_at in self.period and not o.declined
        ]
        in_time = not any(clock in clocks for clock, _ in self.late)
        return Share(len(closed) * in_time, len(closed))

    def _returned(self) -> list[tuple[str, Share]]:
        found = []
        for one in self.told:
            data = one.data
            if one.time not in self.period:
                continue
            if isinstance(data, e.AssignmentMade):
                found.append((data.owner.unit_code, Share(0, 1)))
            elif isinstance(data, e.AssignmentReturned) and not data.ruled:
                found.append((self.units.get(data.from_grid, ""), Share(1, 0)))
        return found

    def _repeated(self) -> Share:
        come = [o.data for o in self.told if o.time in self.period]
        joined = sum(isinstance(one, c.SubmissionJoined) for one in come)
        return Share(joined, joined + sum(isinstance(one, c.CaseOpened) for one in come))

    def _satisfied(self) -> Share:
        asked = [o.detail.get("satisfied") for o in self._acts("revisit")]
        return Share(sum(one is True for one in asked), len(asked))

    def _acts(self, verb: str) -> list[e.ActionTaken]:
        return [o for o in self._of(e.ActionTaken) if o.verb == verb and o.acted_at in self.period]

    def paid(self, what: str) -> int:
        """`amount_fen` or `workers`."""
        said = (one.detail.get(what) for one in self._acts("pay"))
        return sum(one for one in said if isinstance(one, int))
