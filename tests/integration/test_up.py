"""`anxin up` and `anxin down`: everything it started is ready, comes back when killed, and ends; nothing else does."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.broker import LocalBroker, free_port
from services.runtime.runner import Runner, Slot, readyz
from tests.support.kafka import until
from tests.support.processes import named, of_home

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("machine")]
ROOT = Path(__file__).parents[2]
CLI = [sys.executable, "-m", "services.cli"]
READY_S_MAX = 200


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Whatever is left of it in the end is ended."""
    folder = tmp_path / "home"
    folder.mkdir()
    jars = ROOT / ".anxin/jars"
    jars.mkdir(parents=True, exist_ok=True)
    (folder / "jars").symlink_to(jars)
    yield folder
    for pid in of_home(folder):
        os.kill(pid, signal.SIGKILL)


def env(home: Path, **more: str) -> dict[str, str]:
    return os.environ | {"ANXIN_HOME": str(home), **more}


def anxin(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLI, *arguments], env=env(home), cwd=ROOT, capture_output=True, text=True, check=False
    )


def all_ready(slots: list[Slot]) -> bool:
    return bool(slots) and all(readyz(slot.port) == "" for slot in slots)


def test_two_workers_each_come_back_when_killed_and_end_with_it(kafka, prefix, home):
    given = env(home, ANXIN_KAFKA=kafka.bootstrap, ANXIN_TOPIC_PREFIX=prefix)
    process = subprocess.Popen([*CLI, "up", "--workers", "2"], env=given, cwd=ROOT)
    runner = Runner(home)
    until(lambda: process.poll() is not None or all_ready(runner.slots()), "ready", READY_S_MAX)
    slots = runner.slots()
    assert len(slots) == 8
    before = named(home, "services.router")
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    until(lambda: before[0] not in named(home, "services.router"), "it to be gone")
    until(lambda: len(named(home, "services.router")) == 2, "another one")
    until(lambda: all_ready(slots), "ready again", READY_S_MAX)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 130
    assert of_home(home) == []
    assert kafka.answers()


def test_detached_with_a_broker_of_its_own_until_down(home):
    port = free_port()
    up = anxin(home, "up", "--detach", "--json", "--port", str(port))
    assert up.returncode == 0, up.stderr
    said = json.loads(up.stdout)
    assert said["kafka"] == f"127.0.0.1:{port}"
    assert sorted(said["probes"]) == [
        "desk-0",
        "escalation-0",
        "intake-0",
        "notifier-0",
        "router-0",
    ]
    assert all_ready(Runner(home).slots())
    again = anxin(home, "up", "--detach")
    assert again.returncode == 1
    assert "run already" in again.stderr
    assert all_ready(Runner(home).slots())
    assert json.loads(anxin(home, "down", "--json").stdout) == {"stopped": ["services", "Kafka"]}
    assert of_home(home) == []
    assert json.loads(anxin(home, "down", "--json").stdout) == {"stopped": []}


def test_somebody_elses_broker_is_neither_taken_nor_stopped(kafka, home):
    taken = anxin(home, "up", "--detach", "--port", str(kafka.port))
    assert taken.returncode == 1
    assert "another Kafka answers" in taken.stderr
    assert kafka.answers()
    assert not LocalBroker(home).folder.exists()


def test_more_workers_than_partitions_are_refused_before_anything_starts(home):
    refused = anxin(home, "up", "--workers", "25")
    assert refused.returncode == 1
    assert "1 to 24" in refused.stderr
    assert of_home(home) == []
