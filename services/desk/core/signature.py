"""渠道签名: which channel sends, proven by HMAC-SHA256 (RFC 2104). Pure; docs/http.md says how to sign."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.core.problem import Problem

SKEW_S_MAX = 300
NONCE_KEPT_S = 2 * SKEW_S_MAX
"""A signature is good from 300 s before to 300 s after its timestamp: as long its nonce is remembered."""
KEY_BYTES_MIN = 32
KEYS_MAX = 2
"""The one in use and the next one (换钥)."""
NAMES = ("X-Channel", "X-Timestamp", "X-Nonce", "X-Signature")
_NONCE = re.compile(rb"[A-Za-z0-9_-]{16,64}")
_TIME = re.compile(rb"[1-9]\d{9,10}")
Keys = Mapping[str, tuple[bytes, ...]]
"""Secrets by channel."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of itself; nothing of it is proven yet. `at_s`: seconds since 1970."""

    channel: str
    at_s: int
    nonce: str
    signature: bytes


def claim_of(headers: Iterable[tuple[bytes, bytes]], now: datetime) -> Claim:
    """`headers`: names in lower case, as ASGI gives them. Raises Problem: unsigned, stale."""
    channel, at, nonce, signature = _four(list(headers))
    if not _TIME.fullmatch(at):
        raise Problem("unsigned", "X-Timestamp")
    if not _NONCE.fullmatch(nonce):
        raise Problem("unsigned", "X-Nonce")
    if abs(int(at) - now.timestamp()) > SKEW_S_MAX:
        raise Problem("stale", "X-Timestamp")
    return Claim(channel.decode("latin-1"), int(at), nonce.decode("ascii"), signature)


def _four(headers: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    found = []
    for name in NAMES:
        given = [value for key, value in headers if key == name.lower().encode()]
        if len(given) != 1 or not given[0]:
            raise Problem("unsigned", name)
        found += given
    return found


def signing_text(method: str, target: bytes, at_s: int, nonce: str, body_sha256: str) -> bytes:
    """Five lines. `target`: path and query as on the wire; `body_sha256`: hexadecimal, of the bytes sent."""
    return b"\n".join(
        (method.encode(), target, str(at_s).encode(), nonce.encode(), body_sha256.encode())
    )


def sign(key: bytes, text: bytes) -> str:
    """Hexadecimal, lower case."""
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def check(claim: Claim, keys: Sequence[bytes], method: str, target: bytes, body: bytes) -> None:
    """Every key is tried, in the same time. Raises Problem: bad_signature."""
    digest = hashlib.sha256(body).hexdigest()
    text = signing_text(method, target, claim.at_s, claim.nonce, digest)
    # bytes: of text that is not ASCII compare_digest raises TypeError
    fits = [hmac.compare_digest(sign(key, text).encode(), claim.signature) for key in keys]
    if not any(fits):
        raise Problem("bad_signature", "X-Signature")
