"""`anxin check policy`: every policy file through the very functions the services start with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.cli import policy_shapes as shapes
from services.cli import policy_statute as statute
from services.desk.wording import read_office
from services.escalation.settings import load_policy as load_escalation
from services.intake.core.joining import JoinRule
from services.intake.settings import load_policy as load_intake
from services.kernel.calendar import working_days_between
from services.kernel.calendar_notice import notice_problems, year_problems
from services.kernel.deadline import clock_rule
from services.kernel.units import vintage_problems
from services.notifier.settings import load_policy as load_notifier
from services.router.core.coverage import GRIDS, coverage
from services.router.settings import load_policy as load_router
from services.runtime import audit
from services.runtime.policy_bundle import bundle_of
from services.runtime.policy_files import office_calendar, table, toml
from services.runtime.settings import Settings

BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration)
"""What a loader may say of a file it cannot make sense of; a checker names it and goes on."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`id`: a file, or what is loaded of several; `field`: of what kind the check is; `found`: counts in words."""

    id: str
    field: str
    expected: str
    found: str
    version: str = ""
    problems: tuple[str, ...] = ()


Check = Callable[[Settings, date], Checked]


NOTIFIER = ("robots.toml", "texts.zh.toml", "ladder.csv", "roster.csv", "clocks.csv")
NAMES_OF_OFFICES = ("places/units.csv", "ladder.csv")


def check_policy(settings: Settings, today: date) -> dict[str, Any]:
    """`{total, passed, failed, misses, checked}`; a check whose files are unsound waits for them."""
    files = [_file(settings.policies, name) for name in shapes.names(settings.policies)]
    unsound = {one.id for one in files if one.problems}
    done = list(files)
    for name, needs, check in _checks(settings.policies):
        lacking = sorted(unsound & set(needs))
        if lacking:
            why = (f"not checked: {', '.join(lacking)} first",)
            done.append(Checked(name, "load", "sound files", "", problems=why))
        else:
            done.append(_guarded(name, check, settings, today))
    return _result(done)


def _guarded(name: str, check: Check, settings: Settings, today: date) -> Checked:
    try:
        return check(settings, today)
    except BROKEN as error:
        said = f"{type(error).__name__}: {error}" if not isinstance(error, ValueError) else error
        return Checked(name, "load", "loads", "", problems=(*str(said).split("; "),))


def _result(done: Sequence[Checked]) -> dict[str, Any]:
    failed = sum(bool(one.problems) for one in done)
    misses = [
        {"id": one.id, "field": one.field, "expected": one.expected, "got": problem}
        for one in done
        for problem in one.problems
    ]
    checked = [
        {
            "id": one.id,
            "field": one.field,
            "found": one.found,
            "version": one.version,
            "ok": not one.problems,
        }
        for one in done
    ]
    return {
        "total": len(done),
        "passed": len(done) - failed,
        "failed": failed,
        "misses": misses,
        "checked": checked,
    }


def _file(policies: Path, name: str) -> Checked:
    count, problems = shapes.problems_of(policies, name)
    unit = "entries" if name.endswith(".toml") else "rows"
    expected = "a sound file"
    version = shapes.version(policies / name)
    return Checked(name, "form", expected, f"{count} {unit}", version, tuple(problems))


def _checks(policies: Path) -> list[tuple[str, tuple[str, ...], Check]]:
    """Name, files it needs, function; in the order a service starts."""
    calendars = tuple(f"calendars/{path.name}" for path in (policies / "calendars").glob("*.toml"))
    grids = tuple(f"grids/{path.name}" for path in sorted((policies / "grids").glob("*.csv")))
    places = tuple(name for name in shapes.SHAPES if name.startswith("places/"))
    words = tuple(name for name in shapes.TOMLS if name.startswith("words/"))
    proof = ("places/units.csv", "places/villages.csv")
    escalation = (
        "ladder.csv",
        "ladder-steps.toml",
        "roster.csv",
        "verbs.csv",
        "steps.csv",
        "texts.zh.toml",
        "replies.toml",
        "pauses.toml",
        "crime.toml",
        "groups.toml",
    )
    desk = (
        "desk.toml",
        "tiles.csv",
        "steps.csv",
        "verbs.csv",
        "ladder.csv",
        "roster.csv",
        "texts.zh.toml",
        "categories.csv",
        "clocks.csv",
        "office.toml",
        "places/units.csv",
    )
    return [
        ("manifest", ("manifest.toml",), _manifest),
        ("calendars", (*calendars, "office.toml", *NAMES_OF_OFFICES), _calendars),
        ("clocks", ("clocks.csv",), _clocks),
        ("statutory", ("clocks.csv", "manifest.toml"), _statutory),
        ("categories", ("categories.csv", "db44-codes.csv"), _categories),
        *((f"coverage {name}", (name, *proof), _coverage(name)) for name in grids),
        ("vintages", ("places/statistical-units.csv", *proof), _vintages),
        (
            "intake",
            (*places, *words, "channel-fields.csv", "db44-codes.csv", "matters.toml"),
            _intake,
        ),
        ("privacy", ("privacy.toml", "ladder.csv", "roster.csv"), _privacy),
        ("router", (*grids, *places, "categories.csv"), _router),
        ("escalation", (*escalation, *calendars, "office.toml", "clocks.csv", *grids), _escalation),
        ("desk", (*desk, *calendars, *NAMES_OF_OFFICES, *grids), _desk),
        ("notifier", NOTIFIER, _notifier),
    ]


