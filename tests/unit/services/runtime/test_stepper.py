"""When time may move: everybody has acknowledged everything, and no armed instant has come."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.event import Record
from schemas.topics import INBOUND
from services.runtime.clock import SteppedClock
from services.runtime.stepper import DUE, Stepper, follow_due, groups_of, lagging, next_instant

NOW = datetime(2025, 10, 9, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
GROUPS = {"router": ("cases", "escalations")}


def row(key: bytes, due: int | None, value: bytes | None = b"{}") -> Record:
    headers = () if due is None else (("due", str(due).encode()),)
    return Record(DUE, 0, 0, NOW, key, value, headers)


def test_groups_read_what_the_topics_say():
    groups = groups_of(("intake", "router", "escalation"))
    assert set(groups["intake"]) == {*INBOUND, "submissions", "escalations"}
    assert set(groups["router"]) == {"cases", "escalations"}
    assert set(groups["escalation"]) == {"cases", "routings", "actions", "deadlines"}


def test_nothing_written_is_settled():
    assert lagging(GROUPS, {}, {}) == []


def test_one_record_behind_is_named_with_group_topic_and_partition():
    ends = {("cases", 3): 5, ("escalations", 0): 2}
    done = {("router", "cases", 3): 4, ("router", "escalations", 0): 2}
    assert lagging(GROUPS, done, ends) == [
        "router has acknowledged 4 of 5 records of cases-3"
    ]  # fmt: skip
    assert lagging(GROUPS, done | {("router", "cases", 3): 5}, ends) == []


def test_a_group_that_never_committed_lags():
    assert lagging(GROUPS, {}, {("cases", 3): 1}) != []


def test_the_changelog_arms_moves_and_disarms():
    due: dict[bytes, int] = {}
    follow_due(due, [row(b"a", 10), row(b"b", 20), row(b"a", 30)])
    assert due == {b"a": 30, b"b": 20}
    follow_due(due, [row(b"a", None), row(b"b", 5, None), row(b"c", None)])
    assert due == {}


def test_the_earlier_of_line_and_deadline_is_next():
    assert next_instant(NOW, LATER) == next_instant(LATER, NOW) == NOW
    assert next_instant(None, LATER) == next_instant(LATER, None) == LATER
    assert next_instant(None, None) is None


def test_time_never_runs_back(tmp_path):
    stepper = object.__new__(Stepper)
    stepper.clock, stepper.now = tmp_path / "clock", None
    stepper.move(LATER)
    with pytest.raises(ValueError, match="run back"):
        stepper.move(NOW)
    assert SteppedClock(tmp_path / "clock").now() == LATER
