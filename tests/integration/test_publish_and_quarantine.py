"""A file to cases; a broken record to quarantine, repaired, redriven, a case after all. On a real Kafka."""

import json
import os
import signal
from datetime import UTC, datetime
from uuid import UUID

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from typer.testing import CliRunner

from schemas.actions import Replied
from schemas.audit import QuarantineRedriven
from schemas.codec import decode
from schemas.escalations import ReplyOwed
from schemas.event import Event, Out, Record
from schemas.topics import INBOUND, PARTITIONS
from services.cli.__main__ import app
from services.intake.adapter import adapter
from services.intake.core.certify import Origin
from services.runtime import publish, quarantine_desk, topics
from services.runtime.message import Message
from services.runtime.publish import NotNow, Publisher
from services.runtime.settings import Settings
from services.runtime.settle import partition_of
from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
RUN = CliRunner()
HEAD = ["工单编号", "内容", "联系号码", "受理时间"]
CASE = UUID(int=7)
SEEN = ("--by", "centre-duty", "--reason", "修复无法处理的来件")
WORDS = "市民反映樊口街道某生鲜超市拖欠工资一万八"


@pytest.fixture
def anxin(kafka, prefix, monkeypatch):
    """anxin(*words) -> (exit code, what `--json` said or else standard error)"""
    monkeypatch.setenv("ANXIN_KAFKA", kafka.bootstrap)
    monkeypatch.setenv("ANXIN_TOPIC_PREFIX", prefix)

    def run(*words: str) -> tuple[int, object]:
        done = RUN.invoke(app, [*words, "--json"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr

    return run


def csv_file(path, *rows):
    path.write_bytes("\r\n".join(",".join(row) for row in (HEAD, *rows)).encode("gb18030"))
    return str(path)


def row(number: str, words: str = WORDS, at: str = "2025/8/28 9:05") -> list[str]:
    return [number, words, f"1380000{number[-4:]}", at]


def numbers(tail: Tail) -> set[str]:
    """External numbers of the cases that were opened."""
    return {
        json.loads(record.value)["submission"]["external_no"]
        for record in tail.read()
        if b"case.opened" in dict(record.headers)["ce_type"]
    }


def settled(kafka, prefix: str) -> bool:
    """Intake has acknowledged everything that lies in the inbound topics."""
    parts = [TopicPartition(prefix + name, n) for name in INBOUND for n in range(PARTITIONS)]
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap)
    try:
        ends = consumer.end_offsets(parts)
        group = prefix + "intake"
        done = admin.list_group_offsets(group)[group]
        return all(not end or _offset(done, part) >= end for part, end in ends.items())
    finally:
        consumer.close()
        admin.close()


def _offset(done, part) -> int:
    found = done.get(part)
    return found.offset if found else 0


def test_a_file_becomes_cases_and_sent_twice_it_changes_nothing(
    anxin, kafka, prefix, service, tmp_path
):
    service("services.intake")
    bad = [row("", WORDS), row("EZ0004", at="2999/1/1")]
    path = csv_file(tmp_path / "a.csv", row("EZ0001"), bad[0], row("EZ0003"), bad[1])
    code, said = anxin("publish", "12345", path)
    assert code == 1
    assert (said["total"], said["sent"], said["refused"]) == (4, 2, 2)
    refused = [(one["row"], one["field"]) for one in said["rows"] if one["status"] == "refused"]
    assert refused == [(3, "order_no"), (5, "accepted_at")]
    cases, inbound = (Tail(kafka.bootstrap, prefix, name) for name in ("cases", "inbound-12345"))
    until(lambda: numbers(cases) == {"EZ0001", "EZ0003"}, "two cases")
    assert anxin("publish", "12345", path)[1]["sent"] == 2
    until(lambda: settled(kafka, prefix), "the second sending to be acknowledged")
    assert len(inbound.all()) == 4
    assert len(set(inbound.ids())) == 2
    assert len(cases.all()) == 2
    assert Tail(kafka.bootstrap, prefix, "quarantine").all() == []
    for record in inbound.records:
        assert partition_of(record.key.decode(), PARTITIONS) == record.partition


def broken(number: str, **wrong: bytes) -> tuple[bytes, bytes, list]:
    """What an adapter without our SDK sends: GB18030 bytes, unless something else is wrong."""
    raw = dict(zip(HEAD, row(number), strict=True))
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": b"their-" + number.encode(),
        "ce_source": b"urn:anxin:channel:12345:theirs",
        "ce_type": b"cn.anxin.inbound.12345.v1",
        "ce_time": b"2025-08-28T01:05:00Z",
        "content-type": b"application/json",
    }
    encoding = "utf-8" if wrong else "gb18030"
    value = json.dumps(raw, ensure_ascii=False).encode(encoding)
    return number.encode(), value, list((headers | wrong).items())


