"""期限重算: counted anew and told with old, new and reason: once a calendar, and where the first record changes."""

from datetime import datetime

from schemas.escalations import ClockRecomputed
from services.escalation.core.clocks import RECEIVED, begun_by
from services.escalation.core.coming import counted_anew
from services.escalation.core.standstill import names, put
from services.escalation.core.state import Case, Clock
from services.escalation.core.turn import Turn
from services.kernel.deadline import ClockRule, counted, recomputed


def recounted(turn: Turn) -> Turn:
    """A warning or a lapse that was said stands; a date that a document or a source set is not ours to move."""
    for clock in turn.case.clocks:
        rule = turn.policy.by_key.get((clock.id, clock.variant))
        if rule is not None and _waits(clock, turn.policy.calendar.version):
            turn = _one(turn, clock, rule)
    return counted_anew(turn)


def recountable(clock: Clock) -> bool:
    return clock.provisional and not (clock.fixed or clock.standing or clock.breached)


def _waits(clock: Clock, version: str) -> bool:
    return recountable(clock) and clock.calendar != version


def _one(turn: Turn, clock: Clock, rule: ClockRule) -> Turn:
    """Where the calendar it was counted by is not known any more, only what agrees with today's is called certain."""
    new = turn.policy.calendar
    old = turn.policy.calendars.get(clock.calendar, new)
    found = recomputed(rule, clock.running, old, new, turn.now)
    after: dict[str, object] = {"calendar": new.version}
    if found.verdict in ("moved", "kept"):
        missed = tuple(at for at in clock.warn_at if at <= turn.now)  # due, and not yet said
        left = len(clock.warn_at) - len(missed)
        after |= {
            "due_at": found.due_to,
            "warn_at": (*missed, *(found.warn_at[-left:] if left else ())),
            "provisional": found.provisional,
        }
    counted = clock.model_copy(update=after)
    turn = put(turn, clock, counted)
    if clock.id == "S13":
        turn = turn.note(order_lapses=counted.due_at)
    return turn.say(
        ClockRecomputed,
        **names(clock),
        old_due_at=clock.due_at,
        due_at=counted.due_at,
        warn_at=counted.warn_at,
        provisional=counted.provisional,
        calendar=new.version,
        reason_zh=found.why_zh,
    )


def from_first(turn: Turn) -> Turn:
    """并案, 拆分: what runs from receipt runs from the earliest record the case holds; a lapse that was said stands."""
    for clock in turn.case.clocks:
        rule = turn.policy.by_key.get((clock.id, clock.variant))
        if rule is None or clock.source or clock.breached or RECEIVED not in rule.starts_on:
            continue
        began = _first(turn.case, rule)
        if began and began != clock.started_at and not turn.case.reopened:
            turn = _from(turn, clock.model_copy(update={"started_at": began}), rule)
    return turn


def _first(case: Case, rule: ClockRule) -> datetime | None:
    records = [source.submission for source in case.sources]
    return min((begun_by(rule, one) for one in records), default=None)


def _from(turn: Turn, clock: Clock, rule: ClockRule) -> Turn:
    """Warnings that were not said yet are said by the new end."""
    found = counted(rule, clock.running, turn.policy.calendar)
    left = len(clock.warn_at)
    after = clock.model_copy(
        update={
            "due_at": found.due,
            "warn_at": found.warn_at[-left:] if left else (),
            "provisional": found.provisional,
            "calendar": found.calendar if found.provisional else "",
        }
    )
    turn = put(turn, clock, after)
    return turn.say(
        ClockRecomputed,
        **names(after),
        started_at=after.started_at,
        old_due_at=clock.due_at,
        due_at=after.due_at,
        warn_at=after.warn_at,
        provisional=after.provisional,
        calendar=turn.policy.calendar.version,
        reason_zh=turn.policy.texts["why"]["first_record"],
    )
