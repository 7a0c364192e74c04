"""The vault: one data key a submission, wrapped by the key-encryption key, in SQL and never in Kafka.

Destroying a data key is erasure: every copy of that submission's sealed fields becomes unreadable (docs/adr/0019).
"""

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)
from sqlalchemy import Column, DateTime, LargeBinary, MetaData, String, Table, func, select, text

from services.kernel.seal import KEY_BYTES
from services.runtime.settings import Settings
from services.runtime.sql import create_tables, engine_of, insert_of
from services.runtime.vault_secrets import LOCAL, key_id, person_secret, vault_keys

_META = MetaData()
_KEYS = Table(
    "data_keys",
    _META,
    Column("submission_id", String(36), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), server_default=func.now()),
)
_CHUNK = 500
_ERASED = b"erased/"
_KINDS = ("current", "old", "unreadable")


class KeyUnknown(Exception):  # noqa: N818 - a state of the settings
    """A data key is wrapped by a key-encryption key that was not given."""


@dataclass(frozen=True, slots=True)
class Erased:
    """`key_id`: fingerprint of the key's wrapped form, "" = there never was one."""

    submission_id: UUID
    key_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Census:
    """Data keys by what wraps them."""

    current: int = 0
    old: int = 0
    unreadable: int = 0
    erased: int = 0


