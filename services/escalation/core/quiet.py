"""静默时段: when people are told. A soft matter waits until the office opens; hard and urgent ones pass at once.

What is decided is decided at its instant all the same: only the telling waits. All that one person is told at one
opening is one digest (after a holiday: one message, not a storm).
"""

from datetime import datetime, timedelta

from services.escalation.core.policy import Policy
from services.kernel.calendar import local_day, pieces_on

CLOSED_DAYS_MAX = 30


def tell_at(policy: Policy, now: datetime, *, hard: bool, urgent: bool) -> datetime | None:
    """The next opening of the office; None = now."""
    if hard or urgent:
        return None
    day = local_day(policy.calendar, now)
    for ahead in range(CLOSED_DAYS_MAX):
        for opens, closes in pieces_on(policy.calendar, day + timedelta(days=ahead)):
            if now < closes:
                return opens if opens > now else None
    return None