def listed(anxin, *words: str) -> list[dict]:
    code, said = anxin("quarantine", "list", *words)
    assert code == 0
    return said["records"]


def test_a_broken_record_is_found_repaired_redriven_and_becomes_a_case(
    anxin, kafka, prefix, service, tmp_path
):
    service("services.intake")
    cases, inbound = (Tail(kafka.bootstrap, prefix, name) for name in ("cases", "inbound-12345"))
    send(kafka.bootstrap, prefix + "inbound-12345", [broken("EZ0007")])
    until(lambda: len(listed(anxin)) == 1, "the record in quarantine")
    [found] = listed(anxin, "--topic", "inbound-12345", "--reason", "bad_encoding", "--open")
    assert listed(anxin, "--reason", "bad_time") == listed(anxin, "--topic", "cases") == []
    position, original = found["position"], tmp_path / "original"
    code, shown = anxin("quarantine", "show", position, "--out", str(original), *SEEN)
    assert code == 0
    assert (shown["encoding"], shown["key"]) == ("hex", "EZ0007")
    assert original.read_bytes() == broken("EZ0007")[1] == bytes.fromhex(shown["value"])

    fixed = tmp_path / "fixed"
    fixed.write_bytes(original.read_bytes().decode("gb18030").encode())
    code, said = anxin("quarantine", "redrive", position, "--value", str(fixed), *SEEN)
    assert code == 0
    until(lambda: numbers(cases) == {"EZ0007"}, "the case")
    again = next(r for r in inbound.all() if f"-{r.partition}-{r.offset}" in said["redriven_to"])
    assert again.key == b"EZ0007"
    assert again.headers == inbound.records[0].headers
    [marked] = listed(anxin)
    assert marked["redriven_at"]
    assert marked["redriven_to"] == said["redriven_to"]
    assert listed(anxin, "--open") == []
    assert anxin("quarantine", "show", position, *SEEN)[1]["value"] == shown["value"]

    code, words = anxin("quarantine", "redrive", position, "--value", str(fixed), *SEEN)
    assert code == 1
    assert "already redriven" in words
    assert len(inbound.all()) == 2
    told = [dict(one.headers)["ce_type"] for one in Tail(kafka.bootstrap, prefix, "audit").all()]
    assert told.count(QuarantineRedriven.TYPE.encode()) == 1


def test_the_plug_pulled_before_the_mark_costs_nothing(anxin, kafka, prefix, service, monkeypatch):
    service("services.intake")
    cases, inbound = (Tail(kafka.bootstrap, prefix, name) for name in ("cases", "inbound-12345"))
    send(kafka.bootstrap, prefix + "inbound-12345", [broken("EZ0008", ce_time=b"yesterday")])
    until(lambda: len(listed(anxin)) == 1, "the record in quarantine")
    position = listed(anxin)[0]["position"]
    repair = ("quarantine", "redrive", position, "--header", "ce_time=2025-08-28T01:05:00Z", *SEEN)

    def plug(*_):
        raise NotNow("pulled")

    with monkeypatch.context() as pulled:
        pulled.setattr(quarantine_desk, "mark", plug)
        assert anxin(*repair)[0] == 70
    assert listed(anxin)[0]["redriven_at"] == ""
    assert anxin(*repair)[0] == 0
    until(lambda: numbers(cases) == {"EZ0008"}, "the case")
    until(lambda: settled(kafka, prefix), "both sendings to be acknowledged")
    assert inbound.all()
    assert inbound.ids() == ["their-EZ0008"] * 3
    assert len(cases.all()) == 1


