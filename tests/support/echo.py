"""The smallest real service: counts actions a case and says each one once on `deadlines`. For engine tests."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from schemas.codec import decode
from schemas.event import Event, Out, Record
from services.kernel.ids import derived_id
from services.kernel.step import Step
from services.runtime.settings import load_settings
from services.runtime.stage import Input, Stage
from services.runtime.worker import run


class Count(BaseModel):
    model_config = ConfigDict(frozen=True)
    n: int = 0


def read(record: Record) -> Input:
    event = decode(record)
    return Input(event, event.subject)


def count(state: Count | None, item: Input, now: datetime) -> Step[Count]:
    event = Event(derived_id(item.event.id, "echo"), "urn:test", now, item.key, item.event.data)
    done = Count(n=(state.n if state else 0) + 1)
    return Step(done, (Out("deadlines", item.key, event),))


ECHO = Stage("advance", ("actions",), read, count, Count)

if __name__ == "__main__":
    run("escalation", lambda _: [ECHO], load_settings())
