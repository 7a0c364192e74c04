"""The vault: one data key a submission, wrapped by the key-encryption key, in SQL and never in Kafka.

Deleting a row is erasure: every copy of that submission's personal fields becomes unreadable.
"""

import base64
import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from services.kernel.seal import KEY_BYTES
from services.runtime.settings import Settings

_META = MetaData()
_KEYS = Table(
    "data_keys",
    _META,
    Column("submission_id", String(36), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), server_default=func.now()),
)
_CHUNK = 500


class Vault:
    """`keys` is blocking: engine stages call it in a thread."""

    def __init__(self, url: str, key_encryption_key: bytes) -> None:
        if len(key_encryption_key) != KEY_BYTES:
            raise ValueError(f"the vault key must have {KEY_BYTES} bytes")
        self._kek = key_encryption_key
        self._gate = (
            threading.Lock()
        )  # SQLite has one writer; to wait here is cheaper than its back-off
        self._engine = create_engine(url, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _wal)
        with _alone(self._engine), self._engine.begin() as link:
            link.execute(CreateTable(_KEYS, if_not_exists=True))

    def keys(self, submissions: Sequence[UUID]) -> dict[UUID, bytes]:
        """The data key of each submission, made where there was none; the same on every replay."""
        names = sorted({str(one) for one in submissions})
        found: dict[UUID, bytes] = {}
        with self._gate:
            for start in range(0, len(names), _CHUNK):
                found |= self._chunk(names[start : start + _CHUNK])
        return found

    def _chunk(self, names: list[str]) -> dict[UUID, bytes]:
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        wanted = select(_KEYS.c.submission_id, _KEYS.c.wrapped).where(
            _KEYS.c.submission_id.in_(names)
        )
        with self._engine.begin() as link:
            rows = link.execute(wanted).all()
            have = {row.submission_id for row in rows}
            fresh = [
                {"submission_id": name, "wrapped": aes_key_wrap(self._kek, os.urandom(KEY_BYTES))}
                for name in names
                if name not in have
            ]
            if fresh:  # another worker may have been first: its key stands
                link.execute(dialect.insert(_KEYS).on_conflict_do_nothing(), fresh)
                rows = link.execute(wanted).all()
        return {UUID(row.submission_id): aes_key_unwrap(self._kek, row.wrapped) for row in rows}

    def shred(self, submission: UUID) -> bool:
        """Erase for ever; True where there was a key."""
        with self._engine.begin() as link:
            gone = link.execute(_KEYS.delete().where(_KEYS.c.submission_id == str(submission)))
            return gone.rowcount > 0

    def close(self) -> None:
        self._engine.dispose()


@contextlib.contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Workers that start at once on an empty vault take turns: SQLite's switch to WAL does not wait for another's."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        yield
        return
    with Path(f"{path}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wal(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the DBAPI connection has no type
    cursor.execute("PRAGMA busy_timeout=10000")  # first: the switch to WAL itself takes a lock
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(
        "PRAGMA synchronous=FULL"
    )  # a key must outlive the power cut that its record outlives
    cursor.close()


def open_vault(settings: Settings) -> tuple[Vault, bytes]:
    """The vault and the person secret. Without given secrets, a local pair is made in the data folder."""
    folder = settings.home / "vault"
    url = settings.vault_url
    if not url:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'vault.db'}"
    kek = _secret(settings.vault_key.get_secret_value(), folder / "vault.key")
    person = _secret(settings.person_secret.get_secret_value(), folder / "person.key")
    return Vault(url, kek), person


def _secret(given: str, path: Path) -> bytes:
    if given:
        return base64.b64decode(given, validate=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(base64.b64encode(AESGCM.generate_key(256)).decode(), encoding="ascii")
    fresh.chmod(0o600)
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)  # whole or not at all; the first process wins
    fresh.unlink()
    return base64.b64decode(path.read_text(encoding="ascii"), validate=True)
