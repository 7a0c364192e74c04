"""Timers as a loop: due instants become commands on the log; the command, come back, changes the row."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from services.runtime.clock import Clock, elapsed_s
from services.runtime.metrics import EngineMetrics
from services.runtime.partitions import Chain, Halt, Partitions
from services.runtime.settings import Settings
from services.runtime.settle import Confirm
from services.runtime.timers import AT_ONCE_MS, unfired

TURN_S = 0.02
COMMANDS_WAITING_MAX = 2000
"""Said and not yet settled. A backlog waits in the heaps: on the log it would be said again after REARM_S, again and
again where it drains slower than that, and whatever else happens would queue behind it."""
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
        """Fire what is due, bounded: every partition its share, the oldest of each first; how many."""
        now = self.clock.now()
        now_ms, real = _millis(now), elapsed_s()
        fired = self._due(now_ms, real)
        messages = [chain.settler.command(chain.rows, key, at) for chain, at, key in fired]
        if messages:
            await self.confirm(messages, now)
        for _, at, _ in fired:
            if at == AT_ONCE_MS:
                continue
            self.metrics.fired((now_ms - at) / 1000 if not self.clock.stepped else 0.0)
        self._publish(now_ms, real)
        return len(fired)

    def _due(self, now_ms: int, real: float) -> list[tuple[Chain, int, str]]:
        """Shares, so that chains work side by side; what one leaves is shared again by those that want more.

        No chain has out more than what is still free: one that answers nothing leaves the others as much again.
        """
        chains = list(self.partitions.chains())
        for chain in chains:
            chain.timers.lost(chain.rows.due, real)
        free = COMMANDS_WAITING_MAX - sum(len(chain.timers.sent) for chain in chains)
        room = min(self.settings.fires_per_turn_max, free)
        found: list[tuple[Chain, int, str]] = []
        while chains and room > 0:
            share, hungry = max(room // len(chains), 1), list[Chain]()
            for chain in chains:
                own = (free - len(chain.timers.sent) + 1) // 2
                taken = chain.timers.take(chain.rows.due, now_ms, min(share, room, own))
                for at, key in taken:  # before it is said: one that comes back at once finds it
                    chain.timers.mark_sent(at, key, real)
                found += [(chain, at, key) for at, key in taken]
                room, free = room - len(taken), free - len(taken)
                if len(taken) == share:
                    hungry.append(chain)
            chains = hungry
        return found

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
        self._census()

    def _census(self) -> None:
        """Counts the labels of all restored rows of each stage that has them, with a timer or without."""
        for settler in self.partitions.settlers:
            if settler.stage.census is None:
                continue
            counts: Counter[str] = Counter()
            for partition in self.partitions.owned.values():
                if partition.restored.is_set():
                    counts.update(partition.chains[settler.stage.name].rows.label.values())
            settler.stage.census.tell(counts)


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
