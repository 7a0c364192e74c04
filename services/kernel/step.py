"""What a decision gives back."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.event import Out

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """The row after the decision (the same object = unchanged, None = no row) and what follows from it."""

    state: S | None
    events: tuple[Out, ...] = ()
