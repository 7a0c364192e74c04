"""删除个人信息: destroy the data keys of submissions, and certify it (个人信息保护法 §47)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from schemas.audit import ErasedKey, PersonErased
from schemas.matter import Submission
from schemas.topics import ORIGINAL_DAYS, SEGMENT_DAYS
from services.runtime.audit import Who
from services.runtime.vault import Erased

ORIGINALS = timedelta(days=ORIGINAL_DAYS + SEGMENT_DAYS)


def certificate(
    district: str,
    who: Who,
    reason: str,
    erased: Sequence[Erased],
    known: Mapping[UUID, Submission],
) -> PersonErased:
    """`known`: what the topics said of the submissions. The originals of the latest end ORIGINALS after `erased`."""
    until = max(one.at for one in erased) + ORIGINALS
    keys = tuple(_key(one, known.get(one.submission_id)) for one in erased)
    said = PersonErased(
        district=district,
        account=who.account,
        post=who.post,
        reason_zh=reason,
        keys=keys,
        originals_until=until,
        certificate="0" * 64,
    )
    return said.model_copy(update={"certificate": digest(said)})


def digest(said: PersonErased) -> str:
    """SHA-256 over every field but the certificate: JSON, sorted keys, no spaces, UTF-8."""
    plain: dict[str, JsonValue] = said.model_dump(mode="json", exclude={"certificate"})
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _key(one: Erased, submission: Submission | None) -> ErasedKey:
    return ErasedKey(
        submission_id=one.submission_id,
        key_id=one.key_id,
        channel=submission.channel if submission else "",
        external_no=submission.external_no if submission else "",
        erased_at=one.at,
    )


def act_at(erased: Sequence[Erased]) -> datetime:
    """The instant of the last of them: the same whenever the certificate is written again."""
    return max(one.at for one in erased)
