"""Policy on a real Kafka: published by the worker, listed, previewed over its rows, pinned at a take-over."""

import json
import shutil
from datetime import UTC, datetime
from uuid import UUID

import pytest
from typer.testing import CliRunner

from schemas import actions as a
from schemas.codec import encode
from schemas.event import Event
from services.cli.__main__ import app
from services.kernel.ids import derived_id
from services.runtime.policy_bundle import bundle_of
from services.runtime.settings import load_settings
from tests.support.complaints import complaints, inbound
from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
RUN = CliRunner()
COUNT = 12


@pytest.fixture
def anxin(kafka, prefix, monkeypatch):
    """anxin(*words) -> what `--json` said"""
    monkeypatch.setenv("ANXIN_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("ANXIN_TOPIC_PREFIX", prefix)

    def run(*words: str, code: int = 0):
        done = RUN.invoke(app, ["policy", *words, "--json"])
        assert done.exit_code == code, done.stderr
        return json.loads(done.stdout)

    return run


def slower(folder, target):
    """Signing within 8 working hours, and a version of its own."""
    shutil.copytree(folder, target)
    clocks = target / "clocks.csv"
    text = clocks.read_text(encoding="utf-8")
    assert "other case,wh,4," in text
    clocks.write_text(text.replace("other case,wh,4,", "other case,wh,8,"), encoding="utf-8")
    manifest = target / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("2025.1", "2025.1-slower"), encoding="utf-8")
    return target


def comment(case: str, now: datetime):
    actor = a.Actor(post="centre_duty")
    data = a.Comment(district="420704", case_id=UUID(case), actor=actor, note="已阅")
    headers, value = encode(
        Event(derived_id(UUID(case), "test/comment"), "urn:test", now, case, data)
    )
    return case.encode(), value, headers


def taken(facts: Tail) -> int:
    return sum(b"action.taken" in dict(record.headers)["ce_type"] for record in facts.read())


def test_a_case_is_computed_by_its_own_policy_whoever_takes_it_over(
    kafka, prefix, service, anxin, tmp_path
):
    old = load_settings().policies
    new = slower(old, tmp_path / "policies")
    for name in ("services.intake", "services.router"):
        service(name)
    first = service("services.escalation")
    now = datetime.now(UTC)  # noqa: TID251 - the real clock is under test
    for channel, number, raw in complaints(COUNT, 5, now):
        topic, key, value, headers = inbound(channel, number, raw, now)
        send(kafka.bootstrap, prefix + topic, [(key, value, headers)])
    facts = Tail(kafka.bootstrap, prefix, "escalations")

    def made() -> int:
        return sum(b"assignment.made" in dict(r.headers)["ce_type"] for r in facts.read())

    until(lambda: made() >= COUNT - 2, "the cases assigned")
    assert [one["hash"] for one in anxin("list")] == [bundle_of(old).hash]

    said = anxin("preview", str(new))
    moved = {one["clock"] for one in said["moved"]}
    assert moved <= {"S03"}
    assert said["cases"] >= COUNT - 2
    assert anxin("preview", str(old))["moved"] == []

    assert first.stop() == 0
    second = service("services.escalation", "0", ANXIN_POLICIES=str(new))
    until(lambda: len(anxin("list")) == 2, "the new bundle on the topic")
    rows = Tail(kafka.bootstrap, prefix, "escalation-advance-changelog")
    cases = sorted({row["case_id"] for row in rows.rows().values()})
    later = datetime.now(UTC)  # noqa: TID251 - the same
    send(kafka.bootstrap, prefix + "actions", [comment(case, later) for case in cases])
    until(lambda: taken(facts) == len(cases), "the comments taken by the new worker")
    assert {row["policy"] for row in rows.rows().values()} == {bundle_of(old).hash}
    assert second.stop() == 0
