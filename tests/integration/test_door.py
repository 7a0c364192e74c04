"""The desk's door on a real Kafka: what is posted becomes a submission; a broker away is 503, and then taken once."""

import base64
import json
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.codec import decode
from schemas.event import Record
from schemas.submissions import SubmissionReceived
from services.kernel.ids import submission_id
from services.runtime import topics
from services.runtime.broker import BROKER_PORTS, LocalBroker, free_port
from services.runtime.runner import readyz
from tests.support.door import RECORD, signed
from tests.support.kafka import Tail, until
from tests.support.processes import ROOT, Process

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
KEY = b"k" * 32
AT = datetime(2026, 11, 16, tzinfo=UTC)


def settings(http: int, probe: int) -> dict[str, str]:
    return {
        "ANXIN_HTTP_PORT": str(http),
        "ANXIN_PROBE_PORT": str(probe),
        "ANXIN_CHANNEL_KEYS": f"12345 {base64.b64encode(KEY).decode()}",
    }


def post(port: int, records: object) -> tuple[int, dict]:
    body, path = json.dumps(records).encode(), "/v1/submissions/12345"
    headers = signed(body, path, key=KEY, at=datetime.now(UTC), nonce=_nonce())  # noqa: TID251
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def _nonce() -> str:
    return secrets.token_urlsafe(24)


def test_what_is_posted_is_a_submission_on_the_topic(kafka, prefix, service):
    http, probe = free_port(), free_port()
    service("services.intake")
    desk = service("services.desk", **settings(http, probe))
    until(lambda: readyz(probe) == "", "the desk to be ready")
    rows = [RECORD | {"order_no": f"HTTP{n}"} for n in range(20)]
    for _ in range(2):
        status, said = post(http, rows)
        assert status == 202, said
    wanted = [str(submission_id("12345", f"HTTP{n}")) for n in range(20)]
    assert [one["submission_id"] for one in said["submissions"]] == wanted
    inbound, tail = (
        Tail(kafka.bootstrap, prefix, name) for name in ("inbound-12345", "submissions")
    )
    assert len(inbound.all()) == 40

    def received() -> list[SubmissionReceived]:
        """Of all that intake says on that topic: a case that it opens is noted there, too."""
        found = [
            decode(Record("submissions", 0, 0, AT, r.key, r.value, tuple(r.headers)))
            for r in tail.all()
        ]
        return [one.data for one in found if isinstance(one.data, SubmissionReceived)]

    until(lambda: len(received()) >= 20, "the submissions")
    assert sorted(str(one.submission.submission_id) for one in received()) == sorted(wanted)
    assert desk.stop() == 0


@pytest.fixture
def own(tmp_path: Path):
    """A broker that may be stopped."""
    broker = LocalBroker(tmp_path / "kafka", free_port(BROKER_PORTS), jars_home=ROOT / ".anxin")
    yield broker
    broker.stop()


def test_a_broker_away_is_said_and_nothing_is_sent_late(own, tmp_path):
    http, probe = free_port(), free_port()
    env = os.environ | settings(http, probe)
    env |= {"ANXIN_KAFKA": own.bootstrap, "ANXIN_HOME": str(tmp_path / "home")}
    desk = Process("services.desk", env, tmp_path / "desk.log")
    try:
        _away_then_there(own, http, probe)
        assert desk.stop() == 0
    finally:
        desk.process.kill()


def _away_then_there(own: LocalBroker, http: int, probe: int) -> None:
    def status(order: str) -> Callable[[], int]:
        return lambda: post(http, RECORD | {"order_no": order})[0]

    until(lambda: _alive(probe), "the desk to live")
    assert readyz(probe) != ""
    assert status("BEFORE")() == 503
    own.start()
    topics.ensure(own.bootstrap, "")
    until(lambda: readyz(probe) == "", "the desk to be ready")
    assert status("FIRST")() == 202
    own.stop()
    assert status("AWAY")() == 503
    own.start()
    until(lambda: status("AGAIN")() == 202, "it to be taken again")
    numbers = [record.key for record in Tail(own.bootstrap, "", "inbound-12345").all()]
    assert set(numbers) == {b"FIRST", b"AGAIN"}


def _alive(probe: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{probe}/livez", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
