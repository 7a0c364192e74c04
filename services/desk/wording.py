"""Reads what the desk's pages say and whom they know, from the policies folder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

from schemas.event import Reason
from services.desk.core.cards import Names
from services.desk.core.clock_story import TOLD, instant_fields
from services.desk.core.forms import VERBS, Wording, fields_of
from services.desk.core.indicators import Indicator, Kind
from services.desk.core.people import Person
from services.desk.core.quarantine import Fault
from services.desk.core.tiles import Board, Place, board
from services.kernel.notices import Why
from services.kernel.timeline import Words, words_of
from services.runtime.policy_bundle import bundle_of
from services.runtime.policy_files import clock_rules, office_calendar, table, toml


class BadWording(ValueError):  # noqa: N818 - a fault of a file
    """What is missing in policies/desk.toml."""


@dataclass(frozen=True)
class Office:
    """Everything the pages know besides the cases. `powers`: verb -> posts; `grids`: grid -> unit code.

    `history`, `instants`: what is said of a clock and of the instants it carries (core.clock_story).
    `revealing`: posts that may look at personal data (policies/privacy.toml). `notice`, `hard`: the words of messages,
    clocks of the law; `vacant`: the post that is told where nobody holds one (robots.toml);
    `over`: why a message asks for nothing any more.
    """

    wording: Wording
    names: Names
    lines: Words
    history: Words
    instants: Mapping[str, str]
    people: Mapping[str, Person]
    powers: Mapping[str, frozenset[str]]
    grids: Mapping[str, str]
    rungs: Mapping[str, str]
    board: Board
    indicators: tuple[Indicator, ...]
    revealing: frozenset[str]
    faults: Mapping[Reason, Fault]
    policy: str
    notice: Mapping[str, str]
    hard: frozenset[str]
    vacant: str
    over: Mapping[Why, str]

    def may(self, person: Person, verb: str) -> bool:
        able = self.powers.get(verb, frozenset())
        return "*" in able or person.post in able


def read_office(policies: Path) -> Office:
    """Raises OSError, KeyError or BadWording where a file is missing or does not fit."""
    texts = toml(policies / "texts.zh.toml")
    ladder, verbs = table(policies / "ladder.csv"), table(policies / "verbs.csv")
    rules = clock_rules(policies).values()
    steps = {row["id"]: row["name_zh"] for row in table(policies / "steps.csv")}
    posts = {row["post"]: row["name_zh"] for row in ladder}
    places = read_places(policies)
    spoken = {row["verb"]: row["name_zh"] for row in verbs}
    names = Names(
        units={row["code"]: row["name"] for row in table(policies / "places" / "units.csv")},
        posts=posts,
        verbs=spoken,
        states=texts["state"],
        categories={row["code"]: row["name_zh"] for row in table(policies / "categories.csv")},
        channels=texts["channel"],
        stages={f"{r.id}/{r.variant}": r.stage_zh for r in rules},
    )
    lines = words_of(texts, rules, posts, spoken, office_calendar(policies).timezone, steps)
    said = read_history(policies)
    return Office(
        read_wording(policies),
        names,
        lines,
        replace(lines, said=said["said"], names={**lines.names, "unit": said["unit"]}),
        said["instants"],
        {row["account"]: _person(row, posts) for row in table(policies / "roster.csv")},
        {row["verb"]: frozenset(row["posts"].split("|")) for row in verbs},
        {one.grid: one.grid.partition("-")[0] for one in places},
        {row["rung"]: row["name_zh"] for row in ladder},
        board(places),
        read_indicators(policies),
        frozenset(toml(policies / "privacy.toml")["reveal"]["posts"]),
        read_faults(policies),
        bundle_of(policies).hash,
        texts["notice"],
        frozenset(f"{r.id}/{r.variant}" for r in rules if r.hard),
        toml(policies / "robots.toml")["vacant"],
        read_over(policies),
    )


def _person(row: Mapping[str, str], posts: Mapping[str, str]) -> Person:
    post = row["post"]
    return Person(
        row["account"], post, posts.get(post, post), row["grid"], row["unit_code"],
        _day(row["absent_from"]), _day(row["absent_to"]), row.get("deputy", ""),
    )  # fmt: skip


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_wording(policies: Path) -> Wording:
    """Raises BadWording where a verb, a field or a choice has no text."""
    raw = toml(policies / "desk.toml")
    steps = {row["id"]: row["name_zh"] for row in table(policies / "steps.csv")}
    words = Wording(
        raw["next"], raw["groups"], raw["after"], raw["fields"], raw["choices"] | {"step": steps}
    )
    offered = {verb for verbs in words.groups.values() for verb in verbs}
    for verb in offered | set(words.next.values()):
        if verb not in VERBS:
            raise BadWording(f"desk.toml: {verb} is no verb")
        try:
            fields_of(words, verb)
        except KeyError as missing:
            raise BadWording(f"desk.toml [fields]: {missing} of {verb} has no text") from None
    return words


def read_history(policies: Path) -> Mapping[str, Mapping[str, str]]:
    """policies/desk.toml [history]. Raises BadWording where a fact of a clock or one of its instants has no text."""
    found: Mapping[str, Mapping[str, str]] = toml(policies / "desk.toml")["history"]
    facts = {one.TYPE.removeprefix("cn.anxin.").rpartition(".")[0] for one in TOLD}
    missing = (facts - found["said"].keys()) | (instant_fields() - found["instants"].keys())
    if missing:
        raise BadWording(f"desk.toml [history]: {', '.join(sorted(missing))} has no text")
    return found


def read_indicators(policies: Path) -> tuple[Indicator, ...]:
    """policies/desk.toml [[indicator]]. Raises BadWording where one names a clock or a kind that is none."""
    known = {rule.id for rule in clock_rules(policies).values()}
    found = []
    for row in toml(policies / "desk.toml")["indicator"]:
        clocks = frozenset(row.get("clocks", ()))
        if row["kind"] not in get_args(Kind) or not clocks <= known:
            raise BadWording(f"desk.toml [[indicator]] {row['id']}: an unknown kind or clock")
        found.append(
            Indicator(row["id"], row["name_zh"], row["kind"], row["definition_zh"], clocks)
        )
    return tuple(found)


def read_faults(policies: Path) -> dict[Reason, Fault]:
    """policies/desk.toml [faults]. Raises BadWording where a reason of quarantine has no text."""
    rows = toml(policies / "desk.toml")["faults"]
    if missing := set(Reason) - rows.keys():
        raise BadWording(f"desk.toml [faults]: {', '.join(sorted(missing))} has no text")
    return {one: Fault(rows[one]["name_zh"], rows[one]["todo_zh"]) for one in Reason}


def read_over(policies: Path) -> dict[Why, str]:
    """policies/desk.toml [over]. Raises BadWording where a reason has no text."""
    rows = toml(policies / "desk.toml")["over"]
    if missing := set(get_args(Why)) - rows.keys():
        raise BadWording(f"desk.toml [over]: {', '.join(sorted(missing))} has no text")
    return {one: rows[one] for one in get_args(Why)}


def read_places(policies: Path) -> tuple[Place, ...]:
    """policies/tiles.csv."""
    return tuple(
        Place(row["grid"], row["unit"], int(row["col"]), int(row["row"]))
        for row in table(policies / "tiles.csv")
    )
