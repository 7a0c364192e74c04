"""代理人: for whom an account of the roster acts on a day. One rule for every service; no chains of deputies."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class OnRoster(Protocol):
    """A row of policies/roster.csv. `deputy`: the account that takes what comes while this one is away."""

    @property
    def deputy(self) -> str: ...

    def at_work(self, day: date) -> bool: ...


P = TypeVar("P", bound=OnRoster)


def is_at_work(absent_from: date | None, absent_to: date | None, day: date) -> bool:
    """Both days included; no last day = away until further notice."""
    return absent_from is None or not absent_from <= day <= (absent_to or date.max)


def stood_in_for(people: Iterable[P], account: str, day: date) -> tuple[P, ...]:
    """Who is away on that day and has this account as deputy, in order of the roster."""
    return tuple(
        one for one in people if account and one.deputy == account and not one.at_work(day)
    )
