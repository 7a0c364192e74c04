from datetime import UTC, datetime, timedelta

from schemas.event import Reason, Record, Refused
from services.runtime.message import Message
from services.runtime.publish import Position
from services.runtime.quarantine import to_quarantine
from services.runtime.quarantine_desk import TOPIC, entries, mark, repaired

AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
ORIGINAL = Record(
    "inbound-12345",
    3,
    17,
    AT,
    b"EZ1",
    b"\xca\xd0",
    (("ce_id", b"d1"), ("CE_Time", b"yesterday"), ("x", b"\xff")),
)
WHERE = Position("inbound-12345", 3, 18)


def lying(message: Message, minutes: int) -> Record:
    at = AT + timedelta(minutes=minutes)
    return Record(TOPIC, 0, minutes, at, message.key, message.value, message.headers)


def buried(minutes: int = 1) -> Record:
    refused = Refused(Reason.BAD_ENCODING, "不是 UTF-8", "content")
    return lying(to_quarantine(ORIGINAL, refused, "intake.receive"), minutes)


def test_an_entry_gives_back_the_record_as_it_was():
    [entry] = entries([buried()]).values()
    assert (entry.position, entry.topic, entry.reason) == (
        "inbound-12345-3-17",
        "inbound-12345",
        "bad_encoding",
    )
    assert entry.original == ORIGINAL
    assert (entry.at, entry.redriven_at) == (AT + timedelta(minutes=1), "")


def test_a_mark_says_so_keeps_the_bytes_and_outlives_a_replayed_burial():
    [entry] = entries([buried()]).values()
    told = lying(mark(entry, AT, WHERE), 2)
    assert told.value is None
    for order in ([buried(), told], [buried(), told, buried(3)], [buried(), told, told]):
        [marked] = entries(order).values()
        assert (marked.redriven_at, marked.redriven_to) == (AT.isoformat(), str(WHERE))
        assert (marked.original, marked.at) == (ORIGINAL, entry.at)


def test_a_mark_alone_still_tells_what_it_marks():
    [entry] = entries([buried()]).values()
    [alone] = entries([lying(mark(entry, AT, WHERE), 2)]).values()
    assert (alone.position, alone.reason) == (entry.position, entry.reason)
    assert alone.redriven_at


def test_what_is_no_burial_of_ours_is_passed_over():
    foreign = Record(TOPIC, 0, 0, AT, b"k", b"v", (("anxin_topic", b"\xff"),))
    odd = Record(TOPIC, 0, 0, AT, b"k", b"v", (("anxin_topic", b"x"), ("anxin_partition", b"y")))
    assert entries([foreign, odd, Record(TOPIC, 0, 1, AT, None, None)]) == {}


def test_unrepaired_it_goes_back_as_it_was():
    assert repaired(ORIGINAL) == Message("inbound-12345", b"EZ1", ORIGINAL.value, ORIGINAL.headers)


def test_a_repair_touches_only_what_it_names():
    back = repaired(ORIGINAL, b"{}", [("ce_time", "2026-11-16T01:00:00Z"), ("X", "")])
    assert (back.key, back.value) == (b"EZ1", b"{}")
    assert back.headers == (("ce_id", b"d1"), ("ce_time", b"2026-11-16T01:00:00Z"))


def test_an_empty_repair_is_a_repair():
    assert repaired(ORIGINAL, b"").value == b""
