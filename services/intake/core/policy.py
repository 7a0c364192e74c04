"""Intake's policy, frozen: how columns are read, what places and codes mean, when two records are one matter."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.core.columns import Columns, columns_of
from services.intake.core.extract import Words
from services.intake.core.extract_people import counting
from services.intake.core.gazetteer import gazetteer_of
from services.intake.core.joining import JoinRule, join_rule_of
from services.intake.core.register import NONE, Register, register_of
from services.intake.core.words import figures_of, matters_of, workplaces_of

FILES = (
    "channel-fields.csv",
    "db44-codes.csv",
    "matters.toml",
    "places/units.csv",
    "places/villages.csv",
    "places/former-villages.csv",
    "places/elsewhere.csv",
    "places/statistical-units.csv",
    "places/country.csv",
    "places/spoken.csv",
    "words/figures.toml",
    "words/phrases.toml",
    "words/workplaces.toml",
)
DISTRICT_NAMES = {"420704": "鄂城区"}


@dataclass(frozen=True, slots=True)
class Policy:
    """`person_secret`: key of the person hash, 32 bytes, never in a file of policies."""

    district: str
    columns: Columns
    words: Words
    join: JoinRule
    person_secret: bytes
    register: Register = NONE


def policy_of(
    files: Mapping[str, str], district: str, person_secret: bytes, employers: str = ""
) -> Policy:
    """`files`: the texts of FILES by name; `employers`: of the district's register, "" = none."""
    places = {
        name.removeprefix("places/"): text
        for name, text in files.items()
        if name.startswith("places/")
    }
    gazetteer = gazetteer_of(places, district, DISTRICT_NAMES.get(district, district))
    columns = columns_of(files["channel-fields.csv"])
    codes = _codes(files["db44-codes.csv"])
    join = join_rule_of(files["matters.toml"])
    figures = figures_of(files["words/figures.toml"])
    words = Words(
        gazetteer,
        matters_of(files["words/phrases.toml"]),
        workplaces_of(files["words/workplaces.toml"]),
        figures,
        counting(figures),
        codes,
    )
    register = register_of(employers, gazetteer, words.workplaces) if employers else NONE
    return Policy(district, columns, words, join, person_secret, register)


def _codes(text: str) -> Mapping[str, tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(text))
    return {row["db44_code"]: tuple(row["category"].split("|")) for row in rows if row["category"]}
