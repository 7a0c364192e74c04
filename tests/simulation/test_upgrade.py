"""Worlds that an older version began, continued by this one: its events and rows decode, and nothing is lost.

`written-before-case-life.json.gz`: logs of eight worlds amid their life, written by commit ca934aa (before the case's
life was a table): partitions, committed offsets, and what the outside has still to say.
"""

import base64
import gzip
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.codec import decode
from schemas.event import Record
from services.runtime.message import Message
from services.runtime.rows import decode_row, encode_row
from tests.simulation.facts import facts_of
from tests.simulation.fleet import CALM, Seat, Weather
from tests.simulation.invariants import broken
from tests.simulation.officers import Done
from tests.simulation.people import Person, Told
from tests.simulation.world import HARD, Script, World

FILE = Path(__file__).resolve().parents[1] / "vectors" / "written-before-case-life.json.gz"


@cache
def kept() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


def script_of(whole: dict[str, Any]) -> Script:
    nothing = Message("", None, None, ())
    return Script(
        datetime.fromisoformat(whole["start"]),
        datetime.fromisoformat(whole["end"]),
        tuple(
            Told(datetime.fromisoformat(one.pop("at")), nothing, UUID(one.pop("submission")), **one)
            for one in (dict(each) for each in whole["told"])
        ),
        tuple(_done(one) for one in whole["done"]),
        tuple(Person(**one) for one in whole["people"]),
    )


def _done(raw: dict[str, Any]) -> Done:
    message = _message(raw)
    now = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    event = decode(Record("actions", 0, 0, now, message.key, message.value, message.headers))
    return Done(event.time, event)


def _message(raw: dict[str, Any]) -> Message:
    return Message(
        raw["topic"], _raw(raw["key"]), _raw(raw["value"]), _pairs(raw["headers"]), raw["partition"]
    )


def _raw(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _pairs(raw: list[list[str]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, base64.b64decode(value)) for name, value in raw)


def continued(whole: dict[str, Any], weather: Weather, *, patient: bool) -> World:
    """The same log, offsets and outside; workers of this version, who have restored nothing yet."""
    world = World(whole["seed"], weather, patient, script=script_of(whole))
    log, fleet = world.log, world.fleet
    log.now, log.stepped = datetime.fromisoformat(whole["now"]), whole["stepped"]
    log.committed = {(app, topic, n): end for app, topic, n, end in whole["committed"]}
    for topic, number, records in whole["partitions"]:
        log.partitions[topic, number] = [
            Record(topic, number, offset, datetime.fromisoformat(one["at"]), _raw(one["key"]),
                   _raw(one["value"]), _pairs(one["headers"]))
            for offset, one in enumerate(records)
        ]  # fmt: skip
    for name, number in log.partitions:
        if name.endswith("-changelog"):  # somebody restores it, and its instants fire
            app = name.split("-")[0]
            fleet.seats.setdefault((app, number), Seat(app, number))
    for (app, topic, number), end in log.committed.items():
        fleet.seats.setdefault((app, number), Seat(app, number)).position[topic] = end
    for (topic, number), records in list(log.partitions.items()):
        for app, _ in fleet.readers.get(topic, ()):
            end = log.committed.get((app, topic, number), 0)
            if end < len(records):
                seat = fleet.seats.setdefault((app, number), Seat(app, number))
                fleet.ready[app, number, topic] = (seat, topic)
    world.outside = [(datetime.fromisoformat(at), _message(one)) for at, one in whole["outside"]]
    return world


@pytest.mark.parametrize("patient", [True, False])
@pytest.mark.parametrize("weather", [CALM, HARD], ids=["calm", "hard"])
@pytest.mark.parametrize("number", range(8))
def test_an_older_world_goes_on_and_is_well(number: int, weather: Weather, patient: bool) -> None:
    world = continued(kept()[number], weather, patient=patient)
    before = {place: len(records) for place, records in world.log.partitions.items()}
    closed = [case.case_id for case in facts_of(world).cases.values() if case.closed_at]
    unheard = tuple(
        f"{case}: noted None" for case in closed
    )  # nothing wakes what was closed before there were groups
    assert [text for text in broken(world.run()) if not text.startswith(unheard)] == []
    assert any(len(world.log.partitions[place]) > count for place, count in before.items())


def test_every_row_that_was_written_is_read_and_written_again_alike() -> None:
    read = 0
    for whole in kept():
        world = continued(whole, CALM, patient=True)
        for settlers in world.fleet.settlers.values():
            for one in settlers:
                for (name, _), records in world.log.partitions.items():
                    if name == one.changelog and one.stage.state is not None:
                        for record in records:
                            row = decode_row(record.value or b"", one.stage.state)
                            assert decode_row(encode_row(row), one.stage.state) == row
                            read += 1
    assert read > 100
