"""Intake and router on a real Kafka: right grid, brigade, decline, one return, an early fact, kill -9 between."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

import pytest

from schemas.cases import CaseDeclined, CaseRouted
from schemas.codec import decode, encode
from schemas.escalations import AssignmentReturned
from schemas.event import Data, Event, Record
from services.kernel.ids import case_id, derived_id, submission_id
from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
MANY = 60
BY_HAND = {"reason": "by_hand", "route_grid": "420704107-G02"}
TEXTS = {
    "R1": "花湖镇金鸡桥社区某超市欠我工资3000元",
    "R2": "泽林镇某工地拖欠木工工资30000元",
    "R3": "葛店开发区某光电公司拖欠工资7200元",
}


def order(number: str, content: str) -> tuple[bytes, bytes, list]:
    raw = {
        "order_no": number,
        "content": content,
        "caller_phone": f"1380000{ord(number[0]) % 10}{int(number[1:]):03d}",
        "accepted_at": "2026-01-05 09:00:00",
        "demand_type": "投诉",
    }
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", number.encode()),
        ("ce_source", b"urn:anxin:channel:12345:test"),
        ("ce_type", b"cn.anxin.inbound.12345.v1"),
        ("ce_time", b"2026-01-05T01:00:00Z"),
        ("content-type", b"application/json"),
    ]
    return number.encode(), json.dumps(raw, ensure_ascii=False).encode(), headers


def case(number: str) -> UUID:
    return case_id(submission_id("12345", number))


def fact(number: str, **fields: object) -> tuple[bytes, bytes, list]:
    """What escalation would say of the case."""
    about = {"reason": "wrong_grid", "returns": 1, "from_grid": "420704107-G02"} | fields
    data = AssignmentReturned(district="420704", case_id=case(number), **about)
    key = str(case(number))
    identity = derived_id(case(number), f"test/{data.reason}")
    headers, value = encode(Event(identity, "urn:anxin:escalation", AT, key, data))
    return key.encode(), value, headers


class Decisions:
    """`routings`, by case and event id; the same id must always carry the same bytes."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.tail = Tail(bootstrap, prefix, "routings")

    def read(self) -> dict[UUID, list[Data]]:
        by_id: dict[UUID, tuple[Event, bytes]] = {}
        for record in self.tail.read():
            headers = tuple(record.headers)
            event = decode(Record("routings", 0, 0, AT, record.key, record.value, headers))
            assert by_id.setdefault(event.id, (event, record.value))[1] == record.value
            assert record.key.decode() == str(event.data.case_id)
        found: dict[UUID, list[Data]] = defaultdict(list)
        for event, _ in by_id.values():
            found[event.data.case_id].append(event.data)
        return found


def test_each_case_is_decided_once_whoever_dies(kafka, prefix, service):
    def give(topic: str, *records: tuple) -> None:
        send(kafka.bootstrap, prefix + topic, records)

    service("services.intake")
    router = service("services.router")
    decisions = Decisions(kafka.bootstrap, prefix)
    early = fact("R4", reason="by_hand", route_grid="420704107-G01")
    give("escalations", early)
    give("inbound-12345", *(order(number, text) for number, text in TEXTS.items()))
    until(lambda: len(decisions.read()) == 3, "three decisions")
    (right,), (site,), (away,) = (decisions.read()[case(number)] for number in TEXTS)
    assert isinstance(right, CaseRouted)
    assert (right.target.grid, right.attempt, right.rule_kind) == ("420704107-G02", 1, "village")
    assert isinstance(site, CaseRouted)
    assert (site.target.post, site.target.unit) == ("brigade_leader", "泽林镇")
    assert isinstance(away, CaseDeclined)
    assert (away.verdict, away.exit) == ("other_district", "exit_other_district")

    router.kill()
    give("escalations", fact("R1", to_grid="420704107-G01"))
    give("inbound-12345", *(order(f"M{n}", f"新庙镇某餐馆{n}号店欠薪") for n in range(MANY)))
    give("inbound-12345", order("R4", "花湖镇金鸡桥社区某饭店欠我工资5000元"))
    for seen in (4, MANY // 2):
        router.start()
        until(lambda least=seen: len(decisions.read()) >= least, f"{seen} decisions")
        router.kill()
    router.start()
    everything = {case(number) for number in (*TEXTS, "R4", *(f"M{n}" for n in range(MANY)))}
    until(lambda: set(decisions.read()) == everything, "every case")
    until(lambda: len(decisions.read()[case("R1")]) == 2, "the return")

    # the same facts again, then one more: in the order of one key, so the third attempt proves the second stood
    give("escalations", fact("R1", to_grid="420704107-G01"), fact("R1", **BY_HAND))
    give("escalations", early, fact("R4", **BY_HAND | {"reason": "by_hand_again"}))
    give("inbound-12345", order("R1", TEXTS["R1"]))
    until(lambda: all(len(decisions.read()[case(one)]) == 3 for one in ("R1", "R4")), "the third")
    found = decisions.read()
    by_attempt = {
        number: {said.attempt: said.target.grid for said in found.pop(case(number))}
        for number in ("R1", "R4")
    }
    moved = {1: "420704107-G02", 2: "420704107-G01", 3: "420704107-G02"}
    assert by_attempt == {"R1": moved, "R4": moved}
    assert {len(said) for said in found.values()} == {1}
    assert len(found) == MANY + 2
    assert Tail(kafka.bootstrap, prefix, "quarantine").all() == []
    assert router.stop() == 0
