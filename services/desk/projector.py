"""The thread that reads the topics into the read model. What it cannot do ends the process, which is then run again."""

import threading
from collections.abc import Callable
from datetime import datetime

from schemas.event import Record
from services.desk.store import Store
from services.desk.tables import TOPICS
from services.runtime.settings import Settings
from services.runtime.tail import Tail

WAIT_MS = 300
BATCH_RECORDS_MAX = 1000


class Projector:
    """`caught_up`: when everything the broker has was last in the tables; None = not yet."""

    def __init__(self, store: Store, wall: Callable[[], datetime]) -> None:
        self.store, self.wall = store, wall
        self.caught_up: datetime | None = None
        self.stop = threading.Event()

    def run(self, settings: Settings) -> None:
        """Until `stop`. Begins where the tables stand; raises what the broker or the database raises."""
        begin = {place: one.next_offset for place, one in self.store.places().items()}
        tail = Tail(settings.kafka, settings.topic_prefix, TOPICS, begin=begin, wait_ms=WAIT_MS)
        try:
            while not self.stop.is_set():
                self.take(tail.poll())
                if tail.at_end():
                    self.caught_up = self.wall()
        finally:
            tail.close()

    def take(self, records: list[Record]) -> None:
        for begin in range(0, len(records), BATCH_RECORDS_MAX):
            self.store.apply(records[begin : begin + BATCH_RECORDS_MAX])
