"""What a world comes to in the end, without the way it took: equal for every order that keeps the promise."""

from typing import Any

from schemas import escalations as e
from services.escalation.core.state import Case
from tests.simulation.clocks import runs_of
from tests.simulation.facts import Facts, facts_of
from tests.simulation.world import World

WAY = {"fired", "parked", "clocks", "sources"}
"""Of a row: how often its timer spoke, and orders of arrival."""
OF_URGENCY = ("S02", "S03", "S04")
WAY_OF_EMPTIED = WAY | {"groups", "claimed", "urgent"}
"""Of a case whose records went into another: also whether a claim of its group still found it open."""


def outcome(world: World) -> dict[str, Any]:
    """Flat: name -> value."""
    facts = facts_of(world)
    found: dict[str, Any] = {}
    for case in facts.cases.values():
        found |= _case(case)
    found |= _clocks(facts)
    for event in facts.kind("escalations", e.ActionTaken, e.ActionRefused):
        data = event.data
        verdict = "taken" if isinstance(data, e.ActionTaken) else data.reason  # type: ignore[attr-defined]
        found[f"{data.case_id} {data.verb} {data.command_id}"] = verdict  # type: ignore[attr-defined]
    return found


def _case(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"{case.case_id} {name}": value
        for name, value in case
        if name not in (WAY if case.sources else WAY_OF_EMPTIED)
    }
    found[f"{case.case_id} sources"] = sorted(
        (s.name, s.submission.revision, s.submission.content_hash, s.owed, s.replied, s.leaving)
        for s in case.sources
    )
    found[f"{case.case_id} parked"] = sorted(one.id for one in case.parked)
    return found


def _clocks(facts: Facts) -> dict[str, Any]:
    """Of every run: from when to when, and whether it was kept.

    Not whether a lapse was said and withdrawn, nor clocks that left with a record, nor those that began by the
    passing of time and were taken back by what was done before, nor the shorter ones of a claim that an emptied case
    still heard: all of it depends on who came first.
    """
    runs, _ = runs_of(facts)
    found: dict[str, list[tuple[object, ...]]] = {}
    for (case, clock, source), all_runs in runs.items():
        if clock in OF_URGENCY and case in facts.cases and not facts.cases[case].sources:
            continue
        for run in all_runs:
            start, stop = run.started, run.stopped
            if stop is not None and stop.stopped_at <= start.started_at:
                continue
            if stop is None or stop.why != "split":
                end = (stop.stopped_at, stop.kept) if stop else None
                line = (start.variant, *run.counted, str(end))
                found.setdefault(f"{case} {clock} {source} runs", []).append(line)
    return {name: sorted(lines) for name, lines in found.items()}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {one.get(name)} | {other.get(name)}"
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
