"""Rows as they were last written, a partition at a time; a broker that is away is said, not thrown."""

from datetime import UTC, datetime

import pytest

from schemas.event import Record
from schemas.topics import PARTITIONS
from services.runtime import case_reader, tail
from services.runtime.case_reader import CHANGELOG, rows_of_cases
from services.runtime.publish import NotNow
from services.runtime.settings import Settings
from services.runtime.tail import read_all

AT = datetime(2026, 11, 16, tzinfo=UTC)


def test_the_last_row_of_each_case_counts_and_a_deleted_one_is_gone(monkeypatch):
    written = {0: [(b"a", b"1"), (b"b", b"1"), (b"a", b"2")], 1: [(b"c", b"1"), (b"c", None)]}
    asked = []

    def read(_settings, topics, numbers):
        asked.append((topics, numbers))
        rows = written.get(numbers[0], [])
        return [Record(CHANGELOG, numbers[0], i, AT, k, v) for i, (k, v) in enumerate(rows)]

    monkeypatch.setattr(case_reader, "read_all", read)
    assert list(rows_of_cases(Settings())) == [b"2", b"1"]
    assert asked == [((CHANGELOG,), [number]) for number in range(PARTITIONS)]


def test_a_broker_that_is_away_is_not_now(monkeypatch):
    monkeypatch.setattr(tail, "BOOTSTRAP_MS_MAX", 200)
    with pytest.raises(NotNow, match=r"127\.0\.0\.1:1 does not answer"):
        read_all(Settings(kafka="127.0.0.1:1"), ("cases",))
