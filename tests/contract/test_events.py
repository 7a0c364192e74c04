"""Golden bytes, freshness of generated files, and every schema accepting its own example."""

import json
from pathlib import Path

import jsonschema
import pytest

from schemas.codec import MODELS, decode, encode
from schemas.event import Record
from schemas.topics import BY_NAME, INBOUND, PARTITIONS
from services.cli import generate
from tests.support.events import AT, event_of, examples

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "schemas" / "examples"
EXAMPLES = {one.TYPE: one for one in examples()}


def test_every_type_has_an_example_and_no_orphans():
    assert EXAMPLES.keys() == MODELS.keys()
    assert {path.stem for path in GOLDEN.glob("*.json")} == MODELS.keys()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_golden_bytes_decode_for_ever(name):
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    headers = tuple((key, text.encode()) for key, text in golden["headers"])
    record = Record("any", 0, 0, AT, None, golden["value"].encode(), headers)
    assert decode(record) == event_of(EXAMPLES[name])


@pytest.mark.parametrize("name", sorted(MODELS))
def test_what_is_written_today_is_the_golden_bytes(name):
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    headers, value = encode(event_of(EXAMPLES[name]))
    assert [[key, raw.decode()] for key, raw in headers] == golden["headers"]
    assert value.decode() == golden["value"]


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_json_schema_accepts_the_example(name):
    schema = json.loads(
        (ROOT / f"schemas/generated/{name}.schema.json").read_text(encoding="utf-8")
    )
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(EXAMPLES[name].model_dump_json()), schema)


def test_generated_files_are_fresh():
    assert generate.stale(ROOT) == []


def test_topics_that_meet_in_one_stage_have_equal_partitions():
    keyed = [topic for topic in BY_NAME.values() if topic.name != "policies"]
    assert {topic.partitions for topic in keyed} == {PARTITIONS}
    assert set(INBOUND) <= BY_NAME.keys()
