"""The form of policy files: read as UTF-8, every row as wide as its header, columns there, keys once."""

import csv
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

Shape = tuple[Sequence[str], Sequence[str]]
"""Key columns (together unique in the file; none = rows may repeat), and the other columns that are read."""
SHAPES: Mapping[str, Shape] = {
    "categories.csv": (
        ("code",),
        ("name_zh", "competence", "exit_channel_zh", "exit_advice_zh"),
    ),
    "channel-fields.csv": (("channel", "key"), ("name_zh", "type")),
    "clocks.csv": (("id", "variant"), ("unit", "limit", "role", "lapse_to", "basis", "mark")),
    "employer-fields.csv": (("channel", "key"), ("name_zh", "type")),
    "db44-codes.csv": (("db44_code",), ("category",)),
    "ladder.csv": (("rung",), ("post", "name_zh", "fallback")),
    "roster.csv": (("account",), ("post", "grid", "unit_code", "absent_from", "absent_to")),
    "steps.csv": (
        ("id",),
        (
            "name_zh",
            "posts",
            "needs",
            "never",
            "forgets",
            "forestalls",
            "ends",
            "not_before",
            "elsewhere",
            "basis",
        ),
    ),
    "tiles.csv": (("grid",), ("unit", "col", "row")),
    "verbs.csv": (("verb",), ("name_zh", "posts")),
    "places/centroids.csv": (("code",), ("name", "lon", "lat", "crs", "source")),
    "places/country.csv": (("name",), ("belongs_to",)),
    "places/elsewhere.csv": (("name",), ("belongs_to",)),
    "places/former-villages.csv": (
        ("old_code",),
        ("old_name", "successor_code", "successor_name", "unit_code", "unit", "confidence"),
    ),
    "places/spoken.csv": (("written",), ("code", "confidence")),
    "places/statistical-units.csv": (
        ("statistical_code", "vintage"),
        ("statistical_name", "unit_code", "unit", "relation"),
    ),
    "places/units.csv": (
        ("code",),
        (
            "name",
            "base",
            "aliases",
            "overlay",
            "same_name_in_hubei",
            "same_name_in_country",
            "grids",
        ),
    ),
    "places/villages.csv": (
        ("code",),
        ("name", "base", "unit_code", "unit", "confidence", "name_trap", "aliases", "virtual"),
    ),
}
GRIDS: Shape = (("grid",), ("unit_code", "unit", "village_codes", "section"))
TOMLS = (
    "crime.toml", "desk.toml", "groups.toml", "ladder-steps.toml", "manifest.toml", "matters.toml", "office.toml",
    "pauses.toml", "privacy.toml", "replies.toml", "robots.toml", "texts.zh.toml", "words/figures.toml",
    "words/phrases.toml", "words/workplaces.toml",
)  # fmt: skip


def names(policies: Path) -> list[str]:
    """What has to be there, and every other table that is, relative to the folder."""
    found = [str(path.relative_to(policies)) for path in policies.rglob("*.csv")]
    found += [str(path.relative_to(policies)) for path in policies.rglob("*.toml")]
    return sorted({*SHAPES, *TOMLS, *found})


def version(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


def problems_of(policies: Path, name: str) -> tuple[int, list[str]]:
    """Rows (of a TOML file: top-level entries) and what is wrong, in words; never raises for a file's content."""
    try:
        text = (policies / name).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return 0, ["the file is missing"]
    except OSError as error:
        return 0, [f"cannot be read: {error.strerror}"]
    except UnicodeDecodeError as error:
        return 0, [f"not UTF-8 at byte {error.start}"]
    if text.startswith("\ufeff"):
        return 0, ["begins with a byte order mark: save as UTF-8 without it"]
    return _toml(text) if name.endswith(".toml") else _csv(text, _shape(name))


def _shape(name: str) -> Shape:
    return GRIDS if name.startswith("grids/") else SHAPES.get(name, ((), ()))


def _toml(text: str) -> tuple[int, list[str]]:
    try:
        return len(tomllib.loads(text)), []
    except tomllib.TOMLDecodeError as error:
        return 0, [f"not TOML: {error}"]


def _csv(text: str, shape: Shape) -> tuple[int, list[str]]:
    key, columns = shape
    try:
        header, *rows = list(csv.reader(text.splitlines(keepends=True), strict=True)) or [[]]
    except csv.Error as error:
        return 0, [f"not CSV: {error}"]
    rows = [row for row in rows if row]
    missing = [name for name in (*key, *columns) if name not in header]
    if missing:
        return len(rows), [f"no column {name}" for name in missing]
    problems = [] if rows else ["no rows"]
    problems += [f"column {name}: twice" for name, n in Counter(header).items() if n > 1]
    problems += [
        f"row {number}: {len(row)} cells, the header has {len(header)}"
        for number, row in enumerate(rows, start=2)
        if len(row) != len(header)
    ]
    if key and not problems:
        at = [header.index(name) for name in key]
        counted = Counter("/".join(row[i] for i in at) for row in rows)
        problems += [f"{'/'.join(key)} {value!r}: twice" for value, n in counted.items() if n > 1]
    return len(rows), problems
