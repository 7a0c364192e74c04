"""Golden records of the six channels: what is read from each good one, why each bad one is refused."""

import json
import re
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

from schemas.event import Refused
from schemas.inbound import inbound_type
from schemas.matter import CHANNELS
from services.intake.core.certify import Origin, certify
from services.intake.core.shapes import SHAPES
from tests.support.intake import NOW, arrival, policy

ROOT = Path(__file__).parents[2]
GOLDEN = {
    channel: [
        json.loads(line)
        for line in (ROOT / f"schemas/examples/inbound/{channel}.jsonl").open(encoding="utf-8")
    ]
    for channel in CHANNELS
}
EVERY = [(channel, one) for channel, found in GOLDEN.items() for one in found]
GOOD = [(channel, one) for channel, one in EVERY if one["expect"] == "accept"]
BAD = [(channel, one) for channel, one in EVERY if one["expect"] == "refuse"]
NEVER_STORED = {"bank_card"}


def name(case) -> str:
    return case["id"] if isinstance(case, dict) else ""


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("channel", "one"), GOOD, ids=name)
def test_a_good_record_is_read_as_written_here(channel, one):
    reading = arrival(channel, one["raw"]).reading
    assert {key: plain(value) for key, value in reading.values.items()} == one["reads"]
    assert sorted(reading.extra) == one["kept"]
    assert certify(policy(), Origin(channel), one["raw"], NOW).external_no


@pytest.mark.parametrize(("channel", "one"), BAD, ids=name)
def test_a_bad_record_is_refused_with_its_field_and_a_reason_in_chinese(channel, one):
    with pytest.raises(Refused) as caught:
        certify(policy(), Origin(channel), one["raw"], NOW)
    assert (caught.value.reason.value, caught.value.field) == (one["reason"], one["field"])
    assert re.search("[一-鿿]{4}", caught.value.detail_zh)
    assert "请" in caught.value.detail_zh  # what to do


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_column_of_a_channel_stands_in_a_good_record(channel):
    seen = {key for one in GOLDEN[channel] for key in one.get("reads", ())}
    assert policy().columns.of[channel].keys() - seen <= NEVER_STORED


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_shows_a_missing_number_an_empty_matter_and_a_date_ahead(channel):
    said = {(one["reason"], one["field"]) for one in GOLDEN[channel] if one["expect"] == "refuse"}
    assert ("missing_field", SHAPES[channel].number) in said
    assert ("bad_time", SHAPES[channel].occurred) in said
    assert len([reason for reason, _ in said if reason == "missing_field"]) >= 2


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_json_schema_takes_what_is_written_under_keys_of_ours(channel):
    path = ROOT / f"schemas/generated/{inbound_type(channel)}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    number = SHAPES[channel].number
    ours = [one["raw"] for one in GOLDEN[channel] if number in one["raw"] and "reads" in one]
    assert ours
    for raw in ours:
        jsonschema.validate(raw, schema)
    for wrong in ({}, {number: ""}, {number: "9" * 65}, {number: ["1"]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_a_bank_card_is_nowhere_in_what_is_kept():
    [full] = [one for one in GOLDEN["national"] if one["id"] == "national/full"]
    assert full["raw"]["bank_card"]
    reading = arrival("national", full["raw"] | {"银行卡号 ": "6222", "工资卡号": "6222"}).reading
    assert "6222" not in str(dict(reading.values)) + str(dict(reading.extra))
