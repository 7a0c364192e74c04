"""What an adapter's author uses: records in, answers out (docs/adapters.md)."""

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from schemas.escalations import ReplyOwed
from schemas.event import Event, Refused
from services.intake.core.certify import (
    Delivery,
    Enveloped,
    Origin,
    certify,
    certify_event,
    number_of,
)
from services.intake.core.policy import Policy
from services.intake.core.receipt import receipt
from services.intake.core.remarks import Remark, remarks
from services.intake.core.table import Skipped
from services.intake.settings import load_policy
from services.runtime.clock import Clock, clock_of
from services.runtime.inbox import inbox
from services.runtime.message import Message
from services.runtime.publish import Position, Publisher
from services.runtime.settings import Settings, load_settings

Raw = Mapping[str, JsonValue]
Row = Raw | Enveloped | Refused | Skipped
Rows = Iterable[tuple[int, Row]]
"""Row number as its people count it; a row that could not even be read comes as its refusal, a note as skipped."""
NOBODY = b"no person is known to an adapter"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one row. `reason`: Chinese, for the sender; `code`: schemas.event.Reason.

    `remarks`: what to look at in a row that is taken, when it is only certified.
    """

    row: int
    external_no: str
    status: Literal["sent", "accepted", "refused", "skipped"]
    field: str = ""
    reason: str = ""
    code: str = ""
    remarks: tuple[Remark, ...] = ()


class Adapter:
    """One channel's door. With no publisher it only certifies."""

    def __init__(
        self, origin: Origin, policy: Policy, clock: Clock, publisher: Publisher | None = None
    ) -> None:
        self.origin, self.policy, self.clock, self.publisher = origin, policy, clock, publisher

    def publish(self, records: Iterable[Raw], at: datetime | None = None) -> Iterator[Answer]:
        """Answers in order, each once the broker has the record. `at`: an instant of a stepped world.

        Raises services.runtime.publish.NotNow: send all again, what arrived before is not taken twice.
        """
        return self.publish_rows(enumerate(records, 1), at)

    def publish_rows(self, rows: Rows, at: datetime | None = None) -> Iterator[Answer]:
        if self.publisher is None:
            raise ValueError("this adapter only certifies")
        if at is None and self.clock.stepped:
            at = self.clock.now()
        for answer, _ in self.publisher.each(self._judged(rows, "sent", at), at):
            yield answer

    def judge(self, rows: Rows, at: datetime | None = None) -> list[tuple[Answer, Message | None]]:
        """What intake would say to each, and its message where it would be taken; nothing is sent."""
        return list(self._judged(rows, "sent", at))

    def certify_rows(self, rows: Rows) -> Iterator[Answer]:
        """What intake would say, with remarks; nothing is sent."""
        for row, raw in rows:
            [(answer, _)] = self._judged([(row, raw)], "accepted", None)
            if answer.status == "accepted" and isinstance(raw, Mapping):
                found = remarks(self.policy.columns, self.origin.channel, raw)
                answer = replace(answer, remarks=found)
            yield answer

    def owed(self, idle_s_max: float = math.inf) -> Iterator[Event]:
        """Answers owed to this channel, each again until the next is asked for. Ends after `idle_s_max` without news.

        Raises NotNow. Two adapters of one channel and system share the work.
        """
        if self.publisher is None:
            raise ValueError("this adapter only certifies")
        group = f"adapter-{self.origin.channel}-{self.origin.system}"
        for event in inbox(self.publisher.settings, "replies", group, idle_s_max):
            if isinstance(event.data, ReplyOwed) and event.data.channel == self.origin.channel:
                yield event

    def replied(self, owed: Event, receipt_no: str, at: datetime | None = None) -> Position:
        """The source took the answer `owed`, at `at` (else now): confirmed on `actions`. Raises NotNow."""
        if self.publisher is None:
            raise ValueError("this adapter only certifies")
        now = at or self.clock.now()
        stamp = now if self.clock.stepped else at
        return self.publisher.event(receipt(self.origin, owed, receipt_no, now), stamp)

    def _judged(
        self, rows: Rows, status: Literal["sent", "accepted"], at: datetime | None
    ) -> Iterator[tuple[Answer, Message | None]]:
        for row, raw in rows:
            if isinstance(raw, Skipped):
                yield Answer(row, "", "skipped", reason=raw.why_zh), None
                continue
            try:
                delivery = self._delivery(raw, at or self.clock.now())
            except Refused as refused:
                yield self._refusal(row, raw, refused), None
            else:
                yield Answer(row, delivery.external_no, status), _message(delivery)

    def _delivery(self, raw: Raw | Enveloped | Refused, now: datetime) -> Delivery:
        if isinstance(raw, Refused):
            raise raw
        if isinstance(raw, Enveloped):
            return certify_event(self.policy, self.origin, raw, now)
        return certify(self.policy, self.origin, raw, now)

    def _refusal(self, row: int, raw: Raw | Enveloped | Refused, refused: Refused) -> Answer:
        found = raw.event.get("data") if isinstance(raw, Enveloped) else raw
        number = ""
        if isinstance(found, Mapping):
            number = number_of(self.policy.columns, self.origin.channel, found)
        return Answer(
            row, number, "refused", refused.field, refused.detail_zh, refused.reason.value
        )


def channel_policy(settings: Settings) -> Policy:
    """What an adapter needs of intake's policy. Raises OSError or ValueError at start."""
    return load_policy(settings, NOBODY)


def certifier(origin: Origin, settings: Settings | None = None) -> Adapter:
    """An adapter without a broker."""
    settings = settings or load_settings()
    return Adapter(origin, channel_policy(settings), clock_of(settings.clock))


@contextmanager
def adapter(origin: Origin, settings: Settings | None = None) -> Iterator[Adapter]:
    """Connected, as the settings say. Raises services.runtime.publish.NotNow."""
    settings = settings or load_settings()
    with Publisher(settings) as publisher:
        policy, clock = channel_policy(settings), clock_of(settings.clock)
        yield Adapter(origin, policy, clock, publisher)


def _message(delivery: Delivery) -> Message:
    return Message(delivery.topic, delivery.external_no.encode(), delivery.value, delivery.headers)
