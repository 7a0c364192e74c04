"""One process: the pages on `http_port`, probes on `probe_port`, a thread that keeps the read model up."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry

from schemas.event import Out
from services.desk.app import NAME, build
from services.desk.door import DELIVERY_MS_MAX, Door
from services.desk.edge import Edge, Rates
from services.desk.login_settings import address_of, ids_of, providers_of
from services.desk.logins import Logins
from services.desk.marks import Marks
from services.desk.metrics import DeskMetrics, DoorMetrics, LoginMetrics
from services.desk.nonces import Nonces
from services.desk.place import Desk
from services.desk.projector import Projector
from services.desk.quarantine import Keeper
from services.desk.reveal import Revealer
from services.desk.sessions import Sessions
from services.desk.settings import channel_keys, door_url
from services.desk.store import Store
from services.desk.tables import SCHEMA
from services.desk.wording import read_office
from services.runtime import quarantine_desk
from services.runtime.clock import RealClock, clock_of, fresh_id
from services.runtime.connection import Connection
from services.runtime.log import configure, quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.settings import Settings
from services.runtime.sql import engine_of
from services.runtime.vault import key_given, shared_vault
from services.runtime.web import Told, serve
from services.runtime.worker import halt, tune_gc

RETRY_S = 2.0


def run(settings: Settings) -> None:
    configure(NAME, settings.log_level)
    quiet_kafka()
    asyncio.run(_serve(settings))


def store_of(settings: Settings) -> Store:
    """A file or schema of its own for each shape of the tables: an older desk serves on while the new one is built."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Store(settings.desk_url or f"sqlite:///{settings.home}/desk-{SCHEMA}.db")


async def _serve(settings: Settings) -> None:
    store, wall = store_of(settings), RealClock()
    projector, connection = Projector(store, wall.now), Connection(settings, DELIVERY_MS_MAX)
    providers = providers_of(settings)
    registry, clock = CollectorRegistry(), clock_of(settings.clock)
    DeskMetrics(registry, lambda: projector.caught_up)
    door = engine_of(door_url(settings), schema="desk", synchronous="NORMAL")
    nonces = Nonces(door)
    send = _sender(settings, connection, clock.now)
    desk = Desk(
        office=read_office(settings.policies),
        engine=store.engine,
        sessions=Sessions(door),
        send=send,
        now=clock.now,
        wall=wall.now,
        fresh_id=fresh_id,
        caught_up=lambda: projector.caught_up,
        district=settings.district,
        demo=settings.demo,
        reveal=Revealer(
            settings, lambda: key_given(settings), lambda: shared_vault(settings), send, clock.now
        ),
        quarantine=Keeper(settings, quarantine_desk.Desk(settings), send, clock.now),
        logins=Logins(
            metrics=LoginMetrics(registry),
            wall=wall.now,
            used=nonces,
            address=address_of(settings),
            providers=providers,
            ids=ids_of(settings, providers),
        ),
        marks=Marks(door),
        secure=address_of(settings).startswith("https://"),
    )
    app = build(desk, edge_of(settings, registry, connection, desk, nonces))
    tune_gc()
    threading.Thread(target=_project, args=(projector, settings), daemon=True).start()
    building = ["the read model is being built"]
    told = Told(
        settings,
        registry,
        lambda: connection.unready() + ([] if projector.caught_up else building),
    )
    try:
        await serve(app, told, connection.ask)
    finally:
        projector.stop.set()
        connection.close()


def edge_of(
    settings: Settings,
    registry: CollectorRegistry,
    connection: Connection,
    desk: Desk,
    nonces: Nonces,
) -> Edge:
    """Raises BadSetting."""
    return Edge(
        keys=channel_keys(settings),
        nonces=nonces,
        rates=Rates(settings.channel_requests_per_minute_max),
        deliver=Door(settings, connection).deliver,
        metrics=DoorMetrics(registry),
        wall=desk.wall,
        now=desk.now,
        engine=desk.engine,
        categories=desk.office.names.categories,
        open311=settings.open311,
    )


def _project(projector: Projector, settings: Settings) -> None:
    """A broker that is away at the start is waited for."""
    while not projector.stop.is_set():
        try:
            projector.run(settings)
        except NotNow:
            projector.stop.wait(RETRY_S)
        except (
            Exception
        ) as error:  # whatever it is: a model that follows no more is not shown as if it did
            halt("projector", error)


def _sender(
    settings: Settings, connection: Connection, now: Callable[[], datetime]
) -> Callable[[Out], None]:
    """The pages show on while the broker is away; an act then says so. Stamped when sent, not when done."""

    def send(out: Out) -> None:
        publisher = connection.publisher()
        try:
            publisher.event(out, now() if settings.stepped else None)
        except NotNow:
            connection.drop(publisher)
            raise

    return send
