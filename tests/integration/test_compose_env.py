"""The compose file's environment blocks, commands and health checks, run as processes on a real Kafka."""

import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.cli import generate_metrics
from services.runtime import topics
from services.runtime.broker import free_port
from tests.support.deploy import OURS, ROOT, command, environment, health
from tests.support.kafka import until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
PREFIX = "compose-"
Start = Callable[..., tuple[subprocess.Popen, Callable[[], bool]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """start(name, kafka, port) -> (process, whether its health check is content)"""
    started: list[subprocess.Popen] = []

    def one(name: str, kafka: str, port: int) -> tuple[subprocess.Popen, Callable[[], bool]]:
        more = {"ANXIN_KAFKA": kafka, "ANXIN_PROBE_PORT": str(port), "ANXIN_TOPIC_PREFIX": PREFIX}
        env = environment(name, tmp_path / name, **more)
        with (tmp_path / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command(name), env=env, cwd=ROOT, stdout=log, stderr=log)
        started.append(process)

        def healthy() -> bool:
            words = health(name, port)
            return subprocess.run(words, env=env, capture_output=True, check=False).returncode == 0

        return process, healthy

    yield one
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
        return page.read().decode()


def test_topics_then_every_service_turns_healthy_and_stops_well(kafka, tmp_path, start):
    more = {"ANXIN_KAFKA": kafka.bootstrap, "ANXIN_TOPIC_PREFIX": PREFIX}
    env = environment("topics", tmp_path / "topics", **more)
    for _ in range(2):  # the second time there is nothing to do
        assert subprocess.run(command("topics"), env=env, cwd=ROOT, check=False).returncode == 0
    assert topics.check(kafka.bootstrap, PREFIX) == []
    known = generate_metrics.names(ROOT / "policies")
    ports = {name: free_port() for name in OURS}
    running = {name: start(name, kafka.bootstrap, port) for name, port in ports.items()}
    for name, (process, healthy) in running.items():
        until(healthy, f"{name} is healthy")
        found = [f.name for f in text_string_to_metric_families(get(ports[name], "/metrics"))]
        told = {name + "_total" if name + "_total" in known else name for name in found}
        assert told <= known
        assert len(told) > (3 if name in ("desk", "notifier") else 12)
        process.terminate()
    assert [process.wait(30) for process, _ in running.values()] == [0] * len(OURS)


@pytest.mark.parametrize("name", OURS)
def test_without_a_broker_it_lives_is_not_ready_and_can_be_stopped(name, start):
    port = free_port()
    process, healthy = start(name, f"127.0.0.1:{free_port()}", port)

    def alive() -> bool:
        try:
            return '"problems": []' in get(port, "/livez")
        except OSError:
            return False

    until(alive, f"{name} lives", 60)
    assert not healthy()
    process.terminate()
    assert process.wait(30) == 0
