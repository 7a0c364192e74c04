"""接诉即办 indicators: pure functions of a period's facts, so that any past day gives the same figures again.

What is counted is what was known `as of` an instant: the caller hands over the facts told up to then and no later ones.
A case counts for the unit that held it last by then; a return 退单 for the unit that returned it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from schemas import cases as c
from schemas import escalations as e
from schemas.event import Event

Kind = Literal["clocks", "closed", "returned", "repeated", "satisfied"]


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


class Fact(NamedTuple):
    """What indicators look at in one event.

    `told_ms`, `at_ms`: when it was told, and the instant it counts for, since 1970-01-01 UTC. `name`: the clock, or the
    grid. `value`: kept, satisfied, or fen paid; `more`: workers paid. `withdrawn`: takes the lapse of its clock back.
    """

    case_id: str
    told_ms: int
    kind: str
    at_ms: int
    name: str = ""
    source: str = ""
    unit: str = ""
    value: int = 0
    more: int = 0
    withdrawn: bool = False


def fact_of(event: Event) -> Fact | None:
    """None = no indicator looks at it."""
    of = _FACTS.get(type(event.data))
    return of(Fact(event.subject, ms(event.time), "", ms(event.time)), event.data) if of else None


def _returned(told: Fact, data: e.AssignmentReturned) -> Fact | None:
    return None if data.ruled else told._replace(kind="returned", name=data.from_grid)


def _stopped(told: Fact, data: e.ClockStopped) -> Fact:
    return told._replace(
        kind="stopped", at_ms=ms(data.stopped_at), name=data.clock, source=data.source,
        value=int(data.kept), withdrawn=data.breach_withdrawn,
    )  # fmt: skip


def _moved(told: Fact, data: e.ClockPaused | e.ClockExtended) -> Fact | None:
    if not data.breach_withdrawn:
        return None
    return told._replace(kind="withdrawn", name=data.clock, source=data.source, withdrawn=True)


def _acted(told: Fact, data: e.ActionTaken) -> Fact | None:
    at, detail = ms(data.acted_at), data.detail
    if data.verb == "revisit":
        satisfied = detail.get("satisfied") is True
        return told._replace(kind="revisited", at_ms=at, value=int(satisfied))
    if data.verb == "pay":
        fen, workers = _whole(detail.get("amount_fen")), _whole(detail.get("workers"))
        return told._replace(kind="paid", at_ms=at, value=fen, more=workers)
    return None


def _closed(told: Fact, data: e.CaseClosed) -> Fact | None:
    return None if data.declined else told._replace(kind="closed", at_ms=ms(data.closed_at))


_FACTS: Mapping[type[Any], Callable[[Fact, Any], Fact | None]] = {
    c.CaseOpened: lambda told, _: told._replace(kind="opened"),
    c.SubmissionJoined: lambda told, _: told._replace(kind="joined"),
    e.AssignmentMade: lambda told, data: told._replace(
        kind="assigned", name=data.owner.grid, unit=data.owner.unit_code
    ),
    e.DeadlineBreached: lambda told, data: told._replace(
        kind="lapsed", at_ms=ms(data.due_at), name=data.clock, source=data.source
    ),
    e.AssignmentReturned: _returned,
    e.ClockStopped: _stopped,
    e.ClockPaused: _moved,
    e.ClockExtended: _moved,
    e.ActionTaken: _acted,
    e.CaseClosed: _closed,
}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def figures_of(
    indicators: Sequence[Indicator],
    facts: Iterable[Fact],
    period: Period,
    grids: frozenset[str] | None,
    units: Mapping[str, str],
) -> dict[str, Figures]:
    """Unit code -> figures; "" = all of them. `grids`: whose cases the caller may see; `units`: grid -> unit code.

    `facts`: in order; what a case's last one says holds.
    """
    begin, end = ms(period.begin), ms(period.end)
    cases: defaultdict[str, _Case] = defaultdict(_Case)
    for fact in facts:
        cases[fact.case_id].take(fact, begin <= fact.at_ms < end, units)
    found: dict[str, Figures] = defaultdict(Figures)
    for case in cases.values():
        if grids is None or case.grid in grids:
            _add(found, case, indicators, begin, end)
    return dict(found)


def _add(
    found: dict[str, Figures], case: "_Case", indicators: Sequence[Indicator], begin: int, end: int
) -> None:
    """To its unit and to all of them; what is nothing of nothing, as most is, adds nothing."""
    for indicator in indicators:
        for unit, share in case.shares(indicator, begin, end):
            if share.done or share.of:
                for place in ("", unit) if unit else ("",):
                    total = found[place].shares[indicator.id]
                    total.done += share.done
                    total.of += share.of
    for place in ("", case.unit) if case.unit else ("",):
        found[place].paid_fen += case.paid_fen
        found[place].workers += case.workers


@dataclass(slots=True)
class _Case:
    """One case as of an instant. `lapsed`: clock and source -> when, unless taken back; `stopped`: clock and kept."""

    grid: str = ""
    unit: str = ""
    lapsed: dict[tuple[str, str], int] = field(default_factory=dict)
    stopped: list[tuple[str, int]] = field(default_factory=list)
    held: list[tuple[str, Share]] = field(default_factory=list)
    closed: int = 0
    come: Share = field(default_factory=Share)
    revisits: Share = field(default_factory=Share)
    paid_fen: int = 0
    workers: int = 0

    def take(self, fact: Fact, within: bool, units: Mapping[str, str]) -> None:
        """`within`: its instant lies in the period."""
        if fact.withdrawn:
            self.lapsed.pop((fact.name, fact.source), None)
        if fact.kind == "lapsed":
            self.lapsed[fact.name, fact.source] = fact.at_ms
        elif fact.kind == "assigned":
            self.grid, self.unit = fact.name, fact.unit
        if within:
            self._count(fact, units)

    def _count(self, fact: Fact, units: Mapping[str, str]) -> None:
        match fact.kind:
            case "stopped":
                self.stopped.append((fact.name, fact.value))
            case "assigned":
                self.held.append((fact.unit, Share(0, 1)))
            case "returned":
                self.held.append((units.get(fact.name, ""), Share(1, 0)))
            case "closed":
                self.closed += 1
            case "opened" | "joined":
                self.come = Share(self.come.done + (fact.kind == "joined"), self.come.of + 1)
            case "revisited":
                self.revisits = Share(self.revisits.done + fact.value, self.revisits.of + 1)
            case "paid":
                self.paid_fen += fact.value
                self.workers += fact.more

    def shares(self, indicator: Indicator, begin: int, end: int) -> Sequence[tuple[str, Share]]:
        """By unit; most cases say nothing of most indicators."""
        clocks = indicator.clocks
        match indicator.kind:
            case "clocks" if self.stopped or self.lapsed:
                return ((self.unit, self._clocks(clocks, begin, end)),)
            case "closed" if self.closed:
                in_time = not any(clock in clocks for clock, _ in self.lapsed)
                return ((self.unit, Share(self.closed * in_time, self.closed)),)
            case "returned":
                return self.held
            case "repeated" if self.come.of:
                return ((self.unit, self.come),)
            case "satisfied" if self.revisits.of:
                return ((self.unit, self.revisits),)
        return ()

    def _clocks(self, clocks: frozenset[str], begin: int, end: int) -> Share:
        """Kept where stopped in time within the period; late where it lapsed within it, stopped since or not."""
        kept = late = 0
        for clock, value in self.stopped:
            if clock in clocks:
                kept += value
        for (clock, _), at in self.lapsed.items():
            late += clock in clocks and begin <= at < end
        return Share(kept, kept + late)
