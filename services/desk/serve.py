"""One process: the pages on `http_port`, probes on `probe_port`, a thread that keeps the read model up."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from types import SimpleNamespace

import structlog
import uvicorn
from prometheus_client import CollectorRegistry

from schemas.event import Out
from services.desk.app import NAME, build
from services.desk.metrics import DeskMetrics
from services.desk.place import Desk
from services.desk.projector import Projector
from services.desk.sessions import Sessions
from services.desk.store import SCHEMA, Store
from services.desk.wording import read_office
from services.runtime import probe
from services.runtime.clock import RealClock, clock_of, elapsed_s, fresh_id
from services.runtime.log import configure, quiet_kafka
from services.runtime.publish import Publisher
from services.runtime.settings import Settings
from services.runtime.worker import halt

RETRY_S = 2.0
BEAT_S = 1.0
log = structlog.get_logger()


def run(settings: Settings) -> None:
    configure(NAME, settings.log_level)
    quiet_kafka()
    asyncio.run(_serve(settings))


def store_of(settings: Settings) -> Store:
    """A file of its own for each shape of the tables: an older desk serves on while the new one is built."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Store(settings.desk_url or f"sqlite:///{settings.home}/desk-{SCHEMA}.db")


async def _serve(settings: Settings) -> None:
    store, wall = store_of(settings), RealClock()
    projector = Projector(store, wall.now)
    clock = clock_of(settings.clock)
    with contextlib.ExitStack() as stack:
        desk = Desk(
            office=read_office(settings.policies),
            engine=store.engine,
            sessions=Sessions(store.engine),
            send=_sender(settings, stack),
            now=clock.now,
            wall=wall.now,
            fresh_id=fresh_id,
            caught_up=lambda: projector.caught_up,
            district=settings.district,
            demo=settings.demo,
        )
        threading.Thread(target=_project, args=(projector, settings), daemon=True).start()
        web = uvicorn.Server(
            uvicorn.Config(
                build(desk),
                host=settings.http_host,
                port=settings.http_port,
                log_level="warning",
                server_header=False,
                timeout_keep_alive=15,
                limit_concurrency=200,
            )
        )
        await _together(web, settings, projector)


async def _together(web: uvicorn.Server, settings: Settings, projector: Projector) -> None:
    worker = _probed(settings, projector)
    server = await probe.serve(worker)

    async def beat() -> None:
        while True:
            worker.beat_s = elapsed_s()
            await asyncio.sleep(BEAT_S)

    beating = asyncio.create_task(beat())
    try:
        await web.serve()  # ends with SIGTERM or SIGINT
    finally:
        beating.cancel()
        projector.stop.set()
        server.close()


def _probed(settings: Settings, projector: Projector) -> SimpleNamespace:
    registry = CollectorRegistry()
    DeskMetrics(registry, lambda: projector.caught_up)
    return SimpleNamespace(
        settings=settings,
        registry=registry,
        beat_s=elapsed_s(),
        unready=lambda: [] if projector.caught_up else ["the read model is being built"],
    )


def _project(projector: Projector, settings: Settings) -> None:
    try:
        projector.run(settings)
    except Exception as error:
        halt("projector", error)


def _sender(settings: Settings, stack: contextlib.ExitStack) -> Callable[[Out], None]:
    """One publisher, made when it is first needed: the pages show on while the broker is away."""
    made: list[Publisher] = []
    gate = threading.Lock()

    def send(out: Out) -> None:
        with gate:
            if not made:
                made.append(stack.enter_context(Publisher(settings)))
        made[0].event(out, out.event.time if settings.stepped else None)

    return send
