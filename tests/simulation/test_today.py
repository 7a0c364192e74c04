"""The living day of `make demo KEEP=1`, over the simulated fleet: the board it leaves shows every state there is."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.cases import CaseDeclined, SubmissionJoined
from schemas.codec import decode
from schemas.employers import GroupClaimRaised
from schemas.escalations import ActionRefused, CaseEscalated
from services.demo.core.scenario import roster_of
from services.demo.replay import Replay, read_today
from services.desk.core.fold import View
from services.desk.store import Store
from services.desk.tables import CASES, TOPICS
from services.runtime.policy_files import table
from services.runtime.settings import Settings
from tests.simulation.fleet import CALM
from tests.simulation.paper import Paper
from tests.support.story import local

WORKDAY = local("2026-11-26 15:40")
ANY_HOUR = ("2026-11-26 00:10", "2026-10-04 12:00")


def replayed(now: datetime, folder: Path) -> Paper:
    scenario = read_today(Settings(), now)
    paper = Paper(scenario.moments[0].at, CALM, folder)
    roster = roster_of(table(paper.settings.policies / "roster.csv"))
    Replay(paper.settings, paper, paper, roster, lambda _: None).run(scenario.moments, now)
    assert paper.log.now <= now
    return paper


def views(paper: Paper) -> list[View]:
    store = Store("sqlite://")
    store.apply([one for one in paper.log.records() if one.topic in TOPICS])
    with store.engine.connect() as link:
        return [View.model_validate_json(r.view) for r in link.execute(select(CASES))]


def test_a_working_day_shows_every_state(tmp_path: Path):
    paper = replayed(WORKDAY, tmp_path)
    found = views(paper)
    states = Counter(one.state for one in found)
    assert states["signed"] > states["assigned"] > states["filed"] > 0
    assert states["accepted"] > 3
    assert states["closed"] > 10
    late = [v for v in found if v.state != "closed" and any(c.breached for c in v.clocks)]
    assert 8 < len(late) < len(found) / 3
    assert sum(one.returns for one in found) >= 4
    assert sum(one.urgent for one in found) >= 4
    assert len(paper.log.of("quarantine")) == 2
    said = [
        decode(r).data
        for t in ("cases", "routings", "escalations", "claims")
        for r in paper.log.of(t)
    ]
    kinds = Counter(type(one) for one in said)
    assert kinds[SubmissionJoined] == 4
    assert kinds[CaseDeclined] == 2
    assert kinds[GroupClaimRaised] >= 3
    assert kinds[CaseEscalated] > 10
    assert kinds[ActionRefused] == 0
    grids = Counter(v.owner.grid for v in found if v.owner and v.state != "closed")
    assert len(grids) > 40
    assert max(grids.values()) >= 3


@pytest.mark.parametrize("hour", ANY_HOUR)
def test_at_any_hour_somebody_has_something_to_do(hour: str, tmp_path: Path):
    found = views(replayed(local(hour), tmp_path))
    assert sum(one.state in ("assigned", "signed") for one in found) > 30


def test_it_is_the_same_for_the_same_now_and_holds_nothing_to_come():
    first, again = read_today(Settings(), WORKDAY), read_today(Settings(), WORKDAY)
    assert first == again
    ats = [one.at for one in first.moments]
    assert ats == sorted(ats)
    assert WORKDAY - timedelta(days=13) < ats[0]
    assert ats[-1] <= WORKDAY
