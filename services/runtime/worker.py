"""A service process: one Faust app, several stages, timers, probes. SIGTERM ends it well; a failed effect, 70."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import faust
import structlog
import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from schemas.event import Record
from schemas.topics import PARTITIONS
from services.runtime import probe, transport
from services.runtime.clock import Clock, clock_of, elapsed_s
from services.runtime.log import configure
from services.runtime.message import Message
from services.runtime.metrics import EngineMetrics
from services.runtime.partitions import Partitions
from services.runtime.policy_files import policy_hash
from services.runtime.quarantine import Quota
from services.runtime.restore import restore
from services.runtime.send import send_all
from services.runtime.settings import Settings
from services.runtime.settle import Settler
from services.runtime.stage import Stage
from services.runtime.timing import Timing

EXIT_NOT_NOW = 70
BROKER_RETRY_S, BROKER_LOG_EVERY, BROKER_ASK_S = 0.5, 20, 10.0
UNASSIGNED_S_MAX = 30.0
ANSWER_S_MAX = 30.0
BEAT_S = 0.5
GIL_SWITCH_S = 0.0005  # docs/adr/0005
GC_THRESHOLDS = (50_000, 20, 100)
SESSION_S = 6.0  # without a heartbeat for so long, the group gives our partitions away
REBALANCE_S = 20.0  # a member killed between joining and syncing holds up the whole group
UNASSIGNED = "no partitions: more workers than partitions (stop one), or the group has not let this worker in"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Wire = Callable[[CollectorRegistry], Sequence[Stage[Any]]]
"""A service's stages, with their metrics on the given registry."""
Prepare = Callable[[datetime], None]
"""One blocking effect at the start, at the clock's instant."""
log = structlog.get_logger()


def halt(where: str, error: BaseException) -> None:
    """Stop at once: everything since the commit is replayed by whoever starts next."""
    log.error("halt", where=where, error=f"{type(error).__name__}: {error}"[:500])
    os._exit(EXIT_NOT_NOW)


