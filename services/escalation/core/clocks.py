"""期限: marks start and stop clocks. Whether one was kept is decided by the instants of the deeds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from schemas.escalations import ClockStarted, ClockStopped
from schemas.matter import Submission
from services.escalation.core.state import Case, Clock, Source
from services.escalation.core.turn import Turn
from services.kernel.calendar import closing_of, roll_forward
from services.kernel.deadline import ClockRule, Deadline, deadline_of

TO_BE_OBEYED = ("S13", "L04")
AFTER_CLOSING = (*TO_BE_OBEYED, "S15", "S16", "S16b", "S18", "L03", "L11", "L13", "L21", "L23")
"""What the closing of a case does not end: each has an act or a step of its own that does; what was ordered stands
as long as it may have to be enforced."""
UNOBEYED = (None, "部分支付", "已立案", "已移送公安", "无法联系")
"""Conclusions (None = open) of a case where something may still be to pay, and what was ordered to be enforced."""
RECEIVED = "SubmissionReceived"
Condition = Callable[[Case, Source | None], bool]


def may_enforce(case: Case) -> bool:
    return case.conclusion in UNOBEYED and "decision_obeyed" not in case.deeds.steps


def _channel(name: str) -> Condition:
    return lambda case, source: source is not None and source.submission.channel == name


# `applies_to` of policies/clocks.csv, each text with its meaning; an unknown text is an error at start
APPLIES: Mapping[str, Condition] = {
    "every case": lambda case, _: case.attempt == 0,
    "first return only": lambda case, _: case.returns == 0,
    "case in triage": lambda case, _: case.triage,
    "urgent case": lambda case, _: case.urgent and not case.triage,
    "other case": lambda case, _: not case.urgent and not case.triage,
    "disputed return": lambda case, _: case.disputed,
    "non-construction case": lambda case, _: (
        not (case.construction or case.deeds.mediated or case.deeds.paid)
    ),
    "source 12345": _channel("12345"),
    "source 12333": _channel("12333"),
    "source national": _channel("national"),
    "source provincial": _channel("provincial"),
    "complaint within competence, complete in form": lambda case, _: not case.declined,
    "filed case": lambda case, _: case.deeds.filed is not None,
    "decision made": lambda case, _: case.deeds.decided is not None,
    "per document": lambda case, _: True,
    "every closed case": lambda case, _: bool(not case.declined and case.sources),
    "once a case": lambda case, _: case.reopened == 0,
    "crime thresholds met": lambda case, _: case.deeds.suspected is not None,
    "approved referral": lambda case, _: case.deeds.referral_approved is not None,
    "case": lambda case, _: True,
    "police refused to file": lambda case, _: case.deeds.police_refused is not None,
    "evidence task": lambda case, _: True,
    "decision not obeyed": lambda case, _: may_enforce(case),
    "petition": lambda case, _: True,
    "advice": lambda case, _: True,
    "urgent advice": lambda case, _: True,
    "list conditions met": lambda case, _: True,
    "listed employer": lambda case, _: True,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A named instant of the case, in the words of clocks.csv. `due_on`: the date a document sets.

    `variant`: of the clocks it starts, the ones of this variant; empty = whatever applies.
    """

    name: str
    at: datetime
    source: Source | None = None
    due_on: str = ""
    variant: str = ""


def mark(turn: Turn, one: Mark) -> Turn:
    """Stops what this mark stops, then starts what it starts."""
    turn = _stopped(turn, one)
    for rule in turn.policy.starting.get(one.name, ()):
        meant = not one.variant or one.variant == rule.variant
        if meant and _applies(turn.case, rule, one):
            turn = _started(turn, rule, one)
    return turn


def stop_all(turn: Turn, at: datetime, why: str) -> Turn:
    """A case that ends takes its clocks with it, but for the answers owed and what goes on after it."""
    for clock in turn.case.clocks:
        obeyed = clock.id in TO_BE_OBEYED and not may_enforce(turn.case)
        if not clock.source and (obeyed or clock.id not in AFTER_CLOSING):
            turn = stop(turn, clock, at, why)
    return turn


def stop(turn: Turn, clock: Clock, at: datetime, why: str) -> Turn:
    kept = bool(clock.standing) or at <= clock.due_at
    turn = turn.set(clocks=tuple(c for c in turn.case.clocks if c.key != clock.key))
    return turn.say(
        ClockStopped,
        clock=clock.id,
        variant=clock.variant,
        source=clock.source,
        stopped_at=at,
        due_at=clock.due_at,
        kept=kept,
        breach_withdrawn=kept and clock.breached,
        why=why,
    )


