"""记程序节点: one command for every step of policies/steps.csv; which clocks it starts and stops, clocks.csv says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas import actions as a
from services.escalation.core.clocks import Mark, mark, stop
from services.escalation.core.coming import forestalled, recorded
from services.escalation.core.facts import DONE, FACTS
from services.escalation.core.guards import Against, precedes
from services.escalation.core.guards_formal import ahead
from services.escalation.core.policy import Policy
from services.escalation.core.state import Case
from services.escalation.core.steps import Step
from services.escalation.core.turn import Turn
from services.kernel.calendar import local_day
from services.kernel.deadline import ClockRule, closing_day, deadline_of


def note_step(turn: Turn, command: a.Action) -> Turn:
    """What is forgotten first, then the step itself, then the clocks it ends and starts."""
    assert isinstance(command, a.NoteStep)  # noqa: S101
    at, step = turn.cause.time, turn.policy.steps[command.step]
    for name in (step.id, *step.forestalls):
        turn = _undone(turn, name, at)
    for name in step.forgets:
        turn = recorded(turn, name, None)
    turn = recorded(turn, step.id, at)
    for clock in turn.case.clocks:
        if clock.id in step.ends:
            turn = stop(turn, clock, at, step.id)
    return mark(turn, Mark(step.id, at, due_on=command.due_on, variant=command.variant))


def _undone(turn: Turn, name: str, at: datetime) -> Turn:
    """What was to come does not; where it came after `at` it never did, nor did its clocks begin."""
    turn = forestalled(turn, name)
    came = turn.case.deeds.steps.get(name)
    if came is None or came < at:
        return turn
    turn = recorded(turn, name, None)
    for clock in turn.case.clocks:
        rule = turn.policy.by_key.get((clock.id, clock.variant))
        if rule and name in rule.starts_on and clock.started_at >= at:
            turn = stop(turn, clock, at, turn.cause.data.step)  # type: ignore[attr-defined]
    return turn


def may_note(turn: Turn, command: a.Action) -> Against | None:
    """In order: is there such a step, may this post, does the case stand so, is it time, is what was written sound."""
    assert isinstance(command, a.NoteStep)  # noqa: S101
    step = turn.policy.steps.get(command.step)
    if step is None or step.elsewhere:
        return Against("unknown_step", command.step)
    if command.actor.post not in step.posts:
        return Against("not_allowed_for_post")
    return (
        _standing(turn.case, step)
        or _too_early(turn, step)
        or _which(turn, step, command.variant)
        or _dated(turn, step, command.due_on)
    )


def _standing(case: Case, step: Step) -> Against | None:
    if step.id in case.deeds.steps:
        return DONE
    there = next((name for name in step.never if _since(case, name)), None)
    if there:
        return Against("overtaken", there)
    missing = next((name for name in step.needs if not _since(case, name)), None)
    if missing is None:
        return None
    return FACTS[missing].missing if missing in FACTS else Against("stage_order", missing)


def _since(case: Case, name: str) -> object:
    """The instant since when a fact or a step holds, or that it does; none = it does not."""
    return FACTS[name].holds(case) if name in FACTS else case.deeds.steps.get(name)


def _too_early(turn: Turn, step: Step) -> Against | None:
    """Not before what it needs, nor before the day after a period that has to run out."""
    since = ((name, _since(turn.case, name)) for name in step.needs)
    early = next((found for name, at in since if (found := precedes(turn, at, name))), None)
    ends = _end_of(turn, step.not_before) if step.not_before else None
    if early or ends is None or local_day(turn.policy.calendar, turn.cause.time) > ends[1]:
        return early
    return Against("not_yet", ends[0], day=ends[1] + timedelta(days=1))


def _end_of(turn: Turn, clock: str) -> tuple[str, date] | None:
    """The period's name and its last day; None = it has not begun."""
    rule = next((rule for rule in turn.policy.rows if rule.id == clock), None)
    if rule is None:  # the bundle that binds the case had no such row
        return None
    if clock == "S13":  # the date in the document governs
        due = turn.case.deeds.order_lapses
    else:
        begun = [at for name in rule.starts_on if (at := noted_at(turn.case, name))]
        due = deadline_of(rule, max(begun), turn.policy.calendar).due if begun else None
    return (rule.stage_zh, closing_day(turn.policy.calendar, due)) if due else None


def noted_at(case: Case, name: str) -> datetime | None:
    """When a step was done; of the verbs, only the service of the decision, from which periods of others run."""
    return case.deeds.served if name == "served" else case.deeds.steps.get(name)


def _which(turn: Turn, step: Step, variant: str) -> Against | None:
    """Where it may start one of several clocks, it says which."""
    begun = [rule for rule in turn.policy.rows if step.id in rule.starts_on and rule.role == "ours"]
    if len(begun) < 2:
        return Against("unknown_variant", step.name_zh) if variant else None
    known = "、".join(f"{rule.variant}（{rule.stage_zh}）" for rule in begun)
    return (
        None if variant in {rule.variant for rule in begun} else Against("unknown_variant", known)
    )


def _dated(turn: Turn, step: Step, due_on: str) -> Against | None:
    if not due_on:
        return None
    if not any(step.id in rule.starts_on for rule in turn.policy.rules):
        return Against("not_dated")
    return None if ahead(turn, due_on) else Against("bad_date", due_on)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of another body or a least wait, `due`: its last instant. None of ours: it is shown and never lapses."""

    rule: ClockRule
    begun_at: datetime
    due_at: datetime


def periods(policy: Policy, case: Case) -> Iterator[Period]:
    """Those that run from a step or from the service of the decision, as long as what ends them is not noted."""
    for rule in policy.others:
        begun = [at for name in rule.starts_on if (at := noted_at(case, name))]
        if rule.role not in ("window", "minimum") or not begun:
            continue
        after = [one.id for one in policy.steps.values() if one.not_before == rule.id]
        if not any(noted_at(case, name) for name in (*rule.stops_on, *after)):
            due = deadline_of(rule, max(begun), policy.calendar).due
            yield Period(rule, max(begun), due)
