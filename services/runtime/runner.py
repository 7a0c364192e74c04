"""The services of one machine as processes under supervisor: restarted with back-off, stopped gracefully.

`<home>/run/{supervisord.conf,runner.pid,ports.json}`, `<home>/log/<app>-<n>.log`. Everything on 127.0.0.1.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.topics import PARTITIONS
from services.runtime.broker import await_named, gone
from services.runtime.clock import elapsed_s
from services.runtime.signals import held

APPS = ("intake", "router", "escalation", "desk", "notifier")
ALONE = ("desk", "notifier")
"""One process of each, however many workers the others have: the one read model, the one outbox."""
PAGES = ("desk",)
STOP_WAIT_S = 25  # longer than a drain and the longest settle on one machine
STOP_S_MAX = 60.0
READY_S_MAX = 90.0
ASK_EVERY_S = 0.1
EARLY_EXIT_S = 5  # an exit before that waits one second more each time before the next start
LOG_BYTES_MAX, LOGS_KEPT = "20MB", 2
TAIL_CHARS = 600
_HEAD = """\
; written by `anxin up`; the next start writes it anew
[supervisord]
nodaemon=true
logfile={log}/supervisord.log
logfile_maxbytes={bytes_max}
logfile_backups={kept}
pidfile={run}/supervisord.pid
childlogdir={log}
directory={home}

[group:anxin]
programs={names}
"""
_PROGRAM = """
[program:{name}]
command="{python}" -m services.{app}
environment=ANXIN_INSTANCE="{instance}",ANXIN_PROBE_PORT="{port}",ANXIN_HTTP_PORT="{http}"
autorestart=true
startsecs={early}
startretries=1000000
stopsignal=TERM
stopwaitsecs={wait}
redirect_stderr=true
stdout_logfile={log}/{name}.log
stdout_logfile_maxbytes={bytes_max}
stdout_logfile_backups={kept}
"""


class RunnerError(RuntimeError):
    """The services could not be started or stopped; the message says what to look at."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One process: the n-th worker of an app, where its probes answer and, if it has any, its pages."""

    app: str
    instance: int
    port: int
    http: int = 0

    @property
    def name(self) -> str:
        return f"{self.app}-{self.instance}"


def slots_of(workers: int, port: Callable[[], int], apps: Sequence[str] = APPS) -> list[Slot]:
    """`workers` of each app. Raises RunnerError where some would have nothing to do."""
    if not 1 <= workers <= PARTITIONS:
        raise RunnerError(
            f"{workers} workers of each service: there must be 1 to {PARTITIONS}, because a topic has "
            f"{PARTITIONS} partitions and a worker without one has nothing to do"
        )
    return [
        Slot(app, number, port(), port() if app in PAGES else 0)
        for app in apps
        for number in range(1 if app in ALONE else workers)
    ]


def conf_of(slots: Sequence[Slot], home: Path, python: str) -> str:
    """supervisord.conf. A percent sign means expansion there, so that one in a path is doubled."""
    common = {
        "log": _literal(home / "log"),
        "run": _literal(home / "run"),
        "home": _literal(home),
        "python": _literal(python),
        "bytes_max": LOG_BYTES_MAX,
        "kept": LOGS_KEPT,
        "early": EARLY_EXIT_S,
        "wait": STOP_WAIT_S,
    }
    head = _HEAD.format(names=",".join(slot.name for slot in slots), **common)
    return head + "".join(
        _PROGRAM.format(
            name=slot.name,
            app=slot.app,
            instance=slot.instance,
            port=slot.port,
            http=slot.http,
            **common,
        )
        for slot in slots
    )


def _literal(path: Path | str) -> str:
    return str(path).replace("%", "%%")


@dataclass(frozen=True)
class Runner:
    """The supervisor of one home."""

    home: Path

    @property
    def run(self) -> Path:
        return self.home.resolve() / "run"

    @property
    def log(self) -> Path:
        return self.home.resolve() / "log"

    @property
    def conf(self) -> Path:
        return self.run / "supervisord.conf"

    def pid(self) -> int | None:
        """Of the running supervisor that this home started, else None."""
        try:
            number = int((self.run / "runner.pid").read_text())
            command = Path(f"/proc/{number}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return number if str(self.conf).encode() in command and not gone(number) else None

    def slots(self) -> list[Slot]:
        """As last started."""
        try:
            rows = json.loads((self.run / "ports.json").read_text(encoding="utf-8"))
        except OSError:
            return []
        return [Slot(**row) for row in rows]

    def start(self, slots: Sequence[Slot], env: Mapping[str, str]) -> int:
        """Its pid. `env` is what the services get, besides their instance and probe port."""
        if self.pid() is not None:
            raise RunnerError(f"the services of {self.home} run already; `anxin down` ends them")
        self.run.mkdir(parents=True, exist_ok=True)
        self.log.mkdir(parents=True, exist_ok=True)
        self.conf.write_text(conf_of(slots, self.home.resolve(), sys.executable), encoding="utf-8")
        rows = [asdict(one) for one in slots]
        (self.run / "ports.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        with held(), (self.log / "supervisord.out").open("ab") as out:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self.conf)],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
            (self.run / "runner.pid").write_text(str(process.pid))
            await_named(process.pid)
        return process.pid

    def await_ready(self, slots: Sequence[Slot], ready_s_max: float = READY_S_MAX) -> float:
        """Real seconds until every /readyz answered 200. Raises RunnerError with what each one said."""
        began = elapsed_s()
        waiting = dict.fromkeys(slots, "not asked yet")
        while waiting:
            waiting = {one: said for one in waiting if (said := readyz(one.port))}
            if self.pid() is None:
                raise RunnerError(f"supervisor ended; see {self.log}/supervisord.out")
            if waiting and elapsed_s() - began > ready_s_max:
                raise RunnerError(self._not_ready(waiting, ready_s_max))
            if waiting:
                time.sleep(ASK_EVERY_S)
        return elapsed_s() - began

    def _not_ready(self, waiting: Mapping[Slot, str], ready_s_max: float) -> str:
        lines = [f"not ready after {ready_s_max:.0f} s:"]
        for slot, said in waiting.items():
            path = self.log / f"{slot.name}.log"
            tail = path.read_text(errors="replace")[-TAIL_CHARS:] if path.exists() else "(no log)"
            lines.append(f"{slot.name}: {said}; the end of {path}:\n{tail}")
        return "\n".join(lines)

    def stop(self) -> bool:
        """True where one was running: every service has then ended, or been ended after its grace."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        began = elapsed_s()
        while not gone(pid):
            if elapsed_s() - began > STOP_S_MAX:
                raise RunnerError(f"supervisor (pid {pid}) did not stop within {STOP_S_MAX:.0f} s")
            time.sleep(0.05)
        (self.run / "runner.pid").unlink(missing_ok=True)
        return True


def readyz(port: int) -> str:
    """Empty = ready, else what it said."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return ""
    except urllib.error.HTTPError as error:
        return error.read(TAIL_CHARS).decode("utf-8", "replace").strip()
    except OSError as error:
        return str(error)
