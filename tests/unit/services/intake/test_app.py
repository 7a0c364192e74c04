import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from prometheus_client import CollectorRegistry

from schemas.codec import encode
from schemas.escalations import CaseClosed
from schemas.event import Out, Record
from schemas.topics import PARTITIONS
from services.intake.app import stages
from services.runtime.metrics import EngineMetrics
from services.runtime.rows import Rows
from services.runtime.settle import Settler, partition_of
from services.runtime.timers import Timers
from tests.support.events import event_of, examples
from tests.support.intake import KEY, NOW, call, policy, record


def as_record(out: Out) -> Record:
    headers, value = encode(out.event)
    return Record(out.topic, 0, 0, NOW, out.key.encode(), value, tuple(headers))


def test_one_record_through_the_wiring() -> None:
    registry = CollectorRegistry()
    receive, recognise, rekey = stages(policy(), lambda ids: dict.fromkeys(ids, KEY), registry)
    item = receive.decode(record("12345", call("某店欠薪")))
    assert (item.key, item.row) == ("EZ1", "12345/EZ1")
    assert receive.enrich is not None
    (keyed,) = receive.enrich([item])
    step = receive.decide(None, keyed, NOW)
    receive.observe(None, step.state, keyed, step.events, NOW)
    told = recognise.decode(as_record(step.events[0]))
    assert told.key == step.events[0].key
    after = recognise.decide(None, told, NOW)
    recognise.observe(None, after.state, told, after.events, NOW)
    case = rekey.decode(as_record(after.events[0]))
    assert rekey.decide(None, case, NOW).events == ()
    assert UUID(case.key)
    channel = {"channel": "12345"}
    last = registry.get_sample_value("anxin_channel_last_event_timestamp_seconds", channel)
    assert last == NOW.timestamp()
    assert registry.get_sample_value("anxin_event_age_seconds_sum", channel) == 3600
    assert registry.get_sample_value("anxin_intake_matters_total", {"outcome": "opened"}) == 1


def test_a_record_sent_again_unchanged_is_counted_as_a_duplicate_of_its_channel() -> None:
    registry = CollectorRegistry()
    receive = stages(policy(), lambda ids: dict.fromkeys(ids, KEY), registry)[0]

    async def confirm(*_: object) -> None:
        return None

    metrics = EngineMetrics(registry, "intake")
    metrics.zero({receive.name: receive.inputs})
    settler = Settler("intake", receive, PARTITIONS, confirm, metrics)
    home = partition_of("EZ1", PARTITIONS)
    sent = [
        record("12345", call(text), ce_id=number)
        for number, text in (
            ("d1", "某店欠薪"),
            ("d2", "某店欠薪"),
            ("d3", "某店欠薪八千元"),
            ("d3", "某店欠薪八千元"),
        )
    ]
    records = [replace(one, partition=home, offset=n) for n, one in enumerate(sent)]
    asyncio.run(settler.settle(Rows(), Timers(), records))

    def counted(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"channel": "12345"} | labels)

    assert counted("anxin_events_received_total") == 4
    assert counted("anxin_duplicates_total", kind="content") == 1
    assert counted("anxin_duplicates_total", kind="id") == 1
    assert counted("anxin_event_age_seconds_count") == 3


def test_a_fact_that_stands_twice_on_the_log_is_told_twice_alike() -> None:
    rekey = stages(policy(), lambda ids: dict.fromkeys(ids, KEY), CollectorRegistry())[2]
    closed = next(one for one in examples() if isinstance(one, CaseClosed))
    fact = as_record(Out("escalations", str(closed.case_id), event_of(closed)))
    copy = replace(fact, offset=1, timestamp=NOW + timedelta(hours=1))
    told = [rekey.decide(None, rekey.decode(one), one.timestamp).events for one in (fact, copy)]
    assert told[0]
    assert told[0] == told[1]
