"""One row of policies/clocks.csv as a value: which clock, how long, who hears of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

UNITS = ("wd", "cd", "wh", "h", "month", "year")
ROLES = ("ours", "window", "minimum", "guard")
_WHOLE = ("wd", "cd", "month", "year")
_LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)

Ladder = tuple[tuple[str, ...], ...]


class DeadlineError(ValueError):
    """A clock row that cannot be read, or a clock that cannot be computed."""


@dataclass(frozen=True, slots=True)
class Span:
    """An amount with its unit: wd 工作日, cd 自然日, wh working hour, h hour, month, year."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class ClockRule:
    """`lapse_to`: steps one after another, the rungs of a step at once. `warn_left`: left before the limit.

    `hard` (法定硬期限) only where `mark` is law. A guard has no limit and no unit.
    """

    id: str
    variant: str
    stage_zh: str
    starts_on: tuple[str, ...]
    stops_on: tuple[str, ...]
    applies_to: str
    unit: str
    limit: float | None
    target: float | None
    extension: float | None
    extension_by: str
    warn_left: tuple[Span, ...]
    hard: bool
    role: str
    lapse_to: Ladder
    on_lapse: tuple[str, ...]
    pausable_by: str
    basis: str
    mark: str
    to_confirm: str


def clock_rule(row: Mapping[str, str]) -> ClockRule:
    """From a CSV row; DeadlineError names the clock and the column that cannot be read."""
    name = f"{row.get('id', '?')}/{row.get('variant', '')}"
    try:
        return _rule(row)
    except KeyError as error:
        raise DeadlineError(f"clock {name}: no column {error}") from error
    except ValueError as error:
        raise DeadlineError(f"clock {name}: {error}") from error


def _rule(row: Mapping[str, str]) -> ClockRule:
    unit = _one_of(row["unit"], ("", *UNITS))
    limit = _amount(row["limit"], unit)
    if (limit is None) != (row["role"] == "guard"):
        raise ValueError("a clock has a limit, a guard has none")
    return ClockRule(
        id=row["id"],
        variant=row["variant"],
        stage_zh=row["stage_zh"],
        starts_on=_parts(row["starts_on"], "|"),
        stops_on=_parts(row["stops_on"], "|"),
        applies_to=row["applies_to"],
        unit=unit,
        limit=limit,
        target=_amount(row["target"], unit),
        extension=_amount(row["extension"], unit),
        extension_by=row["extension_by"],
        warn_left=tuple(_span(part, unit) for part in _parts(row["warn_left"], "|")),
        hard=row["hard"] == "yes" and row["mark"] == "law",
        role=_one_of(row["role"], ROLES),
        lapse_to=tuple(_parts(step, "+") for step in _parts(row["lapse_to"], ">")),
        on_lapse=_parts(row["on_lapse"], "|"),
        pausable_by=row["pausable_by"],
        basis=row["basis"],
        mark=row["mark"],
        to_confirm=row["to_confirm"],
    )


def _parts(text: str, separator: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(separator)) if text.strip() else ()
    if not all(parts):
        raise ValueError(f"an empty part in {text!r}")
    return parts


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise ValueError(f"{text!r} is none of {', '.join(known)}")
    return text


def span_of(text: str) -> Span:
    """`20wd`, `4wh`. Raises DeadlineError where it is no amount of days or hours."""
    try:
        return _span(text, "")
    except ValueError as error:
        raise DeadlineError(str(error)) from error


def _span(text: str, unit: str) -> Span:
    """`4wh`, `15cd`; a bare number is in the row's unit."""
    named = next((known for known in _LONGEST_FIRST if text.endswith(known)), None)
    amount = _amount(text.removesuffix(named) if named else text, named or unit)
    if amount is None or (named or unit) in ("month", "year"):
        raise ValueError(f"{text!r} is not left in days or hours")
    return Span(amount, named or unit)


def _amount(text: str, unit: str) -> float | None:
    if not text.strip():
        return None
    amount = float(text)
    if not isfinite(amount) or amount <= 0 or not unit:
        raise ValueError(f"{text!r} is not an amount of {unit or 'nothing'}")
    if unit in _WHOLE and not amount.is_integer():
        raise ValueError(f"{text!r}: days, months and years come whole")
    return amount
