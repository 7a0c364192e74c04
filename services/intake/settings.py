"""Intake's policy read from the policies folder: the only place where intake touches a disk."""

from services.intake.core.policy import FILES, Policy, policy_of
from services.runtime.settings import Settings


def load_policy(settings: Settings, person_secret: bytes) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or broken."""
    texts = {name: (settings.policies / name).read_text(encoding="utf-8-sig") for name in FILES}
    return policy_of(texts, settings.district, person_secret)
