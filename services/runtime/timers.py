"""Armed instants of one stage's rows in one partition: a heap that is only a hint; the rows' own instants decide."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

AT_ONCE_MS = 0  # no row is armed for 1970
REARM_S = 30.0  # a command that was lost with its writer is sent again


@dataclass
class Timers:
    """Milliseconds since 1970. `sent` = real seconds at which the row's command went out, by key."""

    heap: list[tuple[int, str]] = field(default_factory=list)
    sent: dict[str, tuple[int, float]] = field(default_factory=dict)

    def rebuild(self, due: Mapping[str, int]) -> None:
        self.heap = [(at, key) for key, at in due.items()]
        heapq.heapify(self.heap)

    def arm(self, key: str, at: int) -> None:
        heapq.heappush(self.heap, (at, key))

    def take(self, due: Mapping[str, int], now_ms: int, most: int) -> list[tuple[int, str]]:
        """Up to `most` rows whose instant has come, oldest first; entries the rows no longer bear out go."""
        found: list[tuple[int, str]] = []
        while self.heap and self.heap[0][0] <= now_ms and len(found) < most:
            at, key = heapq.heappop(self.heap)
            if due.get(key) == at and self.sent.get(key, (None, 0.0))[0] != at:
                found.append((at, key))
        return found

    def mark_sent(self, at: int, key: str, real_s: float) -> None:
        self.sent[key] = (at, real_s)

    def answered(self, key: str) -> bool:
        """The row was written anew: what was said to it may be said again; True where something had been."""
        return self.sent.pop(key, None) is not None

    def lost(self, due: Mapping[str, int], real_s: float) -> None:
        """Forget what was settled; arm again what was sent long ago and still stands."""
        for key, (at, when) in list(self.sent.items()):
            if due.get(key) != at:
                del self.sent[key]
            elif real_s - when >= REARM_S:
                del self.sent[key]
                self.arm(key, at)

    def next_due(self, due: Mapping[str, int]) -> int | None:
        """Earliest instant that a row bears out, sent or not; None where nothing is armed."""
        while self.heap and due.get(self.heap[0][1]) != self.heap[0][0]:
            heapq.heappop(self.heap)
        waiting = [at for key, (at, _) in self.sent.items() if due.get(key) == at]
        first = [self.heap[0][0]] if self.heap else []
        return min(first + waiting, default=None)


def unfired(due: Mapping[str, int], before_ms: int) -> int:
    """The audit, apart from the heap: rows whose instant lies before `before_ms`."""
    return sum(AT_ONCE_MS < at < before_ms for at in due.values())
