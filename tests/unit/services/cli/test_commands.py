import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app

VECTORS = Path(__file__).parents[3] / "vectors"
RUN = CliRunner()


def test_deadline_vectors_are_clean_and_tell_so_in_json():
    done = RUN.invoke(app, ["check", "deadlines", str(VECTORS / "deadlines.json"), "--json"])
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["passed"] == said["total"] == 79
    assert said["misses"] == []


def test_a_wrong_vector_is_a_miss_and_exit_1(tmp_path):
    vector = json.loads((VECTORS / "deadlines.json").read_text(encoding="utf-8"))[0]
    (tmp_path / "v.json").write_text(json.dumps([vector | {"expect": 1}]))
    done = RUN.invoke(app, ["check", "deadlines", str(tmp_path / "v.json")])
    assert done.exit_code == 1
    assert vector["id"] in done.stdout


def test_explain_reads_like_a_clerks_note():
    done = RUN.invoke(app, ["deadline", "explain", "S09", "2026-09-30T10:00"])
    assert done.exit_code == 0
    assert "调休上班" in done.stdout
    assert "2026-10-13" in done.stdout.splitlines()[-3]


@pytest.mark.parametrize("clock", ["S99", "S04"])
def test_an_unknown_clock_is_answered_with_the_known_ones(clock):
    done = RUN.invoke(app, ["deadline", "explain", clock, "2026-09-30"])
    assert done.exit_code == 2
    assert "S04/urgent" in done.stderr


def test_bad_input_ends_as_expected():
    done = RUN.invoke(app, ["check", "bad-input", str(VECTORS / "bad-input.jsonl"), "--json"])
    assert done.exit_code == 0, done.stdout
    assert json.loads(done.stdout)["total"] == 27


def test_complaints_hold_the_floor():
    done = RUN.invoke(app, ["check", "complaints", str(VECTORS / "complaints.jsonl"), "--json"])
    fields = json.loads(done.stdout)["fields"]
    floor = {
        "unit": 0.97,
        "amount_yuan": 0.97,
        "people": 0.97,
        "category": 0.92,
        "competence": 0.95,
    }
    assert {
        name: fields[name]["recall"] >= least for name, least in floor.items()
    } == dict.fromkeys(floor, True)
    assert fields["urgent"]["recall"] == fields["same_matter_as"]["precision"] == 1.0
    assert fields["same_matter_shown"] == {"precision": 1.0, "recall": 1.0, "n": 1}


def test_no_miss_but_the_two_known_ones():
    done = RUN.invoke(app, ["check", "complaints", str(VECTORS / "complaints.jsonl"), "--json"])
    said = json.loads(done.stdout)
    assert said["total"] == 28
    assert {(one["id"], one["field"]) for one in said["misses"]} <= {
        ("S007", "village"),  # the column names it, the vector expects none
        ("S012", "employer"),  # "一家餐馆" counts as a name elsewhere: KTV, 理发店, 洗车店
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"channel": "12345", "raw": {}}', "a line without 'id'"),
        ("{broken", "Expecting property name"),
        ('{"id": "x", "channel": "telepathy", "raw": {}, "expect": {}}', "unknown channel"),
        ('{"id": "x", "channel": "12345", "raw": {}, "expect": {}}', "order_no"),
    ],
)
def test_a_file_that_is_no_vectors_is_one_line_not_a_traceback(tmp_path, line, said):
    (tmp_path / "v.jsonl").write_text(line, encoding="utf-8")
    done = RUN.invoke(app, ["check", "complaints", str(tmp_path / "v.jsonl")])
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (2, True)
    assert said in done.stderr