def _manifest(settings: Settings, _: date) -> Checked:
    one = bundle_of(settings.policies)
    found = f"{one.version}, from {one.effective_from}, {len(one.content)} bytes"
    return Checked("manifest", "bundle", "a bundle", found, one.hash)


def _calendars(settings: Settings, today: date) -> Checked:
    """Years without a gap, as many working days as each file says.

    A passed horizon is said and no fault of the files: CalendarHorizonNear asks for the notice in time.
    """
    years = sorted((settings.policies / "calendars").glob("*.toml"))
    problems = [f"{path.name}: {problem}" for path in years for problem in _year_file(path)]
    if problems:
        return Checked("calendars", "years", "sound years", "", problems=tuple(problems))
    calendar = office_calendar(settings.policies)
    horizon = calendar.published_until
    ahead = working_days_between(calendar, today, horizon) if horizon >= today else 0
    left = f"{ahead} working days ahead" if ahead else "passed: every new deadline is provisional"
    found = f"{len(years)} years, horizon {horizon}, {left}"
    unknown = tuple(_offices(settings))
    return Checked("calendars", "years", "consecutive years", found, calendar.version, unknown)


def _year_file(path: Path) -> list[str]:
    try:
        return _year(toml(path))
    except BROKEN as error:
        return [f"{type(error).__name__}: {error}"]


def _year(data: Mapping[str, Any]) -> list[str]:
    return (notice_problems if data.get("status") == "published" else year_problems)(data)


def offices_of(policies: Path) -> set[str]:
    """Who may have opening hours of its own: unit codes and posts."""
    units = {row["code"] for row in table(policies / "places" / "units.csv")}
    return units | {row["post"] for row in table(policies / "ladder.csv")}


def _offices(settings: Settings) -> list[str]:
    """Offices with hours of their own: there, and open on the weekdays of all."""
    named = toml(settings.policies / "office.toml").get("offices", {})
    unknown = sorted(set(named) - offices_of(settings.policies))
    for name in named:
        office_calendar(settings.policies, name)
    return [f"office.toml: no unit and no post {name!r}" for name in unknown]


def _clocks(settings: Settings, _: date) -> Checked:
    """Every row is a rule with a basis; one mistake does not hide the next."""
    rows = table(settings.policies / "clocks.csv")
    problems = []
    for row in rows:
        try:
            rule = clock_rule(row)
        except ValueError as error:
            problems.append(str(error))
            continue
        if not (rule.basis and rule.mark):
            problems.append(f"clock {rule.id}/{rule.variant}: no basis or no mark")
    hard = sum(row["hard"] == "yes" for row in rows)
    return Checked("clocks", "rules", "rules", f"{len(rows)} rules, {hard} hard", "", (*problems,))


def _statutory(settings: Settings, _: date) -> Checked:
    """Rows that are law are as they were sealed, or the manifest names the notice that changed them."""
    rows = table(settings.policies / "clocks.csv")
    lock = settings.policies / statute.LOCK
    sealed = table(lock) if lock.is_file() else []
    notice = bundle_of(settings.policies).statutory_change
    problems = statute.problems(sealed, rows, notice)
    found = f"{len(sealed)} rows sealed"
    if notice and (changed := statute.moved(sealed, rows)):
        found += f"; {notice}: {'; '.join(changed)}"
    return Checked("statutory", "sealed", "as sealed", found, "", tuple(problems))


def _categories(settings: Settings, _: date) -> Checked:
    rows = table(settings.policies / "categories.csv")
    codes = {row["code"] for row in rows}
    problems = [
        f"db44-codes.csv {row['db44_code']}: no category {code!r}"
        for row in table(settings.policies / "db44-codes.csv")
        for code in filter(None, row["category"].split("|"))
        if code not in codes
    ]
    exits = sum(code.startswith("exit_") for code in codes)
    found = f"{len(codes)} categories, {exits} of them ways out"
    return Checked("categories", "codes", "known codes", found, "", tuple(problems))


