"""The article's year: every submission through intake's core and the router, to the place the scenario names."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from services.cli.routed import decided, read
from tests.support import intake, router

SCENARIO = Path(__file__).resolve().parents[4] / "demo" / "acceptance-2025.jsonl"
LINES = [json.loads(line) for line in SCENARIO.read_text(encoding="utf-8").splitlines()]
SENT = [line for line in LINES if line["kind"] == "submission"]


def test_there_are_26():
    assert len(SENT) == 26
    assert sum("grid" in line["expect"] for line in SENT) == 17


@pytest.mark.parametrize("line", SENT, ids=lambda line: line["external_no"])
def test_routed_where_the_scenario_says(line):
    now = datetime.fromisoformat(line["at"])
    submission = read(intake.policy(), line["channel"], line["raw"], now)
    target = decided(router.policy(), submission, "420704", now).target
    expect = line["expect"]
    assert (target.unit, target.village) == (expect["unit"], expect["village"])
    assert target.grid == expect.get("grid", target.grid)
    assert target.grid.startswith(target.unit_code)
    assert target.post == "grid_officer"
