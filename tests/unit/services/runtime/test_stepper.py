"""When time may move: everybody has acknowledged everything, and no armed instant has come."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.event import Record
from schemas.topics import INBOUND
from services.runtime.clock import SteppedClock
from services.runtime.stepper import (
    DUE,
    Stepper,
    StuckError,
    follow_due,
    groups_of,
    lagging,
    next_instant,
)

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
    assert set(groups["escalation"]) == {
        "cases", "routings", "actions", "deadlines", "claims", "employers",
    }  # fmt: skip


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


class Nothing:
    def catch_up(self, ends: object) -> list[Record]:
        return []


class Faked(Stepper):
    """The broker's answers given; `asked` tells in which order they were wanted."""

    def __init__(self, clock: Path, committed: list[dict], ends: dict) -> None:
        self.clock, self.now, self.groups = clock, None, GROUPS
        self._due, self._known, self._tail = {}, {}, Nothing()
        self.answers, self.ends, self.asked = committed, ends, []

    def _committed(self) -> dict:
        self.asked.append("committed")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _ends(self) -> dict:
        self.asked.append("ends")
        return self.ends


ONE = {("cases", 3): 1}
DONE = {("router", "cases", 3): 1}


def test_acknowledgements_are_read_before_ends_and_again_until_equal(tmp_path):
    stepper = Faked(tmp_path / "clock", [{}, {}, DONE], ONE)
    stepper.settle()
    assert stepper.asked == ["committed", "ends", "committed", "committed", "ends"]


def test_who_lags_is_said_after_the_deadline(tmp_path):
    with pytest.raises(StuckError, match="router has acknowledged 0 of 1 records of cases-3"):
        Faked(tmp_path / "clock", [{}], ONE).settle(0.05)


def test_a_deadline_that_has_come_is_not_settled_until_it_fired(tmp_path):
    stepper = Faked(tmp_path / "clock", [DONE], ONE)
    stepper.move(NOW)
    stepper._due = {b"case": int(NOW.timestamp() * 1000)}
    with pytest.raises(StuckError, match="has not fired"):
        stepper.settle(0.05)
    stepper._due = {b"case": int(LATER.timestamp() * 1000)}
    assert stepper.settle(0.05).due == LATER


def test_time_never_runs_back(tmp_path):
    stepper = Faked(tmp_path / "clock", [{}], {})
    stepper.move(LATER)
    with pytest.raises(ValueError, match="run back"):
        stepper.move(NOW)
    assert SteppedClock(tmp_path / "clock").now() == LATER
