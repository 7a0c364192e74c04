"""Topic `audit`, key: what was acted on: who saw, mended or erased personal data, and why (个人信息保护法 §51, §56).

Written before anything is shown or sent, after anything is erased. Never carries the data itself.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.event import Data, Instant, Model
from schemas.matter import Channel

Account = Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,64}$")]
Why = Annotated[str, StringConstraints(min_length=4, max_length=200)]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""A fingerprint of a key in its wrapped form, from which the key does not follow."""


class AuditFact(Data):
    """`account`, `post`: who, as the roster has them (`post` empty = an operator); `reason_zh` 事由."""

    account: Account
    post: str = ""
    reason_zh: Why


class PersonalDataRevealed(AuditFact):
    """查看个人信息: fields of a case's submissions, or a quarantined original, were shown unmasked."""

    TYPE: ClassVar[str] = "cn.anxin.audit.revealed.v1"
    what: Literal["case", "quarantine"]
    case_id: UUID | None = None
    position: str = ""
    submissions: tuple[UUID, ...] = ()
    fields: tuple[str, ...]


class QuarantineRedriven(AuditFact):
    """重投: a quarantined record goes to its own topic again, as it was or `repaired`; written before it is sent.

    Where it lies then says its mark in `quarantine`; none there: the broker did not confirm it.
    """

    TYPE: ClassVar[str] = "cn.anxin.audit.redriven.v1"
    position: str
    repaired: bool


class ErasedKey(Model):
    """One data key and what it had sealed. `channel` empty = nothing on the topics names this submission."""

    submission_id: UUID
    key_id: KeyId | Literal[""] = ""
    channel: Channel | Literal[""] = ""
    external_no: str = ""
    erased_at: Instant


class PersonErased(AuditFact):
    """删除个人信息 (§47): these data keys are destroyed. `certificate`: SHA-256 of the other fields, canonical JSON."""

    TYPE: ClassVar[str] = "cn.anxin.audit.erased.v1"
    keys: Annotated[tuple[ErasedKey, ...], Field(min_length=1)]
    originals_until: Instant
    certificate: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class VaultKeyRotated(AuditFact):
    """换钥: every data key is wrapped by the key-encryption key `new` now; nothing needs `old` any more."""

    TYPE: ClassVar[str] = "cn.anxin.audit.rotated.v1"
    old: tuple[KeyId, ...]
    new: KeyId
    rewrapped: int
