"""A policy bundle 政策包: all files of a policies folder as one value, named by the hash of its bytes.

The bytes: for each file in order of its name, `name NUL size NUL content`; CR LF counts as LF, so a bundle has one
name whatever editor saved it. Only .csv and .toml count: what an editor leaves beside them is no policy.
"""

import base64
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any
from zipfile import Path as ZipPath
from zipfile import ZipFile

MANIFEST = "manifest.toml"
SUFFIXES = (".csv", ".toml")
FILES_MAX = 1_000
DEEP_MAX = 4
BUNDLE_BYTES_MAX = 8_000_000
HASH_CHARS = 32
Files = Mapping[str, bytes]
"""By name relative to the folder, `places/units.csv`."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """`effective_from` 生效日: new cases from that day on; `statutory_change`: the notice that changed a statutory row.

    `published_at`: when it was put on the topic, None = not yet.
    """

    hash: str
    version: str
    effective_from: date
    note: str
    statutory_change: str
    content: bytes
    published_at: datetime | None = None


def bundle_of(folder: Traversable) -> Bundle:
    """Of a folder on disk or in memory. Raises OSError or ValueError (no manifest, too large)."""
    return bundle(pack(files_in(folder)))


def bundle(content: bytes, published_at: datetime | None = None) -> Bundle:
    """Raises ValueError where the bytes are no bundle or its manifest lacks something."""
    raw = unpack(content).get(MANIFEST)
    if raw is None:
        raise ValueError(f"{MANIFEST}: the file is missing")
    said = tomllib.loads(raw.decode("utf-8"))
    return Bundle(
        hash_of(content),
        _text(said, "version", required=True),
        _day(said, "effective_from"),
        _text(said, "note"),
        _text(said, "statutory_change"),
        content,
        published_at,
    )


def files_in(folder: Traversable) -> dict[str, bytes]:
    """Every policy file below the folder. Raises OSError, ValueError."""
    found: dict[str, bytes] = {}
    for name, file in _walk(folder, ""):
        found[name] = file.read_bytes()
        if len(found) > FILES_MAX:
            raise ValueError(f"more than {FILES_MAX} policy files")
    return found


def pack(files: Files) -> bytes:
    """Raises ValueError where they are too large."""
    content = b"".join(
        f"{name}\0{len(text)}\0".encode() + text
        for name, text in ((name, _lines(files[name])) for name in sorted(files))
    )
    if len(content) > BUNDLE_BYTES_MAX:
        raise ValueError(f"{len(content)} bytes of policy, at most {BUNDLE_BYTES_MAX}")
    return content


def unpack(content: bytes) -> dict[str, bytes]:
    """Raises ValueError."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(content):
        name, size, rest = _split(content, at)
        found[name] = content[rest : rest + size]
        at = rest + size
    if pack(found) != content:
        raise ValueError("not the bytes of a policy bundle")
    return found


def hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()[:HASH_CHARS]


def folder_of(content: bytes) -> Traversable:
    """The same folder in memory, for every loader that reads one. Raises ValueError."""
    held = BytesIO()
    with ZipFile(held, "w") as archive:
        for name, text in unpack(content).items():
            archive.writestr(name, text)
    return ZipPath(ZipFile(held))


def sealed(content: bytes) -> str:
    """As it travels: zlib, base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode()


def unsealed(text: str) -> bytes:
    """Raises ValueError; a bomb is not unpacked."""
    unzip = zlib.decompressobj()
    try:
        content = unzip.decompress(base64.b64decode(text, validate=True), BUNDLE_BYTES_MAX)
    except zlib.error as error:
        raise ValueError(f"not zlib: {error}") from None
    if not unzip.eof:
        raise ValueError(f"cut short, or more than {BUNDLE_BYTES_MAX} bytes")
    return content


def in_force(bundles: Iterable[Bundle], day: date) -> Bundle | None:
    """现行: of those in effect on `day` the newest; of two from one day the one published later (comes later)."""
    found = None
    for one in bundles:
        newer = found is None or one.effective_from >= found.effective_from
        if one.effective_from <= day and newer:
            found = one
    return found


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for one in folder.iterdir():
        if one.name.startswith("."):
            continue
        if one.is_dir():
            if above.count("/") >= DEEP_MAX:
                raise ValueError(
                    f"{above}{one.name}: folders too deep, a link that leads to itself?"
                )
            yield from _walk(one, f"{above}{one.name}/")
        elif one.name.endswith(SUFFIXES):
            yield above + one.name, one


def _lines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def _split(content: bytes, at: int) -> tuple[str, int, int]:
    """Name, size, where the content begins."""
    first = content.find(b"\0", at)
    second = content.find(b"\0", first + 1)
    size = content[first + 1 : second]
    if first < 0 or second < 0 or not size.isdigit():
        raise ValueError("not the bytes of a policy bundle")
    return content[at:first].decode(), int(size), second + 1


def _text(said: Mapping[str, Any], key: str, *, required: bool = False) -> str:
    value = said.get(key, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise ValueError(f"{MANIFEST}: {key} 须为文字")
    return value.strip()


def _day(said: Mapping[str, Any], key: str) -> date:
    value = said.get(key)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{MANIFEST}: {key} 须为日期，如 2027-01-01（不加引号）")
    return value
