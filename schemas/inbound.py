"""Topics `inbound-<channel>`: the channel's raw record, kept as it came; normalised by intake."""

from typing import ClassVar

from pydantic import JsonValue

from schemas.event import Data
from schemas.matter import Channel

DISTRICT_DEFAULT = "420704"


class Inbound(Data):
    """原始记录: `raw` is one JSON object with the fields of data/channels.md."""

    TYPE: ClassVar[str] = "cn.anxin.inbound.*.v1"
    district: str = DISTRICT_DEFAULT
    channel: Channel
    raw: dict[str, JsonValue]


def inbound_type(channel: str) -> str:
    return f"cn.anxin.inbound.{channel}.v1"
