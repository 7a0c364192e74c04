"""支付: what was paid and when, and since when an order to pay is obeyed: by the instants, however late it is told."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from services.escalation.core.state import Case, Payment

PAYMENTS_MAX = 64
"""Of a row; where it is full the two oldest become one."""


def payments_of(case: Case) -> tuple[Payment, ...]:
    """By instant. Rows of before there was a list know one instant and the sum."""
    deeds = case.deeds
    if deeds.payments or deeds.paid is None:
        return deeds.payments
    return (Payment(at=deeds.paid, fen=case.paid_fen),)


def with_payment(case: Case, one: Payment) -> tuple[Payment, ...]:
    found = tuple(sorted((*payments_of(case), one), key=lambda each: each.at))
    if len(found) <= PAYMENTS_MAX:
        return found
    first, second, *rest = found
    both = Payment(at=second.at, fen=first.fen + second.fen, full=first.full or second.full)
    return (both, *rest)


def paid_by(case: Case, at: datetime) -> int:
    """In fen, up to an instant."""
    return sum(one.fen for one in payments_of(case) if one.at <= at)


def obeyed_at(payments: Sequence[Payment], since: datetime, owed_fen: int) -> datetime | None:
    """The instant of the payment by which all of it is paid; None = it is not.

    `owed_fen`: the payments in all that obey it, 0 = nobody knows: then only the word 付清 of a payment since does.
    """
    sums = accumulate(one.fen for one in payments)
    for one, paid in zip(payments, sums, strict=True):
        if one.at >= since and (one.full or 0 < owed_fen <= paid):
            return one.at
    return None