class Vault:
    """`keys` is blocking: engine stages call it in a thread."""

    def __init__(self, url: str, key_encryption_key: bytes, old: Sequence[bytes] = ()) -> None:
        """`old`: key-encryption keys that still unwrap, and never wrap."""
        self._keks = (key_encryption_key, *old)
        if any(len(one) != KEY_BYTES for one in self._keks):
            raise ValueError(f"the vault key must have {KEY_BYTES} bytes")
        self._gate = (
            threading.Lock()
        )  # SQLite has one writer; to wait here is cheaper than its back-off
        # FULL: a key must outlive the power cut that its record outlives
        self._engine = engine_of(url, synchronous="FULL", overwrite=True)
        create_tables(self._engine, _META)

    def keys(self, submissions: Sequence[UUID]) -> dict[UUID, bytes]:
        """The data key of each submission, made where there was none; the same on every replay; empty = erased."""
        return self._found(submissions, make=True)

    def held(self, submissions: Sequence[UUID]) -> dict[UUID, bytes]:
        """Those that are there; none is made. Empty = erased."""
        return self._found(submissions, make=False)

    def _found(self, submissions: Sequence[UUID], *, make: bool) -> dict[UUID, bytes]:
        names = sorted({str(one) for one in submissions})
        found: dict[UUID, bytes] = {}
        with self._gate:
            for start in range(0, len(names), _CHUNK):
                found |= self._chunk(names[start : start + _CHUNK], make=make)
        return found

    def _chunk(self, names: list[str], *, make: bool) -> dict[UUID, bytes]:
        wanted = select(_KEYS.c.submission_id, _KEYS.c.wrapped).where(
            _KEYS.c.submission_id.in_(names)
        )
        with self._engine.begin() as link:
            rows = link.execute(wanted).all()
            have = {row.submission_id for row in rows}
            fresh = [
                {"submission_id": name, "wrapped": self._wrapped(os.urandom(KEY_BYTES))}
                for name in names
                if make and name not in have
            ]
            if fresh:  # another worker may have been first: its key stands
                link.execute(insert_of(link, _KEYS).on_conflict_do_nothing(), fresh)
                rows = link.execute(wanted).all()
        return {UUID(row.submission_id): self._unwrapped(row.wrapped) for row in rows}

    def _wrapped(self, key: bytes) -> bytes:
        return aes_key_wrap(self._keks[0], key)

    def _unwrapped(self, wrapped: bytes) -> bytes:
        """RFC 3394 says itself whether a key fits. Raises KeyUnknown."""
        if wrapped.startswith(_ERASED):
            return b""
        for kek in self._keks:
            with contextlib.suppress(InvalidUnwrap):
                return aes_key_unwrap(kek, wrapped)
        raise KeyUnknown(
            f"a data key is not wrapped by {', '.join(map(key_id, self._keks))}: "
            "was ANXIN_VAULT_KEY changed? (anxin vault status)"
        )

    def erase(self, submissions: Sequence[UUID], now: datetime) -> list[Erased]:
        """For ever: no key is made for them again. Said twice, it tells of the first time."""
        done = []
        for one in sorted(set(submissions)):
            with self._engine.begin() as link:
                mine = _KEYS.c.submission_id == str(one)
                wrapped = link.execute(select(_KEYS.c.wrapped).where(mine)).scalar()
                erased = _read_mark(one, wrapped) or Erased(one, key_id(wrapped or b""), now)
                values = {"wrapped": _mark(erased)}
                link.execute(_KEYS.update().where(mine).values(**values))
                row = {"submission_id": str(one), **values}
                link.execute(insert_of(link, _KEYS).values(**row).on_conflict_do_nothing())
            done.append(erased)
        self._scrub()
        return done

    def _scrub(self) -> None:
        """What was overwritten leaves the files of SQLite too (PostgreSQL: VACUUM)."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as link:
                link.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def rotate(self) -> int:
        """Wrap by the current key-encryption key what an old one wraps; how many. Raises KeyUnknown."""
        count = 0
        for name, wrapped in self._rows():
            if wrapped.startswith(_ERASED) or self._fits(wrapped) == 0:
                continue
            fresh = self._wrapped(self._unwrapped(wrapped))
            same = (_KEYS.c.submission_id == name) & (_KEYS.c.wrapped == wrapped)
            with self._engine.begin() as link:  # erased or rotated meanwhile: left alone
                count += link.execute(_KEYS.update().where(same).values(wrapped=fresh)).rowcount
        self._scrub()
        return count

    def census(self) -> Census:
        counts = Counter(
            "erased" if wrapped.startswith(_ERASED) else _KINDS[min(self._fits(wrapped), 2)]
            for _, wrapped in self._rows()
        )
        return Census(**counts)

    def _fits(self, wrapped: bytes) -> int:
        """0: the current key; 1: an old one; 2: none."""
        for place, kek in enumerate(self._keks):
            with contextlib.suppress(InvalidUnwrap):
                aes_key_unwrap(kek, wrapped)
                return min(place, 1)
        return 2

    def _rows(self) -> Iterator[tuple[str, bytes]]:
        """In portions, by name."""
        last = ""
        while True:
            portion = (
                select(_KEYS.c.submission_id, _KEYS.c.wrapped)
                .where(_KEYS.c.submission_id > last)
                .order_by(_KEYS.c.submission_id)
                .limit(_CHUNK)
            )
            with self._engine.connect() as link:
                rows = link.execute(portion).all()
            if not rows:
                return
            yield from ((row.submission_id, row.wrapped) for row in rows)
            last = rows[-1].submission_id

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Fingerprints of the key-encryption keys, the current one first."""
        return tuple(map(key_id, self._keks))

    def close(self) -> None:
        self._engine.dispose()


def _mark(erased: Erased) -> bytes:
    return _ERASED + f"{erased.key_id}/{erased.at.isoformat()}".encode()


def _read_mark(submission: UUID, wrapped: bytes | None) -> Erased | None:
    if wrapped is None or not wrapped.startswith(_ERASED):
        return None
    name, _, at = wrapped.removeprefix(_ERASED).decode().partition("/")
    return Erased(submission, name, datetime.fromisoformat(at))


def open_vault(settings: Settings) -> tuple[Vault, bytes]:
    """The vault and the person secret. Without given secrets, a local pair is made in the data folder."""
    return _vault(settings), person_secret(settings)


def shared_vault(settings: Settings) -> Vault | None:
    """Intake's vault for a process that only reads it; None where it was given no key (docs/adr/0026)."""
    return _vault(settings) if key_given(settings) else None


def key_given(settings: Settings) -> bool:
    """By its settings, or because it shares intake's home."""
    local = settings.home / "vault" / LOCAL
    return bool(settings.vault_key.get_secret_value()) or local.exists()


def _vault(settings: Settings) -> Vault:
    folder = settings.home / "vault"
    url = settings.vault_url
    if not url:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'vault.db'}"
    current, *old = vault_keys(settings)
    return Vault(url, current, old)
