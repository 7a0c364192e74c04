"""Order and faults decide nothing.

The promise that holds: given what stands in each topic and the instants the log stamped on it, the order in which
DIFFERENT topics are read, the size of batches, crashes, rebalances and replays change neither the cases, nor any
verdict on a command, nor whether a clock was kept. What may differ: how often a timer spoke, whether a lapse was said
and then withdrawn, a reply clock of a record that leaves its case again, and whether a case whose records went into
another (人工并案) had still heard, open, what its employer's cases had reached.

Where it cannot hold by nature: two records of one matter at the same instant through two channels (whichever is read
first opens the case, so its id differs), and lag longer than the day a command waits for what it depends on. Within
one topic and key order is the order of the log, and commands are decided in it.
"""

import pytest

from tests.simulation.fleet import CALM, Weather
from tests.simulation.outcome import differences, outcome
from tests.simulation.world import World, apart, script_of

CHUNK = 10
SMALL = Weather(batch_max=1)
FAULTS = Weather(crash=0.03, refuse=0.03, rebalance=0.03, lag=0.5, stale=0.3, batch_max=4)
KEPT = (14, 54, 97, 117, 176)
"""54, 97, 117: after a replay old stamps stood behind newer ones, and what followed was dated back."""


def compared(seed: int) -> list[str]:
    script = apart(script_of(seed))
    first = outcome(World(seed, CALM, patient=True, script=script).run())
    found: list[str] = []
    for order, weather in ((1, SMALL), (2, FAULTS)):
        other = World(seed, weather, patient=True, order=order, script=script).run()
        found += differences(first, outcome(other))
    return found


@pytest.mark.parametrize("first", range(0, 40, CHUNK))
def test_one_outcome_whatever_the_order_and_the_faults(first: int) -> None:
    for seed in range(first, first + CHUNK):
        assert compared(seed) == [], f"world {seed}"


@pytest.mark.parametrize("seed", KEPT)
def test_what_was_once_found_stays_found(seed: int) -> None:
    assert compared(seed) == []