def tune_gc() -> None:
    """What lives as long as the process is not walked again; batches die young and hold no cycles (docs/adr/0005)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def build(app_name: str, settings: Settings) -> Any:
    """The Faust app with the settings that were measured (docs/adr/0005)."""
    (settings.home / "faust").mkdir(parents=True, exist_ok=True)
    transport.register()
    return faust.App(
        settings.topic_prefix + app_name,
        broker=f"{transport.SCHEME}://{settings.kafka}",
        store="memory://",
        datadir=settings.home / "faust",
        web_enabled=False,
        stream_wait_empty=False,
        value_serializer="raw",
        key_serializer="raw",
        table_standby_replicas=0,
        topic_disable_leader=True,
        topic_allow_declare=False,
        broker_commit_interval=settings.commit_interval_s,
        broker_max_poll_records=settings.batch_records_max,
        stream_buffer_maxsize=64,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=f"{settings.topic_prefix}{app_name}-{settings.instance}",
        producer_linger=0.0,
        producer_max_batch_size=131_072,
        producer_request_timeout=120,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=2.0,
        broker_rebalance_timeout=REBALANCE_S,
    )


class Worker:
    """The wiring of one process."""

    def __init__(
        self, name: str, wire: Wire, settings: Settings, prepare: Prepare | None = None
    ) -> None:
        self.name, self.settings, self.prepare = name, settings, prepare
        self.registry = CollectorRegistry()
        self.stages = stages = wire(self.registry)
        self.metrics = EngineMetrics(self.registry, name)
        self.metrics.zero({stage.name: stage.inputs for stage in stages})
        self.metrics.config.set(policy_hash(settings.policies))
        self.clock: Clock = clock_of(settings.clock)
        self.app = build(name, settings)
        quota = Quota(settings.quarantine_per_minute_max)
        settlers = [Settler(name, s, PARTITIONS, self.confirm, self.metrics, quota) for s in stages]

        async def load(changelogs: Mapping[str, Sequence[str]], numbers: Sequence[int]) -> Any:
            return await restore(settings, settings.topic_prefix + name, changelogs, numbers)

        self.partitions = Partitions(settlers, load, halt, settings)
        self.app.anxin_partitions = self.partitions
        self.timing = Timing(self.partitions, self.clock, self.confirm, self.metrics, settings)
        self.beat_s = self.answered_s = self.owned_s = elapsed_s()
        for stage in stages:
            for topic in stage.inputs:
                self._follow(stage, topic)

    def _follow(self, stage: Stage[Any], topic: str) -> None:
        channel = self.app.topic(self.settings.topic_prefix + topic, schema=transport.BatchSchema())

        async def follow(stream: faust.StreamT) -> None:
            async for event in stream.noack().events():
                number = event.message.partition
                records = [_record(topic, raw) for raw in event.value]
                await self.partitions.put(stage.name, number, records, event.ack)

        self.app.agent(channel, name=f"{self.name}.{stage.name}.{topic}")(follow)

    async def confirm(self, messages: Sequence[Message], stamp: datetime) -> None:
        """Send and wait for every future: `flush` never raises, `send` is not delivery."""
        self.fence()
        millis = int(stamp.timestamp() * 1000) if self.clock.stepped else None
        await send_all(self.app.producer._producer, self.settings.topic_prefix, messages, millis)
        self.answered_s = elapsed_s()

    async def await_broker(self, stop: asyncio.Event) -> None:
        """A broker that is away is waited for, with nobody's hand, until told to stop; /readyz says so meanwhile."""
        waited = 0
        while not stop.is_set():
            client = AIOKafkaClient(bootstrap_servers=self.settings.kafka)
            try:
                await client.bootstrap()
            except KafkaError:
                if waited % BROKER_LOG_EVERY == 0:
                    log.warning("broker away", kafka=self.settings.kafka, tries=waited)
                waited += 1
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), BROKER_RETRY_S)
            else:
                self.answered_s = elapsed_s()
                return
            finally:
                await client.close()

    async def ask_broker(self) -> None:
        """So that an idle service knows, too, whether its broker is there."""
        while True:
            await asyncio.sleep(BROKER_ASK_S)
            with suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(BROKER_ASK_S):
                    if await self.app.producer._producer.client.force_metadata_update():
                        self.answered_s = elapsed_s()

    async def beat(self) -> None:
        """For /livez; whichever comes first after a standstill, this or `confirm`, ends the process."""
        while True:
            self.fence()
            self.beat_s = elapsed_s()
            await asyncio.sleep(BEAT_S)

    def fence(self) -> None:
        """Whoever stood still for a session must write no more: its partitions may be another's (docs/adr/0008)."""
        still_s = elapsed_s() - self.beat_s
        if still_s > SESSION_S:
            halt("fence", TimeoutError(f"this process stood still for {still_s:.0f} s"))

    async def watch(self) -> None:
        """Halts where work stands still although batches wait."""
        while True:
            await asyncio.sleep(1)
            if self.app.should_stop or self.app.crashed:
                halt("faust", RuntimeError(repr(self.app.crash_reason)))
            now_s = elapsed_s()
            stalled = now_s - self.partitions.progress_s
            if (
                self.partitions.running
                and not self.partitions.flooded
                and stalled > self.settings.stall_s_max
            ):
                halt("watchdog", TimeoutError(f"no batch settled for {stalled:.0f} s"))
            if self.partitions.owned:
                self.owned_s = now_s
            elif now_s - self.owned_s > UNASSIGNED_S_MAX:
                halt("assignment", RuntimeError(UNASSIGNED))
            self.metrics.partitions.set(len(self.partitions.owned))

    def unready(self) -> list[str]:
        """For /readyz."""
        problems = []
        silent = elapsed_s() - self.answered_s
        if silent > ANSWER_S_MAX:
            problems.append(f"the broker has not answered for {silent:.0f} s")
        if not self.partitions.owned:
            problems.append("no partitions assigned")
        elif not self.partitions.restored():
            problems.append("state is being restored")
        if self.partitions.flooded:
            problems.append(f"stopped by quarantine: {self.partitions.flooded}")
        return problems

    async def main(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        server = await probe.serve(self)
        beating = asyncio.create_task(self.beat())
        await self.await_broker(stop)
        if stop.is_set():
            return
        if self.prepare is not None:
            await asyncio.to_thread(self.prepare, self.clock.now())
        await self.app.start()
        tune_gc()
        self.owned_s = elapsed_s()
        work = (self.watch(), self.ask_broker(), self.timing.run(halt))
        tasks = [asyncio.create_task(one) for one in work]
        log.info("started", stages=[stage.name for stage in self.stages])
        await stop.wait()
        for task in tasks:
            task.cancel()
        if not await self.partitions.drain(set(self.partitions.owned)):
            log.warning(
                "stopped amid a batch"
            )  # the broker is away: replayed by whoever starts next
            return
        with suppress(Exception):  # what could not be committed is replayed
            await self.app.consumer.commit()
        beating.cancel()  # not before: a drain is no standstill
        server.close()
        await self.app.stop()
        log.info("stopped")


def _record(topic: str, raw: Any) -> Record:
    return Record(
        topic,
        raw.partition,
        raw.offset,
        _EPOCH + timedelta(milliseconds=raw.timestamp),
        raw.key,
        raw.value,
        tuple(raw.headers),
    )


def run(name: str, wire: Wire, settings: Settings, prepare: Prepare | None = None) -> None:
    """Runs until SIGTERM or SIGINT. `prepare`: once the broker answers, before the first record."""
    configure(name, settings.log_level)
    sys.setswitchinterval(GIL_SWITCH_S)

    async def start() -> None:
        try:
            await Worker(name, wire, settings, prepare).main()
        except Exception as error:
            halt("main", error)
        os._exit(0)  # Faust's threads may linger after a clean stop

    uvloop.run(start())
