"""Identities: derived from their cause, so that a replay writes the same content under the same id."""

from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

NAMESPACE = UUID("6c7d0d5e-3f0a-5d0e-9a53-4207040a1b2c")
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: read aloud on the phone


def submission_id(channel: str, external_no: str) -> UUID:
    """The same record sent twice is one submission."""
    return uuid5(NAMESPACE, f"submission/{channel}/{external_no}")


def case_id(first_submission: UUID) -> UUID:
    return uuid5(NAMESPACE, f"case/{first_submission}")


def derived_id(cause: UUID, kind: str, ordinal: int = 0) -> UUID:
    """The id of an event that follows from `cause`."""
    return uuid5(cause, f"{kind}/{ordinal}")


def case_number(case: UUID, opened_at: datetime) -> str:
    """案号 for people: date, five characters of the id, a check character; needs no counter and no lock."""
    day = opened_at.astimezone(_SHANGHAI).strftime("%Y%m%d")
    value, letters = case.int >> 64, []
    for _ in range(5):
        value, digit = divmod(value, 32)
        letters.append(_ALPHABET[digit])
    body = day + "".join(letters)
    check = sum((place + 2) * ord(letter) for place, letter in enumerate(body)) % 31
    return f"{day}-{''.join(letters)}{_ALPHABET[check]}"
