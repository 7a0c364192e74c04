"""Timers as a loop: due instants become commands on the log; the command, come back, changes the row."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.runtime.clock import Clock, elapsed_s
from services.runtime.message import Message
from services.runtime.metrics import EngineMetrics
from services.runtime.partitions import Chain, Halt, Partitions
from services.runtime.settings import Settings
from services.runtime.settle import Confirm
from services.runtime.timers import unfired

TURN_S = 0.02
AUDIT_EVERY_S = 5.0
AUDIT_GRACE_S = 60.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timing:
    """Reads the clock; never changes a row."""

    def __init__(
        self,
        partitions: Partitions,
        clock: Clock,
        confirm: Confirm,
        metrics: EngineMetrics,
        settings: Settings,
    ) -> None:
        self.partitions, self.clock, self.confirm = partitions, clock, confirm
        self.metrics, self.settings = metrics, settings
        self.audited_s = 0.0

    async def run(self, halt: Halt) -> None:
        while True:
            try:
                sent = await self.turn()
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                halt("timers", error)
                return
            if not sent:
                await asyncio.sleep(TURN_S)

    async def turn(self) -> int:
        """Fire what is due, oldest first, bounded; how many."""
        now = self.clock.now()
        now_ms, room, real = _millis(now), self.settings.fires_per_turn_max, elapsed_s()
        messages: list[Message] = []
        fired: list[tuple[Chain, int, str]] = []
        for chain in self.partitions.chains():
            chain.timers.lost(chain.rows.due, real)
            for at, key in chain.timers.take(chain.rows.due, now_ms, room - len(fired)):
                messages.append(chain.settler.command(chain.rows, key, at))
                fired.append((chain, at, key))
        for (
            chain,
            at,
            key,
        ) in fired:  # before the wait: a command that comes back at once finds it so
            chain.timers.mark_sent(at, key, real)
        if messages:
            await self.confirm(messages, now)
        for _, at, _ in fired:
            self.metrics.fired((now_ms - at) / 1000 if not self.clock.stepped else 0.0)
        self._publish(now_ms, real)
        return len(fired)

    def _publish(self, now_ms: int, real: float) -> None:
        chains = self.partitions.chains()
        nexts = [at for c in chains if (at := c.timers.next_due(c.rows.due)) is not None]
        self.metrics.next_due.set(min(nexts, default=0) / 1000)
        if real - self.audited_s < AUDIT_EVERY_S:
            return
        self.audited_s = real
        grace = 0 if self.clock.stepped else int(AUDIT_GRACE_S * 1000)
        self.metrics.timers_armed.set(sum(len(c.rows.due) for c in chains))
        self.metrics.overdue_unfired.set(sum(unfired(c.rows.due, now_ms - grace) for c in chains))
        self.metrics.audited.set(now_ms / 1000)
        self._census(chains)

    def _census(self, chains: Sequence[Chain]) -> None:
        """Counts the labels of all rows of each stage that has them."""
        for settler in self.partitions.settlers:
            if settler.stage.census is None:
                continue
            counts: Counter[str] = Counter()
            for chain in chains:
                if chain.settler is settler:
                    counts.update(chain.rows.label.values())
            settler.stage.census.tell(counts)


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
