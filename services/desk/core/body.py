"""From a request's bytes to the records in it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.codec import JSON, STRUCTURED, parse_json
from schemas.event import Reason, Refused
from services.desk.core.problem import Fault, Problem

BATCH = "application/cloudevents-batch+json"
MEDIA_TYPES = (JSON, STRUCTURED, BATCH)
BODY_BYTES_MAX = 2_000_000
BATCH_RECORDS_MAX = 500
DEPTH_MAX = 32
"""Of JSON. A record of a channel has two or three levels."""


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """A record in its envelope, structured mode."""

    event: Mapping[str, Any]


Item = Mapping[str, Any] | CloudEvent | Refused


def media_type_of(content_type: str, content_encoding: str = "") -> str:
    """Raises Problem: unsupported."""
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind not in MEDIA_TYPES:
        raise Problem("unsupported", "Content-Type")
    if any(one.startswith("charset=") and one[8:].strip('"') != "utf-8" for one in parameters):
        raise Problem("unsupported", "Content-Type")
    if content_encoding.strip().lower() not in ("", "identity"):
        raise Problem("unsupported", "Content-Encoding")
    return kind


def items_of(media_type: str, body: bytes) -> list[Item]:
    """Records in the order sent; one that is no object is its own refusal. Raises Problem: refused, too_large."""
    try:
        whole = _parsed(body)
    except Refused as refused:
        raise Problem("refused", faults=[fault_of(0, "", refused)]) from None
    many = isinstance(whole, list) and media_type != STRUCTURED
    rows: Sequence[Any] = whole if many else [whole]
    if media_type == BATCH and not many:
        rows = [Refused(Reason.BAD_ENVELOPE, "批量模式须为 JSON 数组")]
    if not rows:
        raise Problem("refused", faults=[fault_of(0, "", Refused(Reason.EMPTY, "没有记录"))])
    if len(rows) > BATCH_RECORDS_MAX:
        raise Problem("too_large")
    return [_item(row, enveloped=media_type != JSON) for row in rows]


def fault_of(index: int, external_no: str, refused: Refused) -> Fault:
    return Fault(index, external_no, refused.field, refused.reason, refused.detail_zh)


def _parsed(body: bytes) -> Any:
    if not body.strip():
        raise Refused(Reason.EMPTY, "请求体为空")
    whole = parse_json(body)
    if _deeper(whole, DEPTH_MAX):
        raise Refused(Reason.BAD_JSON, f"JSON 嵌套超过 {DEPTH_MAX} 层")
    return whole


def _deeper(whole: Any, depth_max: int) -> bool:
    """Level by level: no recursion that the JSON could exhaust."""
    level = [whole]
    for _ in range(depth_max):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return any(isinstance(one, dict | list) for one in level)


def _item(row: Any, *, enveloped: bool) -> Item:
    if isinstance(row, Refused):
        return row
    if not isinstance(row, dict):
        return Refused(Reason.BAD_FIELD, "一条记录须为一个 JSON 对象")
    return CloudEvent(row) if enveloped else row
