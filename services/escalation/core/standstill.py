"""中止与延期: a clock stands still on a legal ground, goes on again, or is given more time. No other way moves it."""

from dataclasses import replace
from datetime import datetime, timedelta

from schemas.actions import Actor
from schemas.escalations import ClockExtended, ClockPaused, ClockResumed, Ground
from services.escalation.core.policy import later
from services.escalation.core.state import Clock, Pause
from services.escalation.core.turn import Turn
from services.kernel.deadline import ClockRule, Deadline, counted, deadline_of

PAUSES_MAX = 32  # of one clock
UNLAPSED = {"breached": False, "next_step_at": None, "steps": 0, "told": ()}
"""Of a clock whose lapse is withdrawn: the rungs begin anew if it lapses again."""


def pause(turn: Turn, ground: Ground, at: datetime) -> Turn:
    """Every running clock of the ground, from `at` to at most the ground's cap (policies/pauses.toml)."""
    cap = turn.policy.pauses[ground].cap
    begun = Pause(ground=ground, begins=at, until=later(turn.policy, at, cap))
    for clock in turn.case.clocks:
        if may_stand(turn, clock, ground, at) and not _on(clock, ground):
            turn = _paused(turn, clock, begun)
    return turn


def may_stand(turn: Turn, clock: Clock, ground: Ground, at: datetime) -> bool:
    """It runs at `at`, or stands still already: its end is then not yet known."""
    runs = clock.started_at <= at and (bool(clock.standing) or at <= clock.due_at)
    return runs and clock.id in turn.policy.pauses[ground].clocks


def resume(turn: Turn, ground: Ground, at: datetime) -> Turn:
    for clock in turn.case.clocks:
        found = held(clock, ground, at)
        if found:
            turn = end(turn, clock, found, max(at, found.begins), "person")
    return turn


def held(clock: Clock, ground: Ground, at: datetime) -> Pause | None:
    """The pause that a resumption at `at` ends: one that stands, or one that only its cap has ended since."""
    return next(
        (
            one
            for one in clock.pauses
            if one.ground == ground
            and (one.ends is None or one.begins <= at < one.ends == one.until)
        ),
        None,
    )


def end(turn: Turn, clock: Clock, over: Pause, at: datetime, why: str) -> Turn:
    """One pause is over; where another still holds the clock, it stands on.

    Where its cap had ended it later than `at`, the clock has run since: what was said by then stands.
    """
    done = over.model_copy(update={"ends": at})
    pauses = tuple(done if one == over else one for one in clock.pauses)
    clock, old = clock.model_copy(update={"pauses": pauses}), clock
    if not clock.standing:
        clock = _anew(
            turn, clock, turn.now if over.ends else at, stood=at - (over.ends or over.begins)
        )
    turn = put(turn, old, clock)
    return turn.say(
        ClockResumed,
        **names(clock),
        ground=over.ground,
        resumed_at=at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        provisional=clock.provisional,
        why=why,
    )


def extend(turn: Turn, clock: Clock, approved_by: Actor, at: datetime) -> Turn:
    """延长 by what was asked; a lapse that was announced meanwhile is withdrawn where the new end lies after `at`."""
    old, days = clock, clock.asked
    clock = clock.model_copy(update={"asked": 0, "extension": clock.extension + days})
    clock = _anew(turn, clock, at, days)
    back = old.breached and clock.due_at > at
    if back:
        clock = clock.model_copy(update=UNLAPSED)
    turn = put(turn, old, clock)
    return turn.say(
        ClockExtended,
        **names(clock),
        extended_at=at,
        days=days,
        unit=turn.policy.by_key[clock.id, clock.variant].unit,
        old_due_at=old.due_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        provisional=clock.provisional,
        approved_by=approved_by,
        breach_withdrawn=back,
    )


def names(clock: Clock) -> dict[str, str]:
    return {"clock": clock.id, "variant": clock.variant, "source": clock.source}


def put(turn: Turn, old: Clock, new: Clock) -> Turn:
    return turn.set(clocks=tuple(new if one.key == old.key else one for one in turn.case.clocks))


def _on(clock: Clock, ground: Ground) -> Pause | None:
    return next((one for one in clock.standing if one.ground == ground), None)


def _paused(turn: Turn, clock: Clock, begun: Pause) -> Turn:
    """A pause that began before the clock lapsed, told after: the lapse is withdrawn."""
    back = clock.breached
    update: dict[str, object] = {"pauses": (*clock.pauses, begun)}
    if back:
        update |= UNLAPSED
    turn = put(turn, clock, clock.model_copy(update=update))
    stop = turn.policy.pauses[begun.ground]
    return turn.say(
        ClockPaused,
        **names(clock),
        ground=begun.ground,
        paused_at=begun.begins,
        until=begun.until,
        due_at=clock.due_at,
        basis=stop.basis,
        breach_withdrawn=back,
    )


def _anew(
    turn: Turn, clock: Clock, at: datetime, added: int = 0, stood: timedelta = timedelta()
) -> Clock:
    """Its end and the warnings before it from `at` on, with all its pauses and its extension."""
    rule = turn.policy.by_key.get((clock.id, clock.variant))
    if rule is None:  # its row has left clocks.csv: as much later as it `stood`
        return clock.model_copy(update={"due_at": clock.due_at + stood, "warn_at": ()})
    found = _deadline(turn, clock, rule, added)
    warn_at = tuple(one for one in found.warn_at if one > at)
    return clock.model_copy(
        update={
            "due_at": found.due,
            "warn_at": warn_at,
            "provisional": found.provisional,
            "calendar": found.calendar if found.provisional else "",
        }
    )


def _deadline(turn: Turn, clock: Clock, rule: ClockRule, added: int) -> Deadline:
    """A date that a document or a source set is the start of what is added (no pause names such a clock)."""
    calendar = turn.policy.calendar
    if clock.fixed:
        return deadline_of(replace(rule, limit=float(added)), clock.due_at, calendar)
    return counted(rule, clock.running, calendar)
