"""What lies on `policies` comes back as it was put there; what cannot be read is not forgotten."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.event import Out, Record
from schemas.policies import CONTENT_CHARS_MAX
from services.runtime import policy_reader
from services.runtime.policy_bundle import Bundle, bundle_of
from services.runtime.policy_reader import bundles, publish
from services.runtime.publish import message_of
from services.runtime.settings import Settings

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)


@pytest.fixture
def one() -> Bundle:
    return bundle_of(Settings().policies)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Instead of the broker: what was sent is what is read."""
    records: list[Record] = []

    class Kept:
        def __init__(self, settings: Settings) -> None: ...
        def __enter__(self) -> "Kept":
            return self

        def __exit__(self, *_: object) -> None: ...
        def event(self, out: Out, at: datetime | None) -> None:
            sent = message_of(out)
            place = (sent.topic, 0, len(records), AT)
            records.append(Record(*place, sent.key, sent.value, sent.headers))

    monkeypatch.setattr(policy_reader, "Publisher", Kept)
    monkeypatch.setattr(policy_reader, "read_all", lambda _settings, _topics: records)
    return records


def test_what_was_published_is_read_back_in_order(one, log):
    other = replace(one, hash="0" * 32)
    assert publish(Settings(), one, AT) == replace(one, published_at=AT)
    assert bundles(Settings()) == {one.hash: replace(one, published_at=AT)}
    assert log[0].key == one.hash.encode()
    assert (
        len(log[0].value or b"") < CONTENT_CHARS_MAX / 5
    )  # it may grow for years before a record is too small
    publish(Settings(), other, AT)
    with pytest.raises(ValueError, match=f"policies-0-1: the bytes are of {one.hash}"):
        bundles(Settings())


def test_a_bundle_sent_twice_has_one_id(one, log):
    publish(Settings(), one, AT)
    publish(Settings(), one, AT)
    assert log[0].headers == log[1].headers
    assert list(bundles(Settings())) == [one.hash]


def test_a_tombstone_is_passed_over_and_a_foreign_record_is_named(one, log):
    publish(Settings(), one, AT)
    log.append(replace(log[0], offset=1, value=None))
    assert list(bundles(Settings())) == [one.hash]
    log.append(replace(log[0], offset=2, headers=()))
    with pytest.raises(ValueError, match="policies-0-2"):
        bundles(Settings())


def test_a_bundle_too_large_for_a_record_is_refused(one, log, monkeypatch):
    monkeypatch.setattr(policy_reader, "CONTENT_CHARS_MAX", 10)
    with pytest.raises(ValueError, match="最多 10 字节"):
        publish(Settings(), one, AT)
    assert log == []
