"""到点: warnings, breaches and rungs whose instants have come. Says it once, in order of the instants."""

from dataclasses import replace
from datetime import datetime

from schemas.escalations import CaseEscalated, DeadlineBreached, DeadlineWarned, Owner
from services.escalation.core.coming import come
from services.escalation.core.ladder import owner_of, rungs_at, told
from services.escalation.core.policy import Policy, later
from services.escalation.core.quiet import tell_at
from services.escalation.core.standstill import end, names, put
from services.escalation.core.state import Clock
from services.escalation.core.turn import Turn
from services.kernel.deadline import ClockRule

EVENTS_MAX = 1000
"""More than a case with all its sources can be told at once; what a turn says has to fit one record (ADR 8)."""


def due(turn: Turn, until: datetime) -> Turn:
    """Everything armed up to `until`. A clock that was stopped by then has left the row."""
    for _ in range(EVENTS_MAX):
        clocks = [
            (at, clock)
            for clock in turn.case.clocks
            if (at := clock.next_at) is not None and at <= until
        ]
        first = min(clocks, key=lambda one: (one[0], one[1].key), default=None)
        comes = min(turn.case.coming, key=lambda one: (one.at, one.mark), default=None)
        if comes is not None and comes.at <= min(until, first[0] if first else until):
            turn = come(turn, comes)
        elif first is not None:
            turn = _tell(turn, first[1])
        else:
            break
    return turn


def _tell(turn: Turn, clock: Clock) -> Turn:
    if clock.standing:
        held = min(clock.standing, key=lambda one: one.until)
        return end(turn, clock, held, held.until, "cap")
    if clock.warn_at and not clock.breached:
        return _warn(turn, clock)
    rule = _rule(turn.policy, clock)
    return _escalate(turn, clock, rule) if clock.breached else _breach(turn, clock, rule)


def _rule(policy: Policy, clock: Clock) -> ClockRule:
    """A clock whose row has left clocks.csv still lapses: the centre's duty officer hears of it."""
    found = policy.by_key.get((clock.id, clock.variant))
    orphan = replace(policy.rules[0], lapse_to=(("R3_duty",),), hard=False, unit="wd")
    return found or orphan


def _warn(turn: Turn, clock: Clock) -> Turn:
    turn = turn.say(
        DeadlineWarned,
        **_facts(clock),
        warn_at=clock.warn_at[0],
        owner=_holder(turn),
        tell_at=_quiet(turn, clock),
    )
    return put(turn, clock, clock.model_copy(update={"warn_at": clock.warn_at[1:]}))


def _breach(turn: Turn, clock: Clock, rule: ClockRule) -> Turn:
    turn = turn.say(DeadlineBreached, **_facts(clock), hard=clock.hard, owner=_holder(turn))
    late = clock.model_copy(update={"breached": True, "next_step_at": clock.due_at})
    return _escalate(put(turn, clock, late), late, rule)


def _escalate(turn: Turn, clock: Clock, rule: ClockRule) -> Turn:
    """Tells the rungs of this step and arms the next; the lower owner keeps the duty (首接负责)."""
    names = clock.told
    for rung in rungs_at(turn.policy, rule, clock.steps):
        owner, outcome = told(turn.policy, turn.case, clock, rung, turn.now)
        turn = turn.say(
            CaseEscalated,
            **_facts(clock),
            level=clock.steps + 1,
            to=owner,
            outcome=outcome,
            tell_at=_quiet(turn, clock),
        )
        names = (*names, owner.rung)
    at = clock.next_step_at or clock.due_at
    more = rungs_at(turn.policy, rule, clock.steps + 1)
    after = {
        "told": names,
        "steps": clock.steps + 1,
        "next_step_at": later(turn.policy, at, turn.policy.waits[rule.unit]) if more else None,
    }
    return put(turn, clock, clock.model_copy(update=after))


def _quiet(turn: Turn, clock: Clock) -> datetime | None:
    return tell_at(turn.policy, turn.now, hard=clock.hard, urgent=turn.case.urgent)


def _facts(clock: Clock) -> dict[str, object]:
    return {**names(clock), "due_at": clock.due_at}


def _holder(turn: Turn) -> Owner:
    """Who holds the case; before it is routed, the centre's duty officer."""
    return turn.case.owner or owner_of(turn.policy, "centre_duty", "", "", turn.now)
