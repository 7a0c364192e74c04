"""What the engine counts: zeros at start, every record once, moved ones where they arrive."""

import asyncio
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry

from schemas.actions import Actor, Comment
from schemas.codec import encode
from schemas.event import Event, Record
from schemas.topics import PARTITIONS
from services.kernel.ids import derived_id
from services.kernel.step import Step
from services.runtime.metrics import EngineMetrics
from services.runtime.policy_files import policy_hash
from services.runtime.rows import Rows
from services.runtime.settle import Settler, partition_of
from services.runtime.timers import Timers
from tests.support.echo import ECHO, Count

ROOT = Path(__file__).parents[4]
AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
CASE = UUID(int=1)
HOME = partition_of(str(CASE), PARTITIONS)
ONCE = replace(ECHO, repeats=True, decide=lambda row, _i, _n: Step(row or Count()))
"""Remembers the first, says nothing: everything after it is the same again."""


async def confirm(_messages, _stamp):
    return None


def record(number: int, partition: int = HOME) -> Record:
    data = Comment(district="420704", case_id=CASE, actor=Actor(post="centre_duty"))
    event = Event(derived_id(CASE, "c", number), "urn:test", AT, str(CASE), data)
    headers, value = encode(event)
    return Record("actions", partition, number, AT, str(CASE).encode(), value, tuple(headers))


def counted(stage, *records: Record):
    registry = CollectorRegistry()
    metrics = EngineMetrics(registry, "test")
    metrics.zero({stage.name: stage.inputs})
    settler = Settler("escalation", stage, PARTITIONS, confirm, metrics)
    asyncio.run(settler.settle(Rows(), Timers(), records))
    return lambda name, **labels: registry.get_sample_value(name, {"channel": "actions"} | labels)


def test_what_arrives_is_counted_once_with_its_duplicates_and_its_bad_records():
    bad = replace(record(3), value=b"{")
    value = counted(ECHO, record(1), record(1), record(2), bad)
    assert value("anxin_events_received_total") == 4
    assert value("anxin_duplicates_total", kind="id") == 1
    assert value("anxin_duplicates_total", kind="content") == 0
    assert value("anxin_events_quarantined_total", reason="bad_json") == 1
    assert value("anxin_events_quarantined_total", reason="empty") == 0


def test_the_same_content_under_another_id_is_a_duplicate_where_the_stage_says_so():
    assert counted(ONCE, record(1), record(2))("anxin_duplicates_total", kind="content") == 1
    silent = replace(ONCE, repeats=False)
    assert counted(silent, record(1), record(2))("anxin_duplicates_total", kind="content") == 0


def test_a_record_sent_on_to_its_own_partition_is_counted_there():
    value = counted(ECHO, record(1, (HOME + 1) % PARTITIONS))
    assert value("anxin_events_received_total") == 0


def test_the_policy_hash_follows_names_and_contents(tmp_path):
    (tmp_path / "a.csv").write_text("1")
    first = policy_hash(tmp_path)
    assert first == policy_hash(tmp_path) < 2**48
    (tmp_path / "a.csv").write_text("2")
    second = policy_hash(tmp_path)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    assert len({first, second, policy_hash(tmp_path)}) == 3


def test_the_version_told_is_of_the_project():
    registry = CollectorRegistry()
    EngineMetrics(registry, "test")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    labels = {"service": "test", "version": version["version"]}
    assert registry.get_sample_value("anxin_build_info", labels) == 1
