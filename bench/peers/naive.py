"""The router's job in the idiom of Faust's documentation: `async for`, a Table, `await topic.send`, `table[k] = v`.

Same decoding, same core, same row as services.router; Faust's own defaults (acks=all is one of them), with uvloop, as
the service has it, so that the ratio is not the loop's.
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import faust
import uvloop

from schemas.codec import decode, encode
from schemas.event import Record
from schemas.topics import PARTITIONS
from services.router.core.route import route
from services.router.core.state import RouteRow
from services.router.settings import load_policy
from services.runtime.settings import Settings, load_settings

SEEN_IDS_MAX = 256


def build(settings: Settings) -> Any:
    policy, prefix = load_policy(settings), settings.topic_prefix
    (settings.home / "faust").mkdir(parents=True, exist_ok=True)
    app = faust.App(
        prefix + "naive",
        broker=f"kafka://{settings.kafka}",
        store="memory://",
        datadir=settings.home / "faust",
        topic_partitions=PARTITIONS,
        web_enabled=False,
    )
    cases = app.topic(prefix + "cases", key_type=bytes, value_type=bytes, **RAW)
    routings = app.topic(prefix + "routings", key_type=bytes, value_type=bytes, **RAW)
    rows = app.Table("rows", partitions=PARTITIONS)

    @app.agent(cases)  # type: ignore[untyped-decorator]
    async def follow(stream: faust.StreamT) -> None:
        async for event in stream.events():
            record = _record(event.message)
            said = decode(record)
            row = rows.get(said.subject) or {"state": None, "seen": []}
            if str(said.id) in row["seen"]:
                continue
            state = row["state"] and RouteRow.model_validate(row["state"])
            step = route(policy, state, said, record.timestamp)
            for out in step.events:
                headers, value = encode(out.event)
                await routings.send(key=out.key.encode(), value=value, headers=dict(headers))
            rows[said.subject] = {
                "state": step.state and step.state.model_dump(mode="json", exclude_defaults=True),
                "seen": [*row["seen"], str(said.id)][-SEEN_IDS_MAX:],
            }

    return app


RAW = {"key_serializer": "raw", "value_serializer": "raw"}


def _record(message: Any) -> Record:
    stamp = datetime.fromtimestamp(message.timestamp, UTC)
    headers = message.headers
    pairs = headers.items() if isinstance(headers, dict) else headers
    return Record(
        "cases", message.partition, message.offset, stamp, message.key, message.value, tuple(pairs)
    )


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    sys.argv = [sys.argv[0], "worker", "-l", "warn"]
    build(load_settings()).main()
