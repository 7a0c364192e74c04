"""Policy files to frozen values, from a folder on disk or a bundle in memory; their meaning is the cores' matter."""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any

from services.kernel.calendar import Calendar, calendar_of, hours_of
from services.kernel.deadline import ClockRule, clock_rule
from services.runtime.policy_bundle import files_in, hash_of, pack


def toml(path: Traversable) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def table(path: Traversable) -> list[dict[str, str]]:
    """Rows of a CSV file with a header."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def listed(folder: Traversable, suffix: str) -> list[Traversable]:
    """Its files with that suffix, by name."""
    found = [path for path in folder.iterdir() if path.name.endswith(suffix)]
    return sorted(found, key=lambda path: path.name)


def calendar_years(policies: Traversable) -> list[Mapping[str, Any]]:
    """The year files, oldest first."""
    return [toml(path) for path in listed(policies / "calendars", ".toml")]


def office_calendar(
    policies: Traversable,
    *offices: str,
    known_on: date | None = None,
    more: Sequence[Mapping[str, Any]] = (),
) -> Calendar:
    """The calendar of policies/office.toml with everything the year files know, or knew on `known_on`.

    `offices`: unit code or post, the most particular first, whose own hours are meant where it has any.
    `more`: year files that are not in the folder yet.
    """
    office = toml(policies / "office.toml")
    windows, seasons = hours_of(office, *offices)
    return calendar_of(
        [*calendar_years(policies), *more],
        timezone=office["timezone"],
        windows=windows,
        seasons=seasons,
        region=office["region"],
        known_on=known_on,
    )


def clock_rules(policies: Traversable) -> dict[tuple[str, str], ClockRule]:
    """By id and variant."""
    rules = [clock_rule(row) for row in table(policies / "clocks.csv")]
    return {(rule.id, rule.variant): rule for rule in rules}


def policy_hash(policies: Traversable) -> int:
    """The first 48 bits of the bundle's hash, which a float holds exactly."""
    return int(hash_of(pack(files_in(policies)))[:12], 16)
