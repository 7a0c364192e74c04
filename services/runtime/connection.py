"""One publisher for a process that serves people: made when first needed, made anew after the broker was away."""

import threading
from contextlib import suppress

from services.runtime.clock import elapsed_s
from services.runtime.publish import NotNow, Publisher
from services.runtime.settings import Settings

ANSWER_S_MAX = 30.0
AGAIN_S = 5.0
"""After a failed attempt to connect, those who come within so long are told the same at once."""


class Connection:
    """Used by many threads."""

    def __init__(self, settings: Settings, delivery_ms_max: int) -> None:
        self.settings, self.delivery_ms_max = settings, delivery_ms_max
        self._gate = threading.Lock()
        self._made: Publisher | None = None
        self._failed: tuple[float, str] | None = None
        self._answered_s = float("-inf")

    def publisher(self) -> Publisher:
        """Connects where nobody has yet. Raises NotNow."""
        with self._gate:
            if self._made is None:
                if self._failed and elapsed_s() - self._failed[0] < AGAIN_S:
                    raise NotNow(self._failed[1])
                try:
                    self._made = Publisher(self.settings, delivery_ms_max=self.delivery_ms_max)
                except NotNow as away:
                    self._failed = elapsed_s(), str(away)
                    raise
            return self._made

    def drop(self, publisher: Publisher) -> None:
        """After NotNow: what it still holds is not sent late, behind the back of whoever was told that it failed."""
        with self._gate:
            if self._made is publisher:
                self._made = None
        publisher.close()

    def ask(self) -> None:
        """So that an idle process knows, too, whether its broker is there."""
        with suppress(NotNow):
            if self.publisher().answers():
                self._answered_s = elapsed_s()

    def unready(self) -> list[str]:
        """For /readyz."""
        silent = elapsed_s() - self._answered_s
        if silent == float("inf"):
            return ["the broker has not answered yet"]
        if silent > ANSWER_S_MAX:
            return [f"the broker has not answered for {silent:.0f} s"]
        return []

    def close(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            made.close()
