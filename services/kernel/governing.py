"""主导期限: of the clocks that run, the one by which something has to be done first. One rule for every service."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar


class Runs(Protocol):
    """A clock of a row or of a page. `standing`: what holds it now."""

    @property
    def key(self) -> tuple[str, str]: ...
    @property
    def hard(self) -> bool: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def standing(self) -> tuple[object, ...]: ...


C = TypeVar("C", bound=Runs)


def governing(clocks: Iterable[C]) -> C | None:
    """The earliest legal clock of ours, else the earliest other; None where none runs. Ties: by id, then source.

    What stands still has no end yet. A lapsed clock governs on until somebody acts. Joining only adds reply clocks,
    so it never moves this later; a split takes away its own.
    """
    running = (clock for clock in clocks if not clock.standing)
    return min(running, key=lambda one: (not one.hard, one.due_at, one.key), default=None)
