"""What a page shows of an original, and what becomes of a person's repair of it."""

from datetime import UTC, datetime

import pytest

from schemas.event import Record
from services.desk.core.quarantine import (
    HEADER_CHARS_MAX,
    HEADERS_TYPED_MAX,
    TEXT_CHARS_MAX,
    BadRepair,
    edited,
    headers_of,
    original_of,
)

AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def record(value: bytes | None, topic: str = "inbound-12345", **headers: bytes) -> Record:
    return Record(topic, 3, 17, AT, b"EZ1\x07", value, tuple(headers.items()))


def test_control_characters_are_seen_and_steer_nothing():
    shown = original_of(record("欠薪\x00\u202e\x1b[2J".encode(), ce_time=b"x\r\ny", raw=b"\xff"))
    assert shown.key == "EZ1\\x07"
    assert shown.text == "欠薪\\x00\\x202e\\x1b[2J"
    assert shown.headers == (("ce_time", "x\\x0d\ny"), ("raw", "ff"))


@pytest.mark.parametrize(
    ("value", "encoding", "text"),
    [
        ("工资".encode(), "utf-8", "工资"),
        ("工资".encode("gb18030"), "gb18030", "工资"),
        (b"\xff\xfe\xff", "hex", "fffeff"),
        (None, "utf-8", ""),
    ],
)
def test_bytes_are_read_as_what_they_are(value, encoding, text):
    shown = original_of(record(value))
    assert (shown.encoding, shown.text) == (encoding, text)
    assert (shown.editable is None) == (encoding == "hex")


def test_a_long_value_is_cut_at_the_limit_and_not_edited():
    shown = original_of(record(b"x" * (TEXT_CHARS_MAX + 7)))
    assert (len(shown.text), shown.cut_chars, shown.editable) == (TEXT_CHARS_MAX, 7, None)
    assert original_of(record(b"x" * TEXT_CHARS_MAX)).editable


@pytest.mark.parametrize(
    ("value", "typed", "sent"),
    [
        (b'{"a": 1}', '{"a": 1}', None),
        (b'{"a": 1}', None, None),
        (b'{\n"a": 1}', '{\r\n"a": 1}', None),
        (b'{\n"a": 1}', '{\r\n"a": 2}', b'{\n"a": 2}'),
        (b'{\r\n"a": 1}', '{\r\n"a": 1}', None),
        (b'{\r\n"a": 1}', '{\r\n"a": 2}', b'{\r\n"a": 2}'),
        (b'{\r"a": 1}', '{\r\n"a": 1}', None),
        ("工资".encode("gb18030"), "工资", "工资".encode()),
    ],
)
def test_what_nobody_changed_goes_back_byte_for_byte(value, typed, sent):
    assert edited(record(value), typed) == sent


@pytest.mark.parametrize(
    ("value", "typed"),
    [(b"{}", ""), (b"{}", " \r\n"), (b"\xff\xff\xff", "{}"), (b"{}", "x" * (TEXT_CHARS_MAX + 1)),
     (b"x" * (TEXT_CHARS_MAX + 1), "{}")],
)  # fmt: skip
def test_a_repair_that_is_none_is_refused(value, typed):
    with pytest.raises(BadRepair):
        edited(record(value), typed)


def test_what_a_service_of_ours_wrote_is_not_edited():
    with pytest.raises(BadRepair):
        edited(record(b"{}", "cases"), '{"a": 1}')


def test_headers_are_set_and_left_out_by_lines():
    typed = "ce_time=2026-11-16T01:00:00Z\r\n\r\nx=\r\n a=b=c "
    assert headers_of(typed) == (("ce_time", "2026-11-16T01:00:00Z"), ("x", ""), ("a", "b=c"))
    assert headers_of("") == ()


@pytest.mark.parametrize(
    "typed",
    ["ce_time", "=x", "时间=1", "a b=1", "a=\x00", "a=" + "x" * (HEADER_CHARS_MAX + 1),
     "x" * 101 + "=1", "\n".join(f"h{n}=1" for n in range(HEADERS_TYPED_MAX + 1))],
)  # fmt: skip
def test_a_header_that_is_none_is_refused(typed):
    with pytest.raises(BadRepair):
        headers_of(typed)
