import json
import tomllib
from pathlib import Path

import pytest

from services.kernel.calendar import Calendar, calendar_of
from services.kernel.deadline_vectors import check_vectors

YEARS = [
    tomllib.loads(path.read_text("utf-8"))
    for path in sorted(Path("policies/calendars").glob("*.toml"))
]
OFFICE = {str(day): [["08:30", "12:00"], ["14:30", "17:30"]] for day in range(5)}


def cn(**changes: object) -> Calendar:
    return calendar_of(YEARS, **({"timezone": "Asia/Shanghai", "windows": OFFICE} | changes))


VECTORS = json.loads(Path("tests/vectors/deadlines.json").read_text("utf-8"))
GOOD = next(vector for vector in VECTORS if vector["id"] == "cn-136")


def test_every_published_vector_agrees():
    report = check_vectors(VECTORS, cn)
    assert report == {"total": len(VECTORS), "passed": len(VECTORS), "failed": 0, "misses": []}


def test_a_wrong_expectation_is_a_miss_with_what_we_got():
    report = check_vectors([GOOD | {"expect": "2026-11-23T07:01:00Z"}], cn)
    assert report["misses"] == [
        {
            "id": "cn-136",
            "field": "expect",
            "expected": "2026-11-23T07:01:00Z",
            "got": "2026-11-23T07:00:00Z",
        }
    ]
    between = next(vector for vector in VECTORS if vector["id"] == "cn-150")
    assert check_vectors([between | {"expect": 1}], cn)["misses"][0]["got"] == 390
    days = next(vector for vector in VECTORS if vector["op"] == "add_days")
    assert check_vectors([days | {"expect": "2000-01-01"}], cn)["failed"] == 1


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {},
        GOOD | {"op": "multiply"},
        GOOD | {"op": ["add"]},
        GOOD | {"start": "yesterday"},
        GOOD | {"start": "2026-11-23T03:30:00"},
        GOOD | {"start": None},
        GOOD | {"amount_minutes": "60"},
        GOOD | {"amount_minutes": 1e300},
        GOOD | {"amount_minutes": True},
        GOOD | {"pauses": [["2026-11-23T03:30:00Z"]]},
        GOOD | {"pauses": 7},
        GOOD | {"calendar": None},
        GOOD | {"calendar": GOOD["calendar"] | {"calendar": "us"}},
        GOOD | {"calendar": GOOD["calendar"] | {"timezone": "Mars/Base"}},
        GOOD | {"calendar": GOOD["calendar"] | {"timezone": 8}},
        GOOD | {"calendar": GOOD["calendar"] | {"windows": {"0": [["x", "y"]]}}},
        GOOD | {"calendar": GOOD["calendar"] | {"windows": []}},
        GOOD | {"expect": 5},
        GOOD | {"expect": {}},
        {key: value for key, value in GOOD.items() if key != "expect"},
    ],
)
def test_a_malformed_vector_is_a_miss_with_a_reason(bad):
    report = check_vectors([bad, GOOD], cn)
    assert (report["total"], report["passed"], report["failed"]) == (2, 1, 1)
    miss = report["misses"][0]
    assert miss["field"] == "vector"
    assert miss["got"]
    json.dumps(report)
