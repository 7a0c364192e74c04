"""What a person hands to `explain`: words, or a file with raw records of channels."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from schemas.matter import Channel
from services.cli.output import fail
from services.cli.routed import written

PATH_BYTES_MAX = 255  # a longer word is no file name on the file systems we know
EXIT_TROUBLE = 2
Raw = tuple[Channel, Mapping[str, Any]]


def record_of(text: str, channel: Channel, employer: str = "") -> Raw:
    """A file's JSON object is a raw record, alone or as `{channel, raw}`; anything else is free text."""
    path = file_named(text)
    if path is None:
        return channel, written(channel, text, employer)
    content = content_of(path)
    try:
        found = json.loads(content)
    except ValueError:
        if content.lstrip().startswith(("{", "[")):
            raise fail(f"{path}: 不是一条 JSON 记录", EXIT_TROUBLE) from None
        return channel, written(channel, content, employer)
    if not isinstance(found, dict):
        raise fail(f"{path}: 不是一条 JSON 记录", EXIT_TROUBLE)
    return _enclosed(found) or (channel, found)


def file_named(text: str) -> Path | None:
    short = len(text.encode()) <= PATH_BYTES_MAX and "\n" not in text
    return Path(text) if short and Path(text).is_file() else None


def content_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path}: {error}", EXIT_TROUBLE) from None


def lines_in(path: Path) -> Iterator[tuple[int, Channel, Mapping[str, Any]]]:
    """Number, channel and raw record of each line `{channel, raw}`."""
    for number, line in enumerate(content_of(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = _enclosed(json.loads(line))
        except ValueError:
            found = None
        if found is None:
            why = '每行须为 {"channel": "12345", "raw": {…}}'
            raise fail(f"{path} 第 {number} 行：{why}", EXIT_TROUBLE)
        yield number, *found


def _enclosed(found: object) -> Raw | None:
    if not isinstance(found, dict) or not isinstance(found.get("raw"), dict):
        return None
    return (found["channel"], found["raw"]) if found.get("channel") in get_args(Channel) else None
