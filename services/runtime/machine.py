"""Everything on this machine: a broker where none is given, topics, services. `down` stops what `up` started."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.runtime import topics
from services.runtime.broker import LocalBroker, free_port
from services.runtime.runner import Runner, RunnerError, Slot, slots_of
from services.runtime.settings import PREFIX

DEMO_MARK = ".anxin-demo"
HARMLESS = (f"{PREFIX}POLICIES", f"{PREFIX}DISTRICT", f"{PREFIX}LOG_LEVEL")
Tell = Callable[[str], None]
"""Said to the person who waits, one line each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`kafka` empty = a broker of its own on `port`. `env`: further settings of the services (ANXIN_…).

    `alone`: nothing of the caller's settings reaches the services but where policies lie and how much is logged: a
    demo must not find the vault of a real office.
    """

    home: Path
    jars_home: Path
    workers: int = 1
    kafka: str = ""
    port: int = 9092
    prefix: str = ""
    stepped: bool = False
    alone: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """Where things are."""

    kafka: str
    slots: tuple[Slot, ...]
    log: Path
    ready_s: float


@dataclass(frozen=True)
class Machine:
    """One home folder: `<home>/run/broker.json` says which broker `up` started."""

    home: Path
    jars_home: Path

    @property
    def runner(self) -> Runner:
        return Runner(self.home)

    @property
    def _note(self) -> Path:
        return self.runner.run / "broker.json"

    def up(self, plan: Plan, tell: Tell = lambda _: None) -> Running:
        """Returns when every service is ready; whatever goes wrong, what was started is stopped again."""
        slots = slots_of(plan.workers, free_port)
        if self.runner.pid() is not None:
            raise RunnerError(f"the services of {self.home} run already; `anxin down` ends them")
        try:
            return self._up(plan, slots, tell)
        except BaseException:
            self.down()
            raise

    def again(self, plan: Plan, running: Running, tell: Tell = lambda _: None) -> Running:
        """The services anew, by another plan, on the broker that runs."""
        tell("starting the services anew")
        self.runner.stop()
        return self.up(replace(plan, kafka=running.kafka), tell)

    def _up(self, plan: Plan, slots: list[Slot], tell: Tell) -> Running:
        bootstrap = plan.kafka or self._broker_up(plan.port, tell)
        tell("creating and checking the topics")
        topics.ensure(bootstrap, plan.prefix, stepped=plan.stepped)
        problems = topics.check(bootstrap, plan.prefix, stepped=plan.stepped)
        if problems:
            raise RunnerError("topics are not as they should be: " + "; ".join(problems))
        tell(f"starting {len(slots)} services")
        self.runner.start(slots, _settings(plan, bootstrap, os.environ))
        ready_s = self.runner.await_ready(slots)
        return Running(bootstrap, tuple(slots), self.runner.log, ready_s)

    def _broker_up(self, port: int, tell: Tell) -> str:
        broker = LocalBroker(self.home, port, self.jars_home)
        running = broker.pid()
        if running is None and broker.answers():
            raise RunnerError(
                f"another Kafka answers on {broker.bootstrap}: set ANXIN_KAFKA={broker.bootstrap} to use it, "
                "or choose another --port"
            )
        tell("starting Kafka (the first time it is fetched, about 40 MB)")
        self.runner.run.mkdir(parents=True, exist_ok=True)
        if running is None:  # said before it is so: a start that is interrupted is cleaned up, too
            self._note.write_text(json.dumps({"port": port}), encoding="utf-8")
        broker.start()
        return broker.bootstrap

    def down(self) -> list[str]:
        """What was stopped. A broker that `anxin broker up` started goes on."""
        stopped = ["services"] if self.runner.stop() else []
        if self._note.exists():
            if LocalBroker(self.home, 0, self.jars_home).stop():
                stopped.append("Kafka")
            self._note.unlink()
        return stopped


def _settings(plan: Plan, bootstrap: str, given: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in given.items()
        if not (plan.alone and name.startswith(PREFIX)) or name in HARMLESS
    }
    return kept | {
        f"{PREFIX}KAFKA": bootstrap,
        f"{PREFIX}HOME": str(plan.home.resolve()),
        f"{PREFIX}TOPIC_PREFIX": plan.prefix,
        **plan.env,
    }


@contextmanager
def demo_home(home: Path, jars_home: Path) -> Iterator[Machine]:
    """An empty folder for one demo run at a time: an earlier run's is ended and emptied, anything else is refused."""
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise RunnerError(f"{home} is not a folder")
    mark = home / DEMO_MARK
    if home.exists() and any(home.iterdir()) and not mark.is_file():
        raise RunnerError(f"{home} was not made by `anxin demo`: nothing in it was touched")
    home.mkdir(parents=True, exist_ok=True)
    with mark.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunnerError(f"another `anxin demo` is under way in {home}") from None
        machine = Machine(home, jars_home)
        machine.down()
        for entry in home.iterdir():
            if entry.name != DEMO_MARK:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        yield machine
