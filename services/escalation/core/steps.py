"""程序节点: policies/steps.csv, frozen: the steps that no verb of its own notes, and what each needs.

A step is a fact of the case from the instant it was done until a later step forgets it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STEPS_MAX = 64
"""Of the table, and of a row."""


@dataclass(frozen=True, slots=True)
class Step:
    """`needs`, `never`: facts of the case or steps; a step that holds is not noted twice.

    `forgets`: what may be noted anew after it. `forestalls`: what comes by the passing of time, and does not where
    this was done before. `ends`: clocks it stops beside those that clocks.csv says. `not_before`: the clock that must
    have run out. `elsewhere`: why no step of ours makes this mark; empty = it may be noted.
    """

    id: str
    name_zh: str
    posts: frozenset[str]
    needs: tuple[str, ...]
    never: tuple[str, ...]
    forgets: tuple[str, ...]
    forestalls: tuple[str, ...]
    ends: tuple[str, ...]
    not_before: str
    elsewhere: str
    basis: str


def steps_of(rows: Iterable[Mapping[str, str]]) -> dict[str, Step]:
    """Rows of steps.csv, by id. Raises KeyError where a column is missing."""
    return {row["id"]: _step(row) for row in rows}


def _step(row: Mapping[str, str]) -> Step:
    return Step(
        id=row["id"],
        name_zh=row["name_zh"],
        posts=frozenset(_parts(row["posts"])),
        needs=_parts(row["needs"]),
        never=_parts(row["never"]),
        forgets=_parts(row["forgets"]),
        forestalls=_parts(row["forestalls"]),
        ends=_parts(row["ends"]),
        not_before=row["not_before"],
        elsewhere=row["elsewhere"],
        basis=row["basis"],
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("|")))
