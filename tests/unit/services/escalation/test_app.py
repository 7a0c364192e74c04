"""The wiring: a record through the stage, its timer, its label, its counts."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

from prometheus_client import CollectorRegistry

from schemas.codec import encode
from schemas.event import Record
from schemas.topics import PARTITIONS
from services.escalation.app import INPUTS, stages
from services.escalation.book import Book
from services.escalation.core.state import Case
from services.runtime.clock import ManualClock
from services.runtime.metrics import EngineMetrics
from services.runtime.partitions import Chain, Partition
from services.runtime.rows import Rows, decode_row
from services.runtime.settle import Settler, partition_of
from services.runtime.timers import Timers
from services.runtime.timing import Timing
from tests.support.story import Story, policy


def wired(name: str = "advance"):
    registry, sent = CollectorRegistry(), []
    stage = next(one for one in stages(Book(policy()), registry) if one.name == name)

    async def confirm(messages, _stamp):
        sent.extend(messages)

    engine = EngineMetrics(CollectorRegistry(), "test")
    return Settler("escalation", stage, PARTITIONS, confirm, engine), registry, sent


def record(story: Story, out, offset: int, topic: str) -> Record:
    headers, value = encode(out.event)
    key = str(story.case)
    home = partition_of(key, PARTITIONS)
    now = out.event.time.astimezone(UTC)
    return Record(topic, home, offset, now, key.encode(), value, tuple(headers))


def test_a_row_is_armed_labelled_fired_and_counted():
    settler, registry, sent = wired()
    assert settler.stage.inputs == INPUTS
    rows, timers, story = Rows(), Timers(), Story()
    given = []
    original = story.give

    def keep(data, deed=None, now=None):
        given.append((data, deed or story.now))
        return original(data, deed, now)

    story.give = keep
    story.opened(urgent=True).routed()
    from schemas.event import Event, Out
    from services.kernel.ids import derived_id

    for number, (data, at) in enumerate(given):
        event = Event(derived_id(story.case, "x", number), "urn:test", at, str(story.case), data)
        one = record(story, Out("cases", "", event), number, ("cases", "routings")[number])
        asyncio.run(settler.settle(rows, timers, [one]))
    key = str(story.case)
    assert rows.label[key] == "420704002-G05|assigned|1|0|"
    at = rows.due[key]
    command = settler.command(rows, key, at)
    assert command.topic == "deadlines"
    assert settler.command(rows, key, at) == command  # the same until it is answered
    fired = Record(
        "deadlines", partition_of(key, PARTITIONS), 9,
        datetime.fromtimestamp(at / 1000, UTC), command.key, command.value, command.headers,
    )  # fmt: skip
    asyncio.run(settler.settle(rows, timers, [fired]))
    assert registry.get_sample_value("anxin_deadline_warnings_total", {"clock": "S02"}) == 1
    assert decode_row(rows.raw[key], Case).state.fired == 1
    assert rows.due[key] > at
    assert {m.topic for m in sent} >= {"escalations", "escalation-advance-changelog"}


def test_the_census_tells_open_cases_and_those_without_a_deadline():
    settler, registry, _ = wired()
    from collections import Counter

    settler.stage.census.tell(
        Counter(
            {
                "G1|signed|1|2": 3,
                "G1|accepted|0|0": 1,
                "|closed|0|0": 7,
                "G2|filed|1|0": 1,
                "|unknown|0|0": 5,
            }
        )
    )
    read = registry.get_sample_value
    assert read("anxin_open_cases", {"grid": "G1", "state": "signed"}) == 3
    assert read("anxin_open_cases", {"grid": "", "state": "closed"}) is None
    assert read("anxin_cases_without_deadline") == 1
    assert read("anxin_deadlines_provisional") == 6
    for grid, begun in (("G2", 0), ("", 0), ("G3", None)):
        assert read("anxin_deadlines_breached_total", {"grid": grid, "clock": "L03"}) == begun
    assert (
        read("anxin_calendar_horizon_timestamp_seconds")
        == datetime(2026, 12, 31, 16, tzinfo=UTC).timestamp()
    )


def test_what_a_case_says_of_its_employer_becomes_a_claim_and_is_counted():
    case, _, sent = wired()
    groups, registry, claims = wired("group")
    story, rows = Story(), Rows()
    from schemas.cases import CaseOpened, CaseRouted
    from schemas.event import Event, Out
    from services.kernel.ids import derived_id
    from tests.support.story import target

    base = {"district": "420704", "case_id": story.case}
    facts = (
        ("cases", CaseOpened(**base, number="1", submission=story.record(people=10))),
        ("routings", CaseRouted(**base, attempt=1, target=target(), rule_kind="village")),
    )
    for number, (topic, data) in enumerate(facts):
        event = Event(
            derived_id(story.case, "y", number), "urn:test", story.now, str(story.case), data
        )
        one = record(story, Out(topic, "", event), number, topic)
        asyncio.run(case.settle(rows, Timers(), [one]))
    (said,) = [message for message in sent if message.topic == "employers"]
    home = partition_of(said.key.decode(), PARTITIONS)
    note = Record("employers", home, 0, one.timestamp, said.key, said.value, said.headers)
    chain = Chain(groups)
    asyncio.run(groups.settle(chain.rows, chain.timers, [note, note]))
    assert [message.key for message in claims if message.topic == "claims"] == [
        str(story.case).encode()
    ]
    count(groups, chain)
    read = registry.get_sample_value
    assert read("anxin_group_claims_total", {"rule": "people_10"}) == 1
    assert read("anxin_group_claims_total", {"rule": "cases_3"}) == 0
    assert read("anxin_group_employers", {"rule": "people_10"}) == 1
    assert read("anxin_group_employers", {"rule": "people_30"}) == 0


def count(settler: Settler, chain: Chain) -> None:
    """The auditor's census of one restored partition, as the engine takes it, of a stage without a timer."""
    partition = Partition({settler.stage.name: chain})
    partition.restored.set()
    partitions = SimpleNamespace(chains=list, settlers=(settler,), owned={0: partition})
    clock = ManualClock(datetime(2026, 1, 5, tzinfo=UTC))
    timing = Timing(partitions, clock, None, settler.metrics, SimpleNamespace(fires_per_turn_max=1))
    timing.audited_s = float("-inf")
    asyncio.run(timing.turn())
