"""JSON Schema of the channels' raw records, from policies/channel-fields.csv."""

from pathlib import Path
from typing import Any

from schemas.event import ID_CHARS_MAX, TEXT_CHARS_MAX
from schemas.inbound import inbound_type
from schemas.matter import CHANNELS
from services.intake.core.columns import Column, Columns, Kind, columns_of
from services.intake.core.shapes import SHAPES

_TYPES: dict[Kind, list[str]] = {
    "text": ["string", "number", "null"],
    "flag": ["string", "boolean", "integer", "null"],
    "amount": ["string", "number", "null"],
    "count": ["string", "integer", "null"],
    "moment": ["string", "number", "null"],
    "month": ["string", "integer", "null"],
    "list": ["array", "string", "null"],
}
NOTE = (
    "Keys of ours. Chinese headers and their aliases (policies/channel-fields.csv) are taken as well, unknown "
    "columns are kept sealed; what is refused beyond this schema: docs/adapters.md."
)


def schemas(policies: Path) -> dict[str, dict[str, Any]]:
    """By event type."""
    columns = columns_of((policies / "channel-fields.csv").read_text(encoding="utf-8"))
    return {inbound_type(channel): _schema(columns, channel) for channel in CHANNELS}


def _schema(columns: Columns, channel: str) -> dict[str, Any]:
    number = SHAPES[channel].number  # type: ignore[index]  # one of CHANNELS
    properties = {key: _property(one) for key, one in columns.of[channel].items()}
    properties[number]["type"] = ["string", "integer"]
    properties[number] |= {"minLength": 1, "maxLength": ID_CHARS_MAX}
    return {
        "title": inbound_type(channel),
        "description": NOTE,
        "type": "object",
        "properties": properties,
        "required": [number],
        "additionalProperties": True,
    }


def _property(column: Column) -> dict[str, Any]:
    """`x-required`: expected of the channel, told as a remark where it lacks."""
    found: dict[str, Any] = {"title": column.name_zh, "type": _TYPES[column.kind]}
    found["description"] = column.type
    if column.kind == "text":
        found["maxLength"] = TEXT_CHARS_MAX
    if column.example and column.kind != "list":
        found["examples"] = [column.example]
    if column.required:
        found["x-required"] = True
    return found
