"""Intake's policy, frozen: how columns are read, what places and codes mean, when two records are one matter."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.core.columns import Columns, columns_of
from services.intake.core.extract import Words
from services.intake.core.gazetteer import gazetteer_of

FILES = (
    "channel-fields.csv",
    "db44-codes.csv",
    "places/units.csv",
    "places/villages.csv",
    "places/former-villages.csv",
    "places/elsewhere.csv",
)
DISTRICT_NAMES = {"420704": "鄂城区"}


@dataclass(frozen=True, slots=True)
class JoinRule:
    """并案 [own]: within `window_days` of the matter's last record, employers alike to `employer_ratio_min` (0..1)."""

    window_days: int = 90
    employer_ratio_min: float = 0.8
    matters_max: int = 50
    records_max: int = 50


@dataclass(frozen=True, slots=True)
class Policy:
    """`person_secret`: key of the person hash, 32 bytes, never in a file of policies."""

    district: str
    columns: Columns
    words: Words
    join: JoinRule
    person_secret: bytes


def policy_of(files: Mapping[str, str], district: str, person_secret: bytes) -> Policy:
    """`files`: the texts of FILES by name."""
    places = {name.removeprefix("places/"): text for name, text in files.items()}
    gazetteer = gazetteer_of(places, district, DISTRICT_NAMES.get(district, district))
    columns = columns_of(files["channel-fields.csv"])
    codes = _codes(files["db44-codes.csv"])
    return Policy(district, columns, Words(gazetteer, codes), JoinRule(), person_secret)


def _codes(text: str) -> Mapping[str, tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(text))
    return {row["db44_code"]: tuple(row["category"].split("|")) for row in rows if row["category"]}
