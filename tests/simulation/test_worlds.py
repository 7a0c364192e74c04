"""Seeded worlds, whole: three services under crashes, rebalances, refused sends, stale timers and any order.

SIMULATION_WORLDS=<n> runs more of them (default 10 000).
"""

import os
from pathlib import Path

import pytest

from schemas.escalations import ClockStarted, SubmissionDetached
from tests.simulation.facts import facts_of
from tests.simulation.invariants import broken
from tests.simulation.world import HARD, World, world_of

WORLDS = int(os.environ.get("SIMULATION_WORLDS", "10000"))
CHUNK = 50
KEPT = [
    line.split()[:2]
    for line in (Path(__file__).parent / "seeds.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("first", range(0, WORLDS, CHUNK))
def test_worlds_are_well(first: int) -> None:
    for seed in range(first, min(first + CHUNK, WORLDS)):
        assert broken(world_of(seed).run()) == [], f"world {seed}"


@pytest.mark.parametrize(("seed", "weather"), KEPT)
def test_what_was_once_found_stays_found(seed: str, weather: str) -> None:
    one = World(int(seed), HARD, patient=False) if weather == "hard" else world_of(int(seed))
    assert broken(one.run()) == []


def test_a_world_runs_the_same_every_time() -> None:
    logs = [World(7, HARD, patient=False).run().log.partitions for _ in range(2)]
    assert logs[0] == logs[1]


def test_the_worlds_hold_what_they_are_meant_to_hold() -> None:
    """A simulation in which nothing happens proves nothing."""
    worlds = [world_of(seed).run() for seed in range(200)]
    kinds = {
        next(raw for name, raw in record.headers if name == "ce_type").decode()
        for world in worlds
        for topic in ("submissions", "cases", "routings", "escalations")
        for record in world.log.of(topic)
    }
    wanted = {
        "submission.amended", "submission.joined", "submission.split", "submission.detached",
        "case.declined", "case.closed", "case.reopened", "case.escalated", "clock.stopped",
        "clock.paused", "clock.resumed", "clock.extended", "clock.recomputed",
        "deadline.warned", "deadline.breached", "assignment.returned", "action.refused",
        "reply.confirmed", "matter.closed", "matter.split",
    }  # fmt: skip
    assert wanted <= {kind.removeprefix("cn.anxin.").removesuffix(".v1") for kind in kinds}
    begun = {
        event.data.clock
        for world in worlds
        for event in facts_of(world).kind("escalations", ClockStarted)
    }
    assert {"S13", "S17", "S18", "L03", "L04", "L11", "L13"} <= begun
    gone = [
        event.data.why
        for world in worlds
        for event in facts_of(world).kind("escalations", SubmissionDetached)
    ]
    assert gone.count("joined") > 10
    assert sum(world.fleet.faults for world in worlds) > 100
    assert any(world.log.of("quarantine") for world in worlds)
