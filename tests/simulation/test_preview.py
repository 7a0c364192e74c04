"""Previewing the policy that is in force moves nothing: no clock of no row that any world ever wrote."""

from services.escalation.core.preview import judged
from services.escalation.core.state import Case
from services.runtime.case_reader import CHANGELOG
from services.runtime.rows import decode_row
from tests.simulation.world import world_of
from tests.support.story import policy

WORLDS = range(60, 90)
"""Several of them have clocks that stood still."""


def test_the_policy_in_force_moves_no_clock_of_any_world() -> None:
    clocks = paused = 0
    for seed in WORLDS:
        world = world_of(seed).run()
        for record in world.log.of(CHANGELOG):
            case = decode_row(record.value, Case).state if record.value else None
            if case is None:
                continue
            found = judged(policy(), policy(), case, world.log.now)
            assert [one for one in found if one.moves != "same"] == [], f"world {seed}"
            clocks += len(found)
            paused += sum(bool(clock.pauses) for clock in case.clocks)
    assert clocks > 1000
    assert paused
