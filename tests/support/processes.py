"""Service processes of a test, and who still runs: whose command or environment names a folder of the test's own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def of_home(home: Path) -> list[int]:
    """Pids, this process and the ended excepted."""
    return [pid for pid in _pids() if str(home).encode() in _said(pid, "cmdline", "environ")]


def named(home: Path, module: str) -> list[int]:
    return [pid for pid in of_home(home) if module.encode() in _said(pid, "cmdline")]


def _pids() -> list[int]:
    found = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [pid for pid in found if pid != os.getpid()]


def _said(pid: int, *files: str) -> bytes:
    """Empty of one that has ended, or is another user's."""
    try:
        return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in files)
    except OSError:
        return b""


class Process:
    """One service process, started again on demand."""

    def __init__(self, module: str, env: dict[str, str], log: Path) -> None:
        self.module, self.env, self.log = module, env, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=self.env, cwd=ROOT, stderr=log, stdout=log
            )

    def last_words(self, lines: int = 12) -> list[str]:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]

    def kill(self) -> None:
        process = self.process  # another thread may start the next one as soon as this one is gone
        process.kill()
        process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)
