"""The adapter of docs/adapters.md, run as its reader runs it, on a real Kafka."""

import os
import subprocess
import sys

import pytest

from schemas.actions import Replied
from schemas.codec import decode
from schemas.escalations import ReplyConfirmed
from schemas.event import Record
from services.intake.adapter import adapter
from services.intake.core.certify import Origin
from services.runtime.settings import Settings
from tests.support.kafka import Tail, until
from tests.support.processes import ROOT
from tests.unit.services.cli.test_adapters_page import block

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
WAGES, NOISE = "EZ20250828000452", "EZ20250828000453"


def of(model, tail: Tail) -> list:
    found = [decode(Record("t", 0, 0, None, r.key, r.value, tuple(r.headers))) for r in tail.all()]
    return [event.data for event in found if isinstance(event.data, model)]


def test_the_adapter_of_the_page_sends_and_brings_answers_back_once(
    kafka, prefix, service, tmp_path
):
    for name in ("intake", "router", "escalation"):
        service(f"services.{name}")
    script = tmp_path / "adapter_12345.py"
    script.write_text(block("python"), encoding="utf-8")
    env = os.environ | {
        "ANXIN_KAFKA": kafka.bootstrap,
        "ANXIN_TOPIC_PREFIX": prefix,
        "ANXIN_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
    }

    def run() -> list[str]:
        done = subprocess.run(
            [sys.executable, str(script)],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return [" ".join(line.split()) for line in done.stdout.splitlines()]

    replies, told = (Tail(kafka.bootstrap, prefix, name) for name in ("replies", "escalations"))
    first = run()
    assert first[:2] == [f"{WAGES} sent", f"{NOISE} sent"]
    until(lambda: len(replies.read()) == 1, "the answer to the noise")
    if not first[2:]:  # slow machine: the answer came after five seconds of silence
        first += run()[2:]
    [answer] = first[2:]
    assert answer.startswith(f"answer {NOISE} 非欠薪")
    until(lambda: of(ReplyConfirmed, told), "the receipt to be taken")
    assert run() == [f"{WAGES} sent", f"{NOISE} sent"]
    [said] = of(Replied, Tail(kafka.bootstrap, prefix, "actions"))
    assert (said.external_no, said.receipt_no) == (NOISE, f"R-{NOISE}")

    # an adapter that dies over an answer gets it again; another system of the channel has a position of its own
    settings = Settings(kafka=kafka.bootstrap, topic_prefix=prefix, home=tmp_path / "home")
    for _ in range(2):
        with adapter(Origin("12345", system="other"), settings) as door:
            assert next(door.owed(idle_s_max=30)).data.external_no == NOISE
    with adapter(Origin("12345", system="other"), settings) as door:
        assert len(list(door.owed(idle_s_max=5))) == 1
        assert list(door.owed(idle_s_max=1)) == []
    with adapter(Origin("window"), settings) as door:
        assert list(door.owed(idle_s_max=5)) == []
