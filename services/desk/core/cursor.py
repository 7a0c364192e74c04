"""Where a channel stands in its replies: the next offset of each partition; a rebuilt read model loses none. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping

from schemas.topics import PARTITIONS
from services.desk.core.problem import Problem

_TEXT = re.compile(r"(\d{1,2}:\d{1,18}(,\d{1,2}:\d{1,18})*)?")
CURSOR_CHARS_MAX = 800
Cursor = Mapping[int, int]
"""Partition -> next offset; absent = from its beginning."""


def written(cursor: Cursor) -> str:
    text = ",".join(f"{number}:{offset}" for number, offset in sorted(cursor.items()))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str) -> Cursor:
    """Raises Problem: bad_parameter."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise Problem("bad_parameter", "since") from None
    if len(text) > CURSOR_CHARS_MAX or not _TEXT.fullmatch(plain):
        raise Problem("bad_parameter", "since")
    pairs = (part.split(":") for part in plain.split(",") if part)
    found = {int(number): int(offset) for number, offset in pairs}
    if any(number >= PARTITIONS for number in found) or written(found) != text:
        raise Problem("bad_parameter", "since")
    return found
