"""Policy files to frozen values, from a folder on disk or a bundle in memory; their meaning is the cores' matter."""

import csv
import io
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any

from services.kernel.calendar import Calendar, calendar_of
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


def office_calendar(policies: Traversable) -> Calendar:
    """The calendar of policies/office.toml with everything the year files know."""
    office = toml(policies / "office.toml")
    return calendar_of(
        calendar_years(policies),
        timezone=office["timezone"],
        windows=office["windows"],
        region=office["region"],
    )


def clock_rules(policies: Traversable) -> dict[tuple[str, str], ClockRule]:
    """By id and variant."""
    rules = [clock_rule(row) for row in table(policies / "clocks.csv")]
    return {(rule.id, rule.variant): rule for rule in rules}


def policy_hash(policies: Traversable) -> int:
    """The first 48 bits of the bundle's hash, which a float holds exactly."""
    return int(hash_of(pack(files_in(policies)))[:12], 16)
