"""How a service declares one stage: inputs, key, decision, state, timer. The engine does the rest."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from schemas.event import Event, Out, Record
from services.kernel.step import Step

S = TypeVar("S", bound=BaseModel)


class CannotDecide(Exception):  # noqa: N818 - a state of this process, not of the record
    """What the decision needs is not in this process: it ends (70), and the record is replayed."""


@dataclass(frozen=True, slots=True)
class Input:
    """One decoded record: its event, the record key that belongs to it, and what `enrich` added.

    `row`: the key of its row where that is finer than the record key (same number, other channel).
    """

    event: Event
    key: str
    row: str = ""
    extra: Any = None


@dataclass(frozen=True)
class Timer(Generic[S]):
    """`due`: the earliest armed instant of a row; `fire`: the command that tells the row so (same id every time)."""

    due: Callable[[S], datetime | None]
    fire: Callable[[str, S, datetime], Out]


@dataclass(frozen=True)
class Census(Generic[S]):
    """Gauges over all rows without decoding them: `label` is kept beside each row, `tell` gets the counts."""

    label: Callable[[S], str]
    tell: Callable[[Counter[str]], None]


@dataclass(frozen=True)
class Stage(Generic[S]):
    """A keyed, stateful step of a service.

    inputs: logical topics, all with equal partition counts.
    decode: record -> Input; raises schemas.event.Refused (then: quarantine).
    decide: (row or None, input, now = the record's log time) -> Step. Pure. Policy is bound already.
    state: the row model; None = stateless (decide gets None, its state is ignored).
    enrich: one blocking effect for a whole batch before deciding (run in a thread); same length, same order.
    A record in a partition that is not its row key's own is sent again under the right key, same bytes.
    """

    name: str
    inputs: tuple[str, ...]
    decode: Callable[[Record], Input]
    decide: Callable[[S | None, Input, datetime], Step[S]]
    state: type[S] | None
    enrich: Callable[[Sequence[Input]], Sequence[Input]] | None = None
    timer: Timer[S] | None = None
    census: Census[S] | None = None
    hurried: Callable[[str], bool] | None = None
    """By the census label of a row just restored: its command is said at once, whatever it has armed."""
    heeds: frozenset[str] = frozenset()
    """Event types that can change a row; none = all. Others on its inputs are acknowledged by their header, unread."""
    repeats: bool = False
    """An input that leaves the row alone and says nothing is the same record sent again: counted as a duplicate."""
    observe: Callable[[S | None, S | None, Input, Sequence[Out], datetime], None] = field(
        default=lambda *_: None
    )
    """Counting, after everything is confirmed: (before, after, input, events, now). Must not raise."""


def event_id(item: Input) -> UUID:
    return item.event.id
