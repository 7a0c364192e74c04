"""隔离: a record that could not be processed, as a page shows it, and what a person typed to mend it. Pure."""

import re
from dataclasses import dataclass

from schemas.event import Record
from schemas.topics import INBOUND
from services.kernel.plain import text_of, visible

TEXT_CHARS_MAX = 20_000
"""Shown, and taken back mended: a record of a channel has a few hundred. The download is whole."""
HEADERS_SHOWN_MAX = 100
HEADER_CHARS_MAX = 2_000
HEADERS_TYPED_MAX = 50
_NAME = re.compile(r"[!-<>-~]{1,100}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record was buried, and what to do about it (policies/desk.toml [faults])."""

    name_zh: str
    todo_zh: str


@dataclass(frozen=True, slots=True)
class Original:
    """As it came, fit for a page. `cut_chars`: left out at the end. `editable`: the whole text, where it is one."""

    key: str
    headers: tuple[tuple[str, str], ...]
    encoding: str
    text: str
    cut_chars: int
    editable: str | None


class BadRepair(ValueError):  # noqa: N818 - an answer for a person, not a fault
    """What to do, in Chinese."""


def original_of(record: Record) -> Original:
    encoding, text = _read(record.value)
    return Original(
        visible(text_of(record.key)[1])[:HEADER_CHARS_MAX],
        tuple(
            (_short(name), _short(text_of(raw)[1]))
            for name, raw in record.headers[:HEADERS_SHOWN_MAX]
        ),
        encoding,
        visible(text[:TEXT_CHARS_MAX]),
        max(0, len(text) - TEXT_CHARS_MAX),
        editable(record),
    )


def mendable(topic: str) -> bool:
    """What a channel sent. What one of ours wrote goes back as it was: a page is no way to write facts by hand."""
    return topic in INBOUND


def editable(record: Record) -> str | None:
    """None where its value is no text, or too long for a page."""
    encoding, text = _read(record.value)
    fits = encoding != "hex" and len(text) <= TEXT_CHARS_MAX
    return text if fits and mendable(record.topic) else None


def edited(record: Record, typed: str | None) -> bytes | None:
    """The value in UTF-8; None = as it was, also where nothing was `typed`. Raises BadRepair.

    Line ends are the original's: a browser sends its own.
    """
    if typed is None:
        return None
    text, said = editable(record), _lines(typed)
    if text is None:
        raise BadRepair("这条来件的内容不能在页面上改")
    if not said.strip():
        raise BadRepair("内容不能为空")
    if len(said) > TEXT_CHARS_MAX:
        raise BadRepair(f"内容不能超过 {TEXT_CHARS_MAX} 字")
    ends = "\r\n" if "\r\n" in text else "\n"
    whole = text if said == _lines(text) else said.replace("\n", ends)
    raw = whole.encode()
    return None if raw == record.value else raw


def headers_of(typed: str) -> tuple[tuple[str, str], ...]:
    """Lines `name=value`; an empty value leaves the header out. Raises BadRepair."""
    lines = [line for line in _lines(typed).split("\n") if line.strip()]
    if len(lines) > HEADERS_TYPED_MAX:
        raise BadRepair(f"一次最多改 {HEADERS_TYPED_MAX} 个消息头")
    return tuple(map(_header, lines))


def _header(line: str) -> tuple[str, str]:
    name, sign, value = line.strip().partition("=")
    if not sign or not _NAME.fullmatch(name):
        raise BadRepair("消息头每行写“名称=值”，名称只用英文字母、数字和符号")
    if len(value) > HEADER_CHARS_MAX or not value.isprintable():
        raise BadRepair(f"消息头 {name} 的值太长，或有控制字符")
    return name, value


def _read(raw: bytes | None) -> tuple[str, str]:
    """Text in UTF-8, else as GB18030 (what old systems write when they say UTF-8), else hexadecimal."""
    encoding, text = text_of(raw)
    if encoding == "hex":
        try:
            return "gb18030", (raw or b"").decode("gb18030")
        except UnicodeDecodeError:
            pass
    return encoding, text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _short(text: str) -> str:
    return visible(text)[:HEADER_CHARS_MAX]
