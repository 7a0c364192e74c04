"""Intake's policy read from the policies folder or a bundle: the only place where intake touches a disk."""

from importlib.resources.abc import Traversable

from services.intake.core.policy import FILES, Policy, policy_of
from services.runtime.settings import Settings


def load_policy(settings: Settings, person_secret: bytes) -> Policy:
    """Raises OSError or ValueError at start, where a file is missing or broken."""
    path = settings.employers_file
    employers = path.read_text(encoding="utf-8") if path.exists() else ""
    return policy_in(settings.policies, settings.district, person_secret, employers)


def policy_in(
    policies: Traversable, district: str, person_secret: bytes, employers: str = ""
) -> Policy:
    texts = {name: (policies / name).read_text(encoding="utf-8-sig") for name in FILES}
    return policy_of(texts, district, person_secret, employers)
