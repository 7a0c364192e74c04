"""Serving HTTP to people and channels, with the probes beside it on their own port."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.runtime import probe
from services.runtime.clock import elapsed_s
from services.runtime.settings import Settings

CONNECTIONS_MAX = 200
HEAD_BYTES_MAX = 16_384
HEAD_S_MAX = 10.0
IDLE_S_MAX = 15
DRAIN_S_MAX = 15
BEAT_S, ASK_EVERY_S = 1.0, 10.0


class Impatient(H11Protocol):
    """A caller has HEAD_S_MAX for the head of a request, from the connection or the end of the answer before it."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD_S_MAX, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy and self._late:
            self._late.cancel()
            self._late = None
        elif not busy and self._late is None:
            self._late = self.loop.call_later(HEAD_S_MAX, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._late:
            self._late.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        self._late = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


class Server(uvicorn.Server):
    """Asked to stop it returns, so that what stands after it is done: uvicorn's own would die of the signal then.

    `app.state.leaving` says so to answers that have no end of their own.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
        self.config.app.state.leaving = True  # type: ignore[union-attr]


@dataclass
class Told:
    """What the probe asks a process. `unready`: problems in words."""

    settings: Settings
    registry: CollectorRegistry
    unready: Callable[[], list[str]]
    beat_s: float = field(default_factory=elapsed_s)


async def serve(app: Any, told: Told, ask: Callable[[], None]) -> None:
    """Until SIGTERM or SIGINT; requests under way are then answered. `ask`: blocking, every ASK_EVERY_S."""
    await attend(Server(config(app, told.settings)).serve(), told, ask)


async def asked_to_stop() -> None:
    """Returns at SIGTERM or SIGINT: for a process that has nothing but its probes and its threads."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()


async def attend(work: Coroutine[Any, Any, None], told: Told, ask: Callable[[], None]) -> None:
    """`work` with the probes beside it."""
    probes = await probe.serve(told)
    tasks = [asyncio.create_task(one) for one in (_beat(told), _asked(ask))]
    try:
        await work
    finally:
        for task in tasks:
            task.cancel()
        probes.close()


def config(app: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=Impatient,
        ws="none",
        log_level="warning",
        access_log=False,  # addresses name submissions
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        timeout_keep_alive=IDLE_S_MAX,
        timeout_graceful_shutdown=DRAIN_S_MAX,
    )


async def _beat(told: Told) -> None:
    while True:
        told.beat_s = elapsed_s()
        await asyncio.sleep(BEAT_S)


async def _asked(ask: Callable[[], None]) -> None:
    while True:
        await asyncio.to_thread(ask)
        await asyncio.sleep(ASK_EVERY_S)