def _stopped(turn: Turn, one: Mark) -> Turn:
    name = one.source.name if one.source else ""
    for clock in turn.case.clocks:
        rule = turn.policy.by_key.get((clock.id, clock.variant))
        if rule and one.name in rule.stops_on and clock.source in ("", name):
            turn = stop(turn, clock, one.at, one.name)
    return turn


def _applies(case: Case, rule: ClockRule, one: Mark) -> bool:
    """A running clock is never moved; a joined record starts its own reply clock and nothing else."""
    if one.source and not is_reply(rule) and one.source.name != case.sources[0].name:
        return False
    name = one.source.name if one.source and is_reply(rule) else ""
    if case.clock((rule.id, name)) or (rule.id == "S04" and case.deeds.contacted):
        return False
    return APPLIES[rule.applies_to](case, one.source)


def is_reply(rule: ClockRule) -> bool:
    return rule.stops_on == ("replied",)


def start(turn: Turn, key: tuple[str, str], at: datetime) -> Turn:
    """One clock by id and variant, where no mark of its own starts it."""
    rule = turn.policy.by_key.get(key)
    if rule is None or turn.case.clock((rule.id, "")):
        return turn
    return _started(turn, rule, Mark("", at))


def start_replies(turn: Turn, at: datetime) -> Turn:
    """Every source is owed an answer again: its own clock, from `at`."""
    for source in turn.case.sources:
        for rule in turn.policy.rules:
            runs = turn.case.clock((rule.id, source.name))
            if is_reply(rule) and not runs and APPLIES[rule.applies_to](turn.case, source):
                turn = _started(turn, rule, Mark("", at, source))
    return turn


def swap(turn: Turn, ordinary: tuple[str, str], short: tuple[str, str], at: datetime) -> Turn:
    """Puts the shorter clock in place of a running one where it ends earlier: no clock is ever moved later."""
    running = turn.case.clock((ordinary[0], ""))
    rule = turn.policy.by_key.get(short)
    if rule is None or running is None or running.variant != ordinary[1]:
        return turn
    if deadline_of(rule, at, turn.policy.calendar).due >= running.due_at:
        return turn
    return _started(stop(turn, running, at, "urgent"), rule, Mark("", at))


def _started(turn: Turn, rule: ClockRule, one: Mark) -> Turn:
    source = one.source if is_reply(rule) else None
    clock = _clock(turn, rule, one, source)
    turn = turn.set(clocks=(*turn.case.clocks, clock))
    return turn.say(
        ClockStarted,
        clock=rule.id,
        variant=rule.variant,
        source=clock.source,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        hard=rule.hard,
        basis=_basis(rule, clock, source),
        calendar=turn.policy.calendar.version,
        provisional=clock.provisional,
    )


def _clock(turn: Turn, rule: ClockRule, one: Mark, source: Source | None) -> Clock:
    at = begun_by(rule, one.source.submission) if one.name == RECEIVED and one.source else one.at
    deadline = deadline_of(rule, at, turn.policy.calendar)
    due, fixed = _due(turn, deadline, one, source)
    return Clock(
        id=rule.id,
        variant=rule.variant,
        source=source.name if source else "",
        started_at=at,
        due_at=due,
        warn_at=tuple(at for at in deadline.warn_at if at < due),
        hard=rule.hard,
        provisional=deadline.provisional,
        fixed=fixed,
        calendar=deadline.calendar if deadline.provisional else "",
    )


def begun_by(rule: ClockRule, record: Submission) -> datetime:
    """收件 as the clock means it: by the channel, or (S01, 收件到派单) by us."""
    return record.received_at if rule.id == "S01" else record.occurred_at


def _due(turn: Turn, deadline: Deadline, one: Mark, source: Source | None) -> tuple[datetime, bool]:
    """The date of an order governs; what a source or another document sets, where it is earlier. True = set so.

    A date that is a rest day gives way to the next working day (民法典 §203).
    """
    calendar, limit = turn.policy.calendar, source.submission.due_at if source else None
    if one.due_on:
        limit = closing_of(calendar, roll_forward(calendar, date.fromisoformat(one.due_on)))
        if deadline.rule == "S13":
            return limit, True
    if limit is not None and one.at < limit < deadline.due:
        return limit, True
    return deadline.due, False


def _basis(rule: ClockRule, clock: Clock, source: Source | None) -> str:
    own = source and source.submission.due_at == clock.due_at
    return f"{rule.basis}; 来源自带时限" if own else rule.basis
