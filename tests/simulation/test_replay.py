"""What `make demo` replays over real processes, replayed over the simulated fleet: the same figures, in any weather."""

from dataclasses import asdict
from pathlib import Path

import pytest

from services.demo.core.scenario import roster_of
from services.demo.replay import Replay, read_scenario
from services.demo.report import tallied
from services.runtime.policy_files import table
from tests.simulation.fleet import CALM, Weather
from tests.simulation.paper import Paper
from tests.simulation.world import HARD
from tests.support.year import as_the_article_says, as_the_extras_were_meant


@pytest.mark.parametrize(("weather", "seed"), [(CALM, 1), (HARD, 2), (HARD, 3), (HARD, 4)])
def test_the_year_and_its_extras_come_out_exactly(tmp_path: Path, weather: Weather, seed: int):
    article, extras = read_scenario("acceptance-2025"), read_scenario("extras")
    paper = Paper(article.moments[0].at, weather, tmp_path, seed)
    roster = roster_of(table(paper.settings.policies / "roster.csv"))
    replay = Replay(paper.settings, paper, paper, roster, lambda _: None)
    replay.run((*article.moments, *extras.moments))
    assert paper.fleet.faults > 10 or weather is CALM
    counted = tallied(paper.log.records(), extras.moments[0].at)
    as_the_article_says(asdict(counted[0]))
    as_the_extras_were_meant(asdict(counted[1]))
