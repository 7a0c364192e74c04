"""What differs between two policy folders: tables by row and column, TOML by key, calendars by day."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any

from services.cli.policy_shapes import GRIDS, SHAPES
from services.kernel.calendar_zh import day_zh
from services.runtime.policy_bundle import files_in
from services.runtime.policy_files import calendar_years, office_calendar, table, toml

CALENDARS = "calendars/"
DAYS = ("days_off", "makeup")
KINDS_ZH = {"added": "新增", "removed": "删除", "changed": "修改"}


@dataclass(frozen=True, slots=True)
class Change:
    """`old`, `new`: None = not there. `field` "" = the row as a whole."""

    file: str
    key: str
    field: str
    old: str | None
    new: str | None

    @property
    def kind(self) -> str:
        return "added" if self.old is None else "removed" if self.new is None else "changed"


Rows = Mapping[str, Mapping[str, str]]
"""Key → field → text."""


def diff(old: Traversable, new: Traversable) -> list[Change]:
    """Empty = the same policy. Raises OSError or ValueError where a file makes no sense."""
    names = sorted({*files_in(old), *files_in(new)})
    found = list[Change]()
    for name in names:
        if not name.startswith(CALENDARS):
            read = _rows if name.endswith(".csv") else _keys
            found += _between(name, _of(old, name, read), _of(new, name, read))
    return [*found, *_between("calendars", _years(old), _years(new)), *_days(old, new)]


def _of(folder: Traversable, name: str, read: Callable[[Traversable, str], Rows]) -> Rows:
    return read(folder, name) if (folder / name).is_file() else {}


def _between(file: str, old: Rows, new: Rows) -> Iterator[Change]:
    for key in (*old, *(key for key in new if key not in old)):
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            yield Change(file, key, "", _whole(was), _whole(now))
            continue
        for field in (*was, *(field for field in now if field not in was)):
            if was.get(field, "") != now.get(field, ""):
                yield Change(file, key, field, was.get(field, ""), now.get(field, ""))


def _whole(row: Mapping[str, str] | None) -> str | None:
    """A row in one line, without its empty cells."""
    if row is None:
        return None
    return "；".join(f"{field}={text}" if field else text for field, text in row.items() if text)


def _rows(folder: Traversable, name: str) -> Rows:
    """A table by its key columns; a table that has none: by the whole row."""
    columns, _ = GRIDS if name.startswith("grids/") else SHAPES.get(name, ((), ()))
    found = {}
    for row in table(folder / name):
        cells = {str(field): str(text or "") for field, text in row.items()}
        key = [cells.get(column, "") for column in columns] or list(cells.values())
        found["/".join(filter(None, key))] = cells
    return found


def _keys(folder: Traversable, name: str) -> Rows:
    return {key: {"": text} for key, text in _flat(toml(folder / name), "")}


def _flat(value: Any, above: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _flat(below, f"{above}.{key}" if above else str(key))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for number, below in enumerate(value, start=1):
            yield from _flat(below, f"{above}[{number}]")
    else:
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        )
        yield above, text


def _years(folder: Traversable) -> Rows:
    """What the year files say beside their days; a published year stands before its provisional one."""
    years = {
        year["year"]: {key: value for key, value in year.items() if key not in DAYS}
        for year in sorted(
            calendar_years(folder), key=lambda year: year.get("status") != "provisional"
        )
    }
    return {str(year): dict(_flat(said, "")) for year, said in sorted(years.items())}


def _days(old: Traversable, new: Traversable) -> Iterator[Change]:
    """Days that are off or worked in one calendar and not in the other, as the office counts them."""
    was, now = office_calendar(old), office_calendar(new)
    days = {*was.days_off, *was.makeup, *now.days_off, *now.makeup}
    for ordinal in sorted(days):
        day = date.fromordinal(ordinal)
        before, after = day_zh(was, day), day_zh(now, day)
        if before != after:
            yield Change("calendars", day.isoformat(), "日", before, after)
