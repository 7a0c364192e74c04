"""The desk's keys and databases: the only place where it reads secrets from a disk."""

import base64
import binascii
import contextlib
import os
from pathlib import Path

from schemas.matter import CHANNELS
from services.desk.core.signature import KEY_BYTES_MIN, KEYS_MAX, Keys
from services.runtime.settings import BadSetting, Settings

EXAMPLE_KEY = b"anxin-example-key-of-docs-http-md"
"""Of docs/http.md, known to the world: taken in the demo only."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def channel_keys(settings: Settings) -> Keys:
    """Given, else one a channel made in the data folder; in the demo the example. Raises BadSetting."""
    if settings.demo and settings.http_host not in LOOPBACK:
        raise BadSetting(
            f"ANXIN_DEMO takes a key the whole world knows: not on ANXIN_HTTP_HOST={settings.http_host}"
        )
    given = settings.channel_keys.get_secret_value()
    if settings.demo and not given:
        return dict.fromkeys(CHANNELS, (EXAMPLE_KEY,))
    keys = keys_of(given or _made(settings.home / "desk" / "channel.keys"))
    if not settings.demo and any(EXAMPLE_KEY in some for some in keys.values()):
        raise BadSetting("ANXIN_CHANNEL_KEYS holds the example key of docs/http.md: make your own")
    return keys


def keys_of(text: str) -> Keys:
    """Lines `<channel> <base64>`, two a channel at most; empty lines and # are passed over. Raises BadSetting."""
    found: dict[str, tuple[bytes, ...]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        channel, key = _line(words, number)
        found[channel] = (*found.get(channel, ()), key)
        if len(found[channel]) > KEYS_MAX:
            raise BadSetting(f"{_where(number)} more than {KEYS_MAX} keys of {channel}")
    every = [key for keys in found.values() for key in keys]
    if len(set(every)) < len(every):
        raise BadSetting("ANXIN_CHANNEL_KEYS: the same key twice; a key names one channel")
    return found


def _line(words: list[str], number: int) -> tuple[str, bytes]:
    if len(words) != 2 or words[0] not in CHANNELS:
        raise BadSetting(f"{_where(number)} must be `<channel> <base64>`; channels: {CHANNELS}")
    try:
        key = base64.b64decode(words[1], validate=True)
    except binascii.Error:
        raise BadSetting(f"{_where(number)} the key is not base64") from None
    if len(key) < KEY_BYTES_MIN:
        raise BadSetting(f"{_where(number)} a key needs {KEY_BYTES_MIN} bytes, this has {len(key)}")
    return words[0], key


def _where(number: int) -> str:
    return f"ANXIN_CHANNEL_KEYS, line {number}:"


def _made(path: Path) -> str:
    """For one machine: random, readable by its owner only; the first process wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    lines = [f"{channel} {base64.b64encode(os.urandom(32)).decode()}\n" for channel in CHANNELS]
    fresh.touch(mode=0o600)
    fresh.write_text("".join(lines), encoding="ascii")
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    return path.read_text(encoding="ascii")


def door_url(settings: Settings) -> str:
    """Used nonces and sessions outlive a rebuild of the read model: a file of their own, where no server is named."""
    folder = settings.home / "desk"
    folder.mkdir(parents=True, exist_ok=True)
    return settings.desk_url or f"sqlite:///{folder}/door.db"
