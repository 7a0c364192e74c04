from uuid import UUID

from prometheus_client import CollectorRegistry

from schemas.codec import encode
from schemas.event import Out, Record
from services.intake.app import stages
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
