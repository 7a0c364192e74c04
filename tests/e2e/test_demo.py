"""`anxin demo` as a person runs it: the year comes out exactly, also where a service is killed on the way."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.event import Reason
from services.runtime.clock import SteppedClock
from tests.support.kafka import until
from tests.support.processes import named, of_home

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("machine"), pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
RUNGS = {
    "R2", "R2_leader", "R3_duty", "R3_head", "R3_brigade", "R4_liaison", "R4_platform", "R4",
    "R4_director", "R5_head", "R6", "R7",
}  # fmt: skip
YEAR = {
    "submissions": 26, "cases_opened": 22, "joined": 4, "declined": 0, "quarantined": 0,
    "closed": 22, "still_open": 0, "recovered_yuan": 150_000, "workers_paid": 26,
    "replies_owed": 24, "replies_confirmed": 24, "breached": 0, "escalated": 0, "refused": 0,
}  # fmt: skip
RUN_S_MAX = 500


@pytest.fixture
def demo(tmp_path: Path) -> Iterator:
    """demo() -> (process, its home). Whatever is left of it in the end is ended."""
    home = tmp_path / "demo"

    def start() -> tuple[subprocess.Popen, Path]:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "demo", "--json", "--home", str(home)],
            cwd=ROOT,
            env=os.environ | {"ANXIN_HOME": str(ROOT / ".anxin")},
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "demo.err").open("wb"),
            text=True,
        )
        started.append(process)
        return process, home

    started: list[subprocess.Popen] = []
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
    for pid in of_home(home):
        os.kill(pid, signal.SIGKILL)


def test_the_year_comes_out_exactly_although_every_service_is_killed_once(demo):
    process, home = demo()
    for month, app in enumerate(("escalation", "intake", "router"), start=2):
        until(lambda month=month: reached(process, home, month), f"month {month}", 400)
        (pid,) = named(home, f"services.{app}")
        os.kill(pid, signal.SIGKILL)
    out, _ = process.communicate(timeout=RUN_S_MAX)
    assert process.returncode == 0
    report = json.loads(out)
    assert report == json.loads((home / "report.json").read_text(encoding="utf-8"))
    article, extras = report["article"], report["extras"]
    assert {name: article[name] for name in YEAR} == YEAR
    units, grids = expected_places()
    assert article["by_unit"] == units
    assert sum(article["by_grid"].values()) == 22
    assert all(article["by_grid"][grid] >= count for grid, count in grids.items())
    _extras(extras)
    assert report["fire_lag_p99_s"] > 0
    assert report["not_replayed"]["oversight: patrolled"] == 160
    assert of_home(home) == []


def expected_places() -> tuple[Counter[str], Counter[str]]:
    """Units, and grids where one is certain, as the scenario's own `expect` says of each opening record."""
    lines = (ROOT / "demo/acceptance-2025.jsonl").read_text(encoding="utf-8").splitlines()
    expect = [one["expect"] for one in map(json.loads, lines) if one["kind"] == "submission"]
    opens = [one for one in expect if one["outcome"] == "opens"]
    return Counter(o["unit"] for o in opens), Counter(o["grid"] for o in opens if "grid" in o)


def reached(process: subprocess.Popen, home: Path, month: int) -> bool:
    assert process.poll() is None, "ended before the year did"
    clock = home / "clock"
    return clock.exists() and SteppedClock(clock).now() > datetime(2025, month, 10, tzinfo=UTC)


def _extras(extras: dict) -> None:
    assert set(extras["escalated_by_rung"]) == RUNGS
    assert extras["breached_by_clock"] == dict.fromkeys(
        ("S01", "S02", "S04", "S06", "S07", "S08", "S09"), 1
    )
    assert extras["breached_hard"] == 1
    assert extras["warned"] > 0
    buried = extras["quarantined_by_reason"]
    assert sum(buried.values()) == extras["quarantined"] == 8
    assert set(buried) <= {reason.value for reason in Reason}
    assert len(buried) == 8
    assert extras["refused_by_reason"] == {"not_signed": 1}
    assert (extras["declined"], extras["returned"], extras["ruled"]) == (2, 2, 1)
    assert (extras["submissions"], extras["amended"], extras["still_open"]) == (8, 1, 0)
    assert extras["replies_owed"] == extras["replies_confirmed"] == 8


@pytest.mark.parametrize("moment", ["kafka/pid", "run/runner.pid", "the year under way"])
def test_an_interrupt_leaves_nothing_behind(demo, moment):
    process, home = demo()
    file = home / moment
    until(lambda: file.exists() or reached(process, home, month=1), moment, 300)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 130
    assert of_home(home) == []
    assert not (home / "report.json").exists()
