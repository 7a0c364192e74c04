"""用人单位登记册: the district's employers by code, name, former name and short name; which one a complaint means.

Loaded from a file of the district (docs/adr/0024). Without one nothing is matched and nothing changes.
"""

import csv
import io
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.matter import Employer, Matter, Place, Registered, RegisterRule, Span
from services.intake.core.codes import is_uscc
from services.intake.core.employer_name import is_nobody, normalised
from services.intake.core.gazetteer import Gazetteer
from services.intake.core.words import Workplaces

COLUMNS = ("uscc", "name", "former_names", "address", "grid", "branch_of")
FIELD = "register"
"""Of the span of what was read in the register, not in the record."""
CONFIDENCE: Mapping[RegisterRule, float] = {
    "uscc": 1.0, "name": 0.98, "former_name": 0.95, "short_name": 0.9, "short_name_here": 0.85,
    "abbreviation": 0.75, "branch": 0.7,
}  # fmt: skip
"""[own] How sure each rule is; nothing is fuzzy: a name with a slip of the pen is not matched."""
SAME_NAME_MIN = 0.95
"""From here on the registered name is the name: a former one would part the cases of one employer."""
SHORT_CHARS_MIN = 3
PLACES_MAX = 2
_BRACKETS = str.maketrans("（）【】", "()[]")
_BRANCH = re.compile(r"^[一-鿿]{0,8}?(?:分公司|分店|分部|分厂|营业部|门市部|营业点|网点|站点|店)$")
_FORMER = re.compile(r"[、|；;]")


@dataclass(frozen=True, slots=True)
class Entry:
    """`places`: where it is registered, as far as the grid map may know it."""

    uscc: str
    name: str
    normalised: str
    former: tuple[str, ...]
    places: tuple[Place, ...]
    branch_of: str


@dataclass(frozen=True, slots=True)
class Register:
    """`short`: normalised name to its entries (namesakes); `ordered`: those names sorted, for abbreviations.

    `workplaces`: what is a trade and no name.
    """

    codes: Mapping[str, Entry] = field(default_factory=dict)
    names: Mapping[str, Entry] = field(default_factory=dict)
    former: Mapping[str, Entry] = field(default_factory=dict)
    short: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()
    workplaces: Workplaces | None = None


NONE = Register()


def register_of(text: str, gazetteer: Gazetteer, workplaces: Workplaces) -> Register:
    """From the text of the file that `anxin employers import` wrote. Raises ValueError where it is another."""
    rows = csv.DictReader(io.StringIO(text))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"employers: the columns must be {','.join(COLUMNS)}")
    entries = [_entry(row, gazetteer) for row in rows]
    short: dict[str, list[Entry]] = {}
    for one in entries:
        short.setdefault(one.normalised, []).append(one)
    return Register(
        {one.uscc: one for one in entries},
        {_whole(one.name): one for one in entries},
        {_whole(name): one for one in entries for name in one.former},
        {name: tuple(found) for name, found in short.items()},
        tuple(sorted(short)),
        workplaces,
    )


def _entry(row: Mapping[str, str], gazetteer: Gazetteer) -> Entry:
    return Entry(
        row["uscc"],
        row["name"],
        normalised(row["name"], gazetteer),
        tuple(filter(None, _FORMER.split(row["former_names"]))),
        tuple(_places(row["grid"], row["address"], gazetteer)),
        row["branch_of"],
    )


def _places(grid: str, address: str, gazetteer: Gazetteer) -> Iterable[Place]:
    """The grid where it is given, and the most exact name in the address."""
    if grid:
        unit = grid[:9] if grid[:9] in gazetteer.units else ""
        yield _place("grid", grid, grid, unit, 1.0)
    named = [
        one.meaning for one in gazetteer.find(address) if one.meaning.kind in ("village", "unit")
    ]
    for one in sorted(named, key=lambda meaning: meaning.kind != "village")[:1]:
        yield _place(one.kind, one.name, one.code, one.unit_code, one.confidence)


def _place(kind: str, name: str, code: str, unit: str, confidence: float) -> Place:
    return Place(
        kind=kind,  # type: ignore[arg-type]  # grid, village or unit
        name=name,
        code=code,
        unit_code=unit,
        role="employer_address",
        confidence=confidence,
        span=Span(field=FIELD),
    )


def registered(register: Register, matter: Matter, code: str) -> Matter:
    """The matter with its employer known, and the registered address as a place where no other address is told."""
    employer = matter.employer
    if employer is None:
        return matter
    code = code.upper()
    found = match(register, employer, code, {one.unit_code for one in matter.places})
    if found is None:
        if not is_uscc(code):
            return matter
        return matter.model_copy(update={"employer": employer.model_copy(update={"uscc": code})})
    entry, rule = found
    sure = CONFIDENCE[rule]
    known = {
        "uscc": entry.uscc,
        "registered": Registered(name=entry.name, rule=rule, confidence=sure),
        "normalised": entry.normalised if sure >= SAME_NAME_MIN else employer.normalised,
    }
    told = any(one.role == "employer_address" for one in matter.places)
    more = () if told else tuple(_less_sure(one, sure) for one in entry.places[:PLACES_MAX])
    return matter.model_copy(
        update={"employer": employer.model_copy(update=known), "places": (*matter.places, *more)}
    )


def _less_sure(place: Place, sure: float) -> Place:
    return place.model_copy(update={"confidence": round(place.confidence * sure, 3)})


def match(
    register: Register, employer: Employer, code: str = "", units: Iterable[str] = ()
) -> tuple[Entry, RegisterRule] | None:
    """The one entry a rule leaves, the surest rule first. `units`: where the matter is, to tell namesakes apart."""
    if not register.codes or register.workplaces is None:
        return None
    whole, short = _whole(employer.name), employer.normalised
    if code in register.codes:
        return register.codes[code], "uscc"
    if whole in register.names:
        return register.names[whole], "name"
    if whole in register.former:
        return register.former[whole], "former_name"
    if len(short) < SHORT_CHARS_MIN or is_nobody(register.workplaces, short):
        return None
    return (
        _by_short(register, short, set(units))
        or _longer(register, short)
        or _branch(register, short)
    )


def _whole(name: str) -> str:
    return name.replace(" ", "").translate(_BRACKETS)


def _by_short(register: Register, short: str, units: set[str]) -> tuple[Entry, RegisterRule] | None:
    namesakes = register.short.get(short, ())
    if len(namesakes) == 1:
        return namesakes[0], "short_name"
    here = [one for one in namesakes if any(place.unit_code in units for place in one.places)]
    return (here[0], "short_name_here") if len(here) == 1 else None


def _longer(register: Register, short: str) -> tuple[Entry, RegisterRule] | None:
    """简称: the beginning of one registered name and no other, its own branches aside."""
    if short in register.short:
        return None  # namesakes that nothing told apart
    start = bisect_left(register.ordered, short)
    found: list[Entry] = []
    for name in register.ordered[start : start + 50]:
        if not name.startswith(short):
            break
        found += register.short[name]
    codes = {one.uscc for one in found}
    heads = [one for one in found if one.branch_of not in codes]
    return (heads[0], "abbreviation") if len(heads) == 1 else None


def _branch(register: Register, short: str) -> tuple[Entry, RegisterRule] | None:
    """顺安达快递樊口分部: the employer is the one whose branch it is (分支机构没有法人资格, 民法典 §74)."""
    for end in range(len(short) - 1, SHORT_CHARS_MIN - 1, -1):
        owners = register.short.get(short[:end], ())
        if len(owners) == 1 and _BRANCH.match(short[end:]):
            return owners[0], "branch"
    return None
