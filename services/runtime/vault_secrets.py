"""The vault's key-encryption keys and the person secret: given by the settings, else a local set in the data folder."""

import base64
import contextlib
import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.settings import Settings

LOCAL, LOCAL_OLD, LOCAL_PERSON = "vault.key", "vault.old.key", "person.key"


def key_id(key: bytes) -> str:
    """A fingerprint of a key or of its wrapped form; "" of nothing."""
    return hashlib.sha256(b"anxin-key/" + key).hexdigest()[:16] if key else ""


def vault_keys(settings: Settings) -> tuple[bytes, ...]:
    """The current one first, then the old one where there is one."""
    folder = settings.home / "vault"
    given = settings.vault_key.get_secret_value()
    old = settings.vault_key_old.get_secret_value()
    current = _secret(given, folder / LOCAL)
    if old:
        return current, base64.b64decode(old, validate=True)
    kept = folder / LOCAL_OLD
    return (current, _read(kept)) if not given and kept.exists() else (current,)


def person_secret(settings: Settings) -> bytes:
    return _secret(
        settings.person_secret.get_secret_value(), settings.home / "vault" / LOCAL_PERSON
    )


def renew_local(settings: Settings) -> None:
    """A fresh local key-encryption key; the former is kept beside it until everything is wrapped anew."""
    folder = settings.home / "vault"
    if (folder / LOCAL_OLD).exists():  # the last renewal was not finished: go on with its key
        return
    fresh = _made(folder / LOCAL)
    os.link(folder / LOCAL, folder / LOCAL_OLD)
    fresh.replace(folder / LOCAL)


def retire_local(settings: Settings) -> None:
    (settings.home / "vault" / LOCAL_OLD).unlink(missing_ok=True)


def _secret(given: str, path: Path) -> bytes:
    if given:
        return base64.b64decode(given, validate=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _made(path)
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)  # whole or not at all; the first process wins
    fresh.unlink()
    return _read(path)


def _made(path: Path) -> Path:
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(base64.b64encode(AESGCM.generate_key(256)).decode(), encoding="ascii")
    fresh.chmod(0o600)
    return fresh


def _read(path: Path) -> bytes:
    return base64.b64decode(path.read_text(encoding="ascii"), validate=True)
