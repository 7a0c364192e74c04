"""查看个人信息: sealed fields of a case's submissions opened for a person; recording it first is the caller's duty."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from schemas.audit import PersonalDataRevealed
from schemas.matter import Sealed, Submission
from services.kernel.seal import unseal
from services.runtime.audit import Who
from services.runtime.vault import Vault

FIELDS = tuple(Sealed.model_fields)
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "name": "姓名", "phone": "电话", "id_number": "证件号码", "address": "住址", "text": "原文", "extra": "其他",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """`fields`: name of FIELDS -> plain text, empty = not given. None: the key is destroyed, or not in this vault."""

    channel: str
    external_no: str
    fields: Mapping[str, str] | None


def opened(vault: Vault, found: Mapping[UUID, Submission], wanted: tuple[str, ...]) -> list[Opened]:
    """Raises KeyUnknown."""
    keys = vault.held(list(found))
    return [
        Opened(one.channel, one.external_no, _fields(one, keys.get(one.submission_id, b""), wanted))
        for one in found.values()
    ]


def _fields(one: Submission, key: bytes, wanted: tuple[str, ...]) -> dict[str, str] | None:
    if not key:
        return None
    return {
        name: _plain(unseal(key, one.submission_id, name, getattr(one.claimant, name)))
        for name in wanted
    }


def _plain(text: str) -> str:
    """No control characters: what a stranger wrote is not to steer an officer's terminal or page."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def fact(
    district: str,
    who: Who,
    reason: str,
    case: UUID,
    found: Mapping[UUID, Submission],
    wanted: tuple[str, ...],
) -> PersonalDataRevealed:
    """What topic `audit` is told."""
    return PersonalDataRevealed(
        district=district, account=who.account, post=who.post, reason_zh=reason, what="case",
        case_id=case, submissions=tuple(found), fields=wanted,
    )  # fmt: skip


def original_fact(district: str, who: Who, reason: str, position: str) -> PersonalDataRevealed:
    """What topic `audit` is told of a quarantined original: key, headers and value, as they came."""
    return PersonalDataRevealed(
        district=district, account=who.account, post=who.post, reason_zh=reason, what="quarantine",
        position=position, fields=("original",),
    )  # fmt: skip
