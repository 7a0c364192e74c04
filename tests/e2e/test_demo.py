"""`anxin demo` as a person runs it: the year comes out exactly, also where a service is killed on the way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.runtime.clock import SteppedClock
from tests.support.kafka import until
from tests.support.processes import named, of_home
from tests.support.year import as_the_article_says, as_the_extras_were_meant

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("machine"), pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
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
    as_the_article_says(report["article"])
    as_the_extras_were_meant(report["extras"])
    assert report["fire_lag_p99_s"] > 0
    assert report["not_replayed"]["oversight: patrolled"] == 160
    assert of_home(home) == []


def reached(process: subprocess.Popen, home: Path, month: int) -> bool:
    assert process.poll() is None, "ended before the year did"
    clock = home / "clock"
    return clock.exists() and SteppedClock(clock).now() > datetime(2025, month, 10, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["kafka/pid", "run/runner.pid", "the year under way"])
def test_an_interrupt_leaves_nothing_behind(demo, moment):
    process, home = demo()
    file = home / moment
    until(lambda: file.exists() or reached(process, home, month=1), moment, 300)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 130
    assert of_home(home) == []
    assert not (home / "report.json").exists()
