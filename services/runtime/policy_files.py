"""Policy files from disk to frozen values; what they mean is decided in the kernel and the cores."""

import csv
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.kernel.calendar import Calendar, calendar_of
from services.kernel.deadline import ClockRule, clock_rule


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def calendar_years(policies: Path) -> list[Mapping[str, Any]]:
    """The year files, oldest first."""
    return [toml(path) for path in sorted((policies / "calendars").glob("*.toml"))]


def office_calendar(policies: Path) -> Calendar:
    """The calendar of policies/office.toml with everything the year files know."""
    office = toml(policies / "office.toml")
    return calendar_of(
        calendar_years(policies),
        timezone=office["timezone"],
        windows=office["windows"],
        region=office["region"],
    )


def clock_rules(policies: Path) -> dict[tuple[str, str], ClockRule]:
    """By id and variant."""
    rules = [clock_rule(row) for row in table(policies / "clocks.csv")]
    return {(rule.id, rule.variant): rule for rule in rules}


def policy_hash(policies: Path) -> int:
    """48 bits, which a float holds exactly: names and bytes of every file below the folder."""
    digest = sha256()
    for path in sorted(path for path in policies.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(policies).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return int.from_bytes(digest.digest()[:6], "big")
