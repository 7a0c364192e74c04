"""Intake in one process: the two deciding stages over rows in memory, until nothing is left to decide. No broker."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

from schemas.event import Data, Event
from services.intake.core.decode import Arrival
from services.intake.core.matters import Known
from services.intake.core.policy import Policy
from services.intake.core.receive import TOPIC, receive
from services.intake.core.recognise import recognise, row_of
from services.kernel.seal import KEY_BYTES

_KEY = bytes(KEY_BYTES)  # nothing is kept: any key does
See = Callable[[Known | None, Event], None]


class Desk:
    """`see`: told of each row as it stands before an event of `submissions` is decided."""

    def __init__(self, policy: Policy, see: See = lambda row, event: None) -> None:
        self.policy, self.see = policy, see
        self.receipts: dict[str, Any] = {}
        self.known: dict[str, Known | None] = {}

    def take(self, arrival: Arrival, now: datetime) -> list[Data]:
        """What is said on `cases`. Raises Refused."""
        step = receive(self.policy, self.receipts.get(arrival.row), arrival, _KEY, now)
        self.receipts[arrival.row] = step.state
        return self.decide([one.event for one in step.events], now)

    def decide(self, events: list[Event], now: datetime) -> list[Data]:
        """Events of `submissions` and those that follow from them."""
        waiting, said = deque(events), list[Data]()
        while waiting:
            event = waiting.popleft()
            row = row_of(event.data)
            self.see(self.known.get(row), event)
            done = recognise(self.policy, self.known.get(row), event, now)
            self.known[row] = done.state
            waiting += [one.event for one in done.events if one.topic == TOPIC]
            said += [one.event.data for one in done.events if one.topic != TOPIC]
        return said
