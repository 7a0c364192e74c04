"""Clocks of a world, judged from the log alone: said once, in order, and by the instants of the deeds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from schemas import escalations as e
from tests.simulation.facts import Facts

LEGAL_ENDS = {
    "accepted", "refused", "closed", "investigation_ended", "decided", "served", "refer_decided",
    "referred", "review_asked", "evidence_handled", "enforcement_requested", "decision_obeyed",
    "reconsideration_asked", "suit_filed", "petition_answered", "petition_settled", "advice_answered",
}  # fmt: skip
"""What may stop a hard clock: no comment, amendment, return or routing does."""
Key = tuple[UUID, str, str]


@dataclass
class Run:
    """One run of a clock: from its start to its stop or the end of the world. `due`: as last said.

    `counted`: from when to when, without pauses and extensions. `before`: warnings said when it was last counted anew.
    """

    started: e.ClockStarted
    counted: tuple[datetime, datetime]
    due: datetime
    to_warn: list[datetime]
    standing: set[str] = field(default_factory=set)
    capped: set[str] = field(default_factory=set)
    warned: list[datetime] = field(default_factory=list)
    breached: int = 0
    before: int = 0
    levels: list[int] = field(default_factory=list)
    stopped: e.ClockStopped | None = None


def runs_of(facts: Facts) -> tuple[dict[Key, list[Run]], list[str]]:
    """All runs by case, clock and source; and what fits none."""
    runs: dict[Key, list[Run]] = defaultdict(list)
    wrong: list[str] = []
    for told in facts.of_case.values():
        for event, record in told:
            data = event.data
            if isinstance(data, e.ClockFact):
                wrong += _add(runs[data.case_id, data.clock, data.source], data)
            if isinstance(data, e.DeadlineWarned) and record.timestamp < data.warn_at:
                wrong.append(f"{data.clock} of {data.case_id}: warned before the instant")
            if isinstance(data, e.DeadlineBreached) and record.timestamp < data.due_at:
                wrong.append(f"{data.clock} of {data.case_id}: lapsed before the instant")
    return runs, wrong


def _add(runs: list[Run], data: e.ClockFact) -> list[str]:
    now = runs[-1] if runs and runs[-1].stopped is None else None
    if isinstance(data, e.ClockStarted):
        counted = data.started_at, data.due_at
        runs.append(Run(data, counted, data.due_at, list(data.warn_at)))
        return [f"{data.clock} {data.source} of {data.case_id} started twice"] if now else []
    if now is None:
        return [f"{data.TYPE} of {data.clock} {data.source}, which does not run, in {data.case_id}"]
    return [f"{data.clock} of {data.case_id}: {text}" for text in _told(now, data)]


def _told(now: Run, data: e.ClockFact) -> Iterator[str]:
    """One fact of a running clock; only a pause's end, an extension and another first record move its due instant.

    Never back, unless a person says that a pause which its cap had ended was over before, or an older record joined.
    """
    moves = isinstance(data, e.ClockResumed | e.ClockExtended | e.ClockRecomputed)
    before = getattr(data, "old_due_at", data.due_at)  # type: ignore[attr-defined]
    if before != now.due and not isinstance(data, e.ClockResumed):
        yield "the due instant moved"
    speaks = isinstance(data, e.DeadlineWarned | e.DeadlineBreached | e.CaseEscalated)
    if speaks and now.standing:
        yield f"{data.TYPE} while it stands still"
    back = isinstance(data, e.ClockResumed) and data.why == "person" and data.ground in now.capped
    if isinstance(data, e.ClockRecomputed) and data.started_at:
        back = data.started_at < now.counted[0]
        now.counted, now.before = (data.started_at, data.due_at), len(now.warned)
    _note(now, data)
    if moves and data.due_at < now.due and not back:  # type: ignore[attr-defined]
        yield f"its end went back from {now.due}"
    if moves:
        now.due, now.to_warn = data.due_at, [*now.warned, *data.warn_at]  # type: ignore[attr-defined]
    if getattr(data, "breach_withdrawn", False) and not isinstance(data, e.ClockStopped):
        now.breached, now.levels = 0, []


def _note(now: Run, data: e.ClockFact) -> None:
    match data:
        case e.ClockPaused():
            now.standing.add(data.ground)
        case e.ClockResumed():
            now.standing.discard(data.ground)
            (now.capped.add if data.why == "cap" else now.capped.discard)(data.ground)
        case e.DeadlineWarned():
            now.warned.append(data.warn_at)
        case e.DeadlineBreached():
            now.breached += 1
        case e.CaseEscalated():
            now.levels.append(data.level)
        case e.ClockStopped():
            now.stopped = data


def clocks(facts: Facts) -> Iterator[str]:
    """Every lapse said once, no rung skipped, kept or not by the instants."""
    runs, wrong = runs_of(facts)
    yield from wrong
    end = facts.world.script.end
    for (case, clock, source), all_runs in runs.items():
        for run in all_runs:
            name = f"{clock} {source} of {case} from {run.started.started_at}"
            yield from (f"{name}: {text}" for text in _judged(run, end))


def _judged(run: Run, end: datetime) -> Iterator[str]:
    due, stopped, stands = run.due, run.stopped, bool(run.standing)
    lapsed = not stands and (due <= end if stopped is None else stopped.stopped_at > due)
    if run.breached > 1 or (lapsed and not run.breached):
        when = stopped.stopped_at if stopped else "never"
        yield f"due {due}, stopped {when}, breached {run.breached} times"
    if stopped is None and lapsed and run.warned != run.to_warn:
        yield f"warned {run.warned} of {run.to_warn}"
    yield from _in_order(run)
    if run.started.hard and stopped is not None and stopped.why not in LEGAL_ENDS:
        yield f"a legal clock stopped by {stopped.why}"
    if stopped is not None and stopped.kept != (stands or stopped.stopped_at <= due):
        yield f"kept {stopped.kept}"
    if stopped is not None and stopped.breach_withdrawn != (stopped.kept and run.breached > 0):
        yield f"withdrawn {stopped.breach_withdrawn}"


def _in_order(run: Run) -> Iterator[str]:
    said, anew = run.warned[: run.before], run.warned[run.before :]
    if said != sorted(set(said)) or anew != sorted(set(anew)):
        yield f"warned {run.warned}"
    steps = sorted(set(run.levels))
    if run.levels != sorted(run.levels) or steps != list(range(1, len(steps) + 1)):
        yield f"levels {run.levels}"
    if bool(run.levels) != bool(run.breached):
        yield f"breached {run.breached} times and told {run.levels}"
