"""封存: personal fields as ciphertext, field by field. Pure: the same key, field and text give the same bytes.

AES-256-GCM (NIST SP 800-38D). The nonce is a keyed hash of field and text, so that a replayed record is
byte-identical and two different texts never share a nonce under one data key.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "v1."


def seal(key: bytes, submission_id: UUID, field: str, text: str) -> str:
    """`v1.` + base64url(nonce, ciphertext, tag); empty text stays empty. AAD binds it to its place."""
    if not text:
        return ""
    aad = f"{submission_id}/{field}".encode()
    plain = text.encode("utf-8", "surrogatepass")
    nonce = hmac.new(key, aad + b"\0" + plain, hashlib.sha256).digest()[:NONCE_BYTES]
    sealed = nonce + AESGCM(key).encrypt(nonce, plain, aad)
    return VERSION + base64.urlsafe_b64encode(sealed).decode()


def unseal(key: bytes, submission_id: UUID, field: str, sealed: str) -> str:
    """Raises cryptography.exceptions.InvalidTag where key, place or bytes are not the ones sealed."""
    if not sealed:
        return ""
    raw = base64.urlsafe_b64decode(sealed.removeprefix(VERSION))
    aad = f"{submission_id}/{field}".encode()
    plain = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], aad)
    return plain.decode("utf-8", "surrogatepass")


def identity_key(secret: bytes, kind: str, value: str) -> str:
    """HMAC-SHA256 of one mark of a person (`phone`, `id`, `name`), 32 hex digits; empty stays empty."""
    if not value:
        return ""
    return hmac.new(secret, f"{kind}/{value}".encode(), hashlib.sha256).hexdigest()[:32]


def person_key(secret: bytes, phone: str, id_number: str, submission_id: UUID) -> str:
    """HMAC-SHA256 of the phone, else the ID number, else the submission id alone: 32 hex digits."""
    return (
        identity_key(secret, "phone", phone)
        or identity_key(secret, "id", id_number.upper())
        or submission_id.hex
    )
