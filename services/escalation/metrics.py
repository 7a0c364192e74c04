"""What escalation counts. Labels are closed lists: clocks, channels, verbs, levels, the 129 grids."""

from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas import escalations as e
from schemas.actions import ACTIONS
from schemas.employers import GroupClaimRaised
from schemas.event import Data, Out
from schemas.matter import CHANNELS
from services.escalation.core.policy import HANDLED
from services.escalation.core.recount import recountable
from services.escalation.core.state import Case, state_of
from services.escalation.groups.state import Group
from services.kernel.calendar import Calendar

OUTCOMES = ("delivered", "fallback", "no_superior")
LEVELS_MAX = 8


class EscalationMetrics:
    """Events are counted after they are confirmed; gauges come from a census of the rows."""

    def __init__(
        self, registry: CollectorRegistry, calendar: Calendar, rules: Sequence[str] = ()
    ) -> None:
        """`rules`: of policies/groups.toml."""

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(name, text, labels, registry=registry)

        self._counters(counter)
        self._gauges(gauge)
        self.rules = rules
        self._zero(calendar)

    def _counters(self, counter: Callable[..., Counter]) -> None:
        self.warned = counter("anxin_deadline_warnings_total", "Warnings said, by clock", "clock")
        self.breached = counter(
            "anxin_deadlines_breached_total",
            "Deadlines that lapsed, by grid and clock",
            "grid",
            "clock",
        )
        self.escalated = counter(
            "anxin_escalations_total", "Rungs told, by step and outcome", "level", "outcome"
        )
        self.actions = counter(
            "anxin_actions_total",
            "Commands, by verb and outcome: taken or refused",
            "verb",
            "outcome",
        )
        self.returned = counter(
            "anxin_assignments_returned_total",
            "Assignments given back, by whether a superior must rule",
            "disputed",
        )
        self.owed = counter("anxin_replies_owed_total", "Answers owed to sources", "channel")
        self.confirmed = counter(
            "anxin_replies_confirmed_total", "Answers a source has receipted", "channel"
        )
        self.claims = counter(
            "anxin_group_claims_total", "Cases told that they are of a group, by rule", "rule"
        )

    def _gauges(self, gauge: Callable[..., Gauge]) -> None:
        self.open = gauge("anxin_open_cases", "Open cases, by grid and state", "grid", "state")
        self.bare = gauge(
            "anxin_cases_without_deadline", "Open cases with no running clock; must be 0"
        )
        self.provisional = gauge(
            "anxin_deadlines_provisional", "Running clocks beyond the published calendar"
        )
        self.horizon = gauge(
            "anxin_calendar_horizon_timestamp_seconds", "End of the last published calendar year"
        )
        self.grouped = gauge(
            "anxin_group_employers", "Employers whose open cases stand as a group, by rule", "rule"
        )

    def _zero(self, calendar: Calendar) -> None:
        end = datetime.combine(calendar.published_until, time(), calendar.zone) + timedelta(days=1)
        self.horizon.set(end.timestamp())
        for clock in HANDLED:
            self.warned.labels(clock)
        for channel in CHANNELS:
            self.owed.labels(channel)
            self.confirmed.labels(channel)
        for disputed in ("yes", "no"):
            self.returned.labels(disputed)
        for outcome in OUTCOMES:
            for level in range(1, LEVELS_MAX + 1):
                self.escalated.labels(str(level), outcome)
        for rule in self.rules:
            self.claims.labels(rule)
            self.grouped.labels(rule)
        for action in ACTIONS:
            self.actions.labels(action.VERB, "taken")
            self.actions.labels(action.VERB, "refused")

    def count(self, outs: Sequence[Out]) -> None:
        for out in outs:
            if isinstance(out.event.data, GroupClaimRaised):
                self.claims.labels(out.event.data.rule).inc()
            elif out.topic == "escalations":
                self._fact(out.event.data)

    def _fact(self, data: Data) -> None:
        if isinstance(data, e.ClockFact):
            self._clock(data)
        else:
            self._deed(data)

    def _clock(self, data: e.ClockFact) -> None:
        match data:
            case e.DeadlineWarned():
                self.warned.labels(data.clock).inc()
            case e.DeadlineBreached():
                self.breached.labels(data.owner.grid, data.clock).inc()
            case e.CaseEscalated():
                self.escalated.labels(str(min(data.level, LEVELS_MAX)), data.outcome).inc()
            case _:
                pass

    def _deed(self, data: Data) -> None:
        match data:
            case e.AssignmentReturned():
                self.returned.labels("yes" if data.disputed else "no").inc()
            case e.ActionTaken():
                self.actions.labels(data.verb, "taken").inc()
            case e.ActionRefused():
                self.actions.labels(data.verb, "refused").inc()
            case e.ReplyOwed():
                self.owed.labels(data.channel).inc()
            case e.ReplyConfirmed():
                self.confirmed.labels(data.channel).inc()
            case _:
                pass

    def census(self, labels: Tally[str]) -> None:
        """`labels`: how many rows carry each label of `label_of`. A grid that holds a case counts its lapses from 0."""
        self.open.clear()
        for grid in {label.split("|", 1)[0] for label in labels}:
            for clock in HANDLED:
                self.breached.labels(grid, clock)
        bare = provisional = 0
        for label, rows in labels.items():
            grid, state, running, beyond, *_ = label.split("|")
            if state not in ("closed", "unknown"):  # unknown: a command waits for its case
                self.open.labels(grid, state).inc(rows)
                bare += rows * (running == "0")
            provisional += rows * int(beyond)
        self.bare.set(bare)
        self.provisional.set(provisional)

    def stand(self, labels: Tally[str]) -> None:
        """`labels`: how many employers' rows carry each label of `rules_of`."""
        standing = Tally[str]()
        for label, rows in labels.items():
            for rule in label.split("|"):
                standing[rule] += rows
        for rule in self.rules:
            self.grouped.labels(rule).set(standing[rule])


def rules_of(row: Group) -> str:
    """The rules by which the employer's open cases stand as a group: `a|b`."""
    return "|".join(row.standing())


def label_of(case: Case) -> str:
    """`grid|state|1 where a clock runs|provisional clocks|the calendar they were counted by`."""
    grid = case.owner.grid if case.owner else ""
    beyond = sum(clock.provisional for clock in case.clocks)
    versions = [clock.calendar for clock in case.clocks if recountable(clock)]
    versions += [one.calendar for one in case.coming if one.provisional]
    version = min(versions, default="")
    return f"{grid}|{state_of(case)}|{int(bool(case.clocks))}|{beyond}|{version}"


def provisional_elsewhere(label: str, version: str) -> bool:
    """Whether a row of that label holds an end that another calendar gave; labels of before have no fifth part."""
    parts = label.split("|")
    return parts[3] != "0" if len(parts) == 4 else parts[4] not in ("", version)