def _coverage(name: str) -> Check:
    def proof(settings: Settings, _: date) -> Checked:
        rows = table(settings.policies / name)
        villages = table(settings.policies / "places" / "villages.csv")
        units = table(settings.policies / "places" / "units.csv")
        problems = coverage(rows, villages, units)
        try:
            date.fromisoformat(Path(name).stem)
        except ValueError:
            problems.append("the name is no date: grids/<valid from>.csv")
        cut = len({row["village_codes"] for row in rows if row["section"]})
        found = (
            f"{len(rows)} grids, {len(units)} units, {len(villages)} villages, {cut} of them cut"
        )
        expected = f"{GRIDS} grids, no gap, no overlap"
        return Checked(f"coverage {name}", "coverage", expected, found, "", tuple(problems))

    return proof


def _vintages(settings: Settings, _: date) -> Checked:
    """The units of today and those of the statistical list mean one district."""
    names = ("statistical-units.csv", "units.csv", "villages.csv")
    old, units, villages = (table(settings.policies / "places" / name) for name in names)
    problems = vintage_problems(old, units, villages)
    found = f"{len(units)} units of today, {len(old)} of the statistical list"
    return Checked("vintages", "codes", "one district", found, "", tuple(problems))


def _intake(settings: Settings, _: date) -> Checked:
    policy = load_intake(settings, b"no person is known to a check")
    found = f"{len(policy.words.gazetteer.patterns)} names, {len(policy.columns.of)} channels"
    found += f", {len(policy.join.weights)} weights of matters"
    return Checked("intake", "load", "loads", found, "", tuple(_matters(settings, policy.join)))


def _matters(settings: Settings, join: JoinRule) -> list[str]:
    """Categories that matters.toml names are there."""
    known = {row["code"] for row in table(settings.policies / "categories.csv")}
    strange = sorted((join.wages | join.vague) - known)
    return [f"matters.toml: no category {name!r}" for name in strange]


def _privacy(settings: Settings, _: date) -> Checked:
    """Who may see and erase personal data are posts of the ladder, and somebody holds one of them."""
    said = toml(settings.policies / "privacy.toml")
    posts = {row["post"] for row in table(settings.policies / "ladder.csv")}
    held = {row["post"] for row in table(settings.policies / "roster.csv")}
    problems = [f"privacy.toml: no [{act}]" for act in audit.ACTS if act not in said]
    for act, one in said.items():
        able = set(one.get("posts", ()))
        problems += [f"privacy.toml [{act}]: no post {post!r}" for post in sorted(able - posts)]
        if not able & held:
            problems.append(f"privacy.toml [{act}]: nobody of the roster may")
    return Checked("privacy", "posts", "known posts", f"{len(said)} acts", "", tuple(problems))


def _router(settings: Settings, _: date) -> Checked:
    policy = load_router(settings)
    found = f"{len(policy.maps)} maps, {len(policy.centres)} centres with a point"
    versions = ", ".join(one.version for one in policy.maps)
    return Checked("router", "load", "loads", found, versions)


def _escalation(settings: Settings, _: date) -> Checked:
    policy = load_escalation(settings)
    found = (
        f"{len(policy.rules)} clocks, {len(policy.rungs)} rungs, {len(policy.accounts)} accounts"
    )
    return Checked("escalation", "load", "loads", found)


def _notifier(settings: Settings, _: date) -> Checked:
    policy = load_notifier(settings.policies)
    found = f"{len(policy.robots)} kinds of chat, {len(policy.robot_ids)} robots may be set"
    return Checked("notifier", "load", "every post is told in some chat", found)


def _desk(settings: Settings, _: date) -> Checked:
    """Every verb has a form with texts, every grid of the newest map its tile, and no tile is nobody's."""
    office = read_office(settings.policies)
    newest = max((settings.policies / "grids").glob("*.csv"), key=lambda path: path.name)
    grids = {row["grid"] for row in table(newest)}
    lost, strange = sorted(grids - office.grids.keys()), sorted(office.grids.keys() - grids)
    problems = [f"tiles.csv: {grid} has no tile" for grid in lost]
    problems += [f"tiles.csv: {grid} is no grid of {newest.name}" for grid in strange]
    found = f"{len(office.grids)} tiles, {len(office.names.verbs)} verbs"
    return Checked("desk", "load", "loads", found, problems=tuple(problems))


def units_of(settings: Settings) -> list[tuple[str, str, int, int, int]]:
    """Of the newest map, per unit: code, name, grids, villages, villages cut into sections."""
    maps = load_router(settings).maps
    newest = max(maps, key=lambda one: one.valid_from)
    rows = []
    for code, grids in sorted(newest.of_unit.items()):
        villages = {village for grid in grids for village in grid.villages}
        cut = {grid.villages[0] for grid in grids if grid.section}
        rows.append((code, newest.unit_names[code], len(grids), len(villages), len(cut)))
    return rows
