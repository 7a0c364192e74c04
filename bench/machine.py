"""What a measurement stands on: a broker of its own, one worker process at a time, its CPU and memory from /proc."""

import json
import os
import platform
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count
from pathlib import Path
from types import TracebackType

from kafka.admin import KafkaAdminClient

from services.runtime import topics
from services.runtime.broker import BROKER_PORTS, COORDINATE, LocalBroker, free_port
from services.runtime.clock import RealClock, elapsed_s

ROOT = Path(__file__).resolve().parents[1]
JARS = ROOT / ".anxin"
SAMPLE_S = 0.02
STOP_S_MAX = 30.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LIBRARIES = ("faust-streaming", "mode-streaming", "aiokafka", "pydantic", "uvloop", "kafka-python")


class TooSlowError(RuntimeError):
    """A bound in time was reached; the message says of what."""


@dataclass
class Lab:
    """One broker; `fresh` gives a contender topics of its own and removes them afterwards."""

    broker: LocalBroker
    home: Path
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def kafka(self) -> str:
        return self.broker.bootstrap

    @contextmanager
    def fresh(self) -> Iterator[str]:
        prefix = f"b{next(self.numbers)}-"
        topics.ensure(self.kafka, prefix)
        try:
            yield prefix
        finally:
            admin = KafkaAdminClient(bootstrap_servers=self.kafka)
            admin.delete_topics([one for one in admin.list_topics() if one.startswith(prefix)])
            admin.close()


@contextmanager
def lab(home: Path) -> Iterator[Lab]:
    broker = LocalBroker(home, free_port(BROKER_PORTS), jars_home=JARS)
    broker.start()
    try:
        yield Lab(broker, home)
    finally:
        broker.stop()


@dataclass
class Worker:
    """One process under measurement: `python -m module`. Samples are (instant in s since 1970, CPU seconds)."""

    module: str
    lab: Lab
    prefix: str
    port: int = field(default_factory=free_port)
    env: Mapping[str, str] = field(default_factory=dict)
    samples: list[tuple[float, float]] = field(default_factory=list)
    memory_bytes_max: int = 0

    def __enter__(self) -> "Worker":
        self.log = self.lab.home / f"{self.prefix}{self.module}.log"
        env = os.environ | {
            "ANXIN_KAFKA": self.lab.kafka,
            "ANXIN_TOPIC_PREFIX": self.prefix,
            "ANXIN_HOME": str(self.lab.home / f"{self.prefix}home"),
            "ANXIN_PROBE_PORT": str(self.port),
            **self.env,
        }
        self.started_s = elapsed_s()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=env, cwd=ROOT, stdout=log, stderr=log
            )
        self.done = threading.Event()
        self.sampler = threading.Thread(target=self._sample, daemon=True)
        self.sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self.done.set()
        self.sampler.join()
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _sample(self) -> None:
        folder = Path(f"/proc/{self.process.pid}")
        while not self.done.wait(SAMPLE_S):
            try:
                used = process_cpu_s(self.process.pid)
                status = (folder / "status").read_text()
            except OSError:
                return
            self.samples.append((RealClock().now().timestamp(), used))
            peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "")
            if peak:
                self.memory_bytes_max = int(peak.split()[1]) * 1024

    def cpu_s(self, start: float, end: float) -> float:
        """Between two instants, as sampled."""
        return self._used(end) - self._used(start)

    def _used(self, at: float) -> float:
        before = [used for instant, used in self.samples if instant <= at]
        return before[-1] if before else self.samples[0][1]

    def await_ready(self, wait_s: float) -> float:
        """Seconds from start to /readyz 200."""
        await_true(lambda: self.get("/readyz") is not None, f"{self.module} ready", wait_s, self)
        return elapsed_s() - self.started_s

    def get(self, path: str) -> str | None:
        """Body of a 200, else None."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as said:
                return str(said.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None


def await_true(true: object, what: str, wait_s: float, worker: Worker | None = None) -> None:
    """`true`: a callable. Raises TooSlowError, with the end of the worker's log where it died."""
    deadline = elapsed_s() + wait_s
    while not true():  # type: ignore[operator]
        if worker is not None and worker.process.poll() is not None:
            tail = worker.log.read_text(errors="replace")[-1500:]
            raise TooSlowError(f"{worker.module} ended with {worker.process.returncode}:\n{tail}")
        if elapsed_s() > deadline:
            raise TooSlowError(f"waited {wait_s:.0f} s for: {what}")
        time.sleep(0.05)


def process_cpu_s(pid: int) -> float:
    """User and system seconds of a process with all its threads."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / TICKS_PER_S


def facts() -> dict[str, object]:
    """The machine and the versions, for the table."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "date": RealClock().now().date().isoformat(),
        "cores": os.cpu_count() or 0,
        "cpu": model,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "kafka": COORDINATE.split("+")[0].rpartition(":")[2],
        "load_average_1_min": round(os.getloadavg()[0], 2),
        "commit": _commit(),
    } | {name: version(name) for name in LIBRARIES}


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return said.stdout.strip()


def dumps(thing: object) -> str:
    return json.dumps(thing, ensure_ascii=False, indent=2)