def test_what_is_redriven_unrepaired_comes_back_as_a_new_position(anxin, kafka, prefix, service):
    service("services.intake")
    send(kafka.bootstrap, prefix + "inbound-12345", [broken("EZ0009")])
    until(lambda: len(listed(anxin)) == 1, "the record in quarantine")
    [first] = listed(anxin)
    code, said = anxin("quarantine", "redrive", first["position"], *SEEN)
    assert code == 0
    until(lambda: len(listed(anxin)) == 2, "it to come back")
    new, old = listed(anxin)
    assert (new["position"], new["redriven_at"]) == (said["redriven_to"], "")
    assert (old["position"], old["redriven_to"]) == (first["position"], said["redriven_to"])


def test_an_unknown_position_and_a_topic_of_nobody_are_said(anxin, kafka, prefix):
    code, words = anxin("quarantine", "redrive", "inbound-12345-0-99", *SEEN)
    assert code == 1
    assert "not in quarantine" in words
    foreign = [("anxin_topic", b"x"), ("anxin_partition", b"0"), ("anxin_offset", b"1")]
    foreign += [("anxin_timestamp_ms", b"0")]
    send(kafka.bootstrap, prefix + "quarantine", [(b"x-0-1", b"v", foreign), (b"y", b"v", [])])
    code, words = anxin("quarantine", "redrive", "x-0-1", *SEEN)
    assert code == 1
    assert "no topic" in words


def reply(number: str, at: datetime) -> ReplyOwed:
    return ReplyOwed(
        district="420704",
        case_id=CASE,
        submission_id=UUID(int=9),
        channel="12345",
        external_no=number,
        conclusion="支付完毕",
        remark_zh="已支付",
        handled_at=at,
    )


def test_an_instant_can_be_given_where_the_world_is_stepped(kafka):
    prefix, at = "publish-stepped-", datetime(2025, 2, 18, 1, 10, tzinfo=UTC)
    topics.ensure(kafka.bootstrap, prefix, stepped=True)
    settings = Settings(kafka=kafka.bootstrap, topic_prefix=prefix)
    raw = dict(zip(HEAD, row("EZ0010", at="2025-02-18 09:05"), strict=True))
    with adapter(Origin("12345", "demo"), settings) as door:
        assert [
            one.status for one in door.publish([raw, raw | {"受理时间": "2025-03-01"}], at)
        ] == [
            "sent",
            "refused",  # ten days ahead of that instant
        ]
        owed = Event(UUID(int=8), "urn:anxin:escalation", at, "EZ0010", reply("EZ0010", at))
        door.publisher.event(Out("replies", "EZ0010", owed), at)
        door.replied(owed, "R1", at)
    found = {}
    for topic in ("inbound-12345", "replies", "actions"):
        [raw] = Tail(kafka.bootstrap, prefix, topic).all()
        assert raw.timestamp == at.timestamp() * 1000
        found[topic] = Record(topic, 0, 0, at, raw.key, raw.value, tuple(raw.headers))
    assert decode(found["replies"]) == owed
    said = decode(found["actions"])
    assert found["actions"].key == str(CASE).encode()
    assert isinstance(said.data, Replied)
    assert (said.data.external_no, said.data.receipt_no, said.time) == ("EZ0010", "R1", at)


def test_a_broker_that_falls_silent_is_said_with_what_it_has(kafka, prefix, monkeypatch):
    monkeypatch.setattr(publish, "DELIVERY_MS_MAX", 2000)
    settings = Settings(kafka=kafka.bootstrap, topic_prefix=prefix)
    with Publisher(settings) as publisher:
        publisher.send(Message("actions", b"k", b"1"))
        os.kill(kafka.pid(), signal.SIGSTOP)  # cheaper than a restart, and as silent
        try:
            with pytest.raises(NotNow, match="does not answer") as caught:
                list(publisher.each((n, Message("actions", b"k", b"2")) for n in range(3)))
        finally:
            os.kill(kafka.pid(), signal.SIGCONT)
    assert caught.value.confirmed == 1
    monkeypatch.setattr(publish, "METADATA_MS_MAX", 500)
    with Publisher(settings) as publisher, pytest.raises(NotNow, match="topics check"):
        publisher.send(Message("nowhere", b"k", b"1"))
