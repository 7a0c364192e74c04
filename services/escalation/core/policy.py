"""Escalation's policy, frozen: clocks, calendar, rungs, roster, who may do what, texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from services.escalation.core.steps import Step, steps_of
from services.escalation.groups.policy import GroupPolicy, group_policy_of
from services.kernel.calendar import Calendar, add_days, add_minutes, closing_of, local_day
from services.kernel.deadline import ClockRule, Span, span_of
from services.kernel.deputies import is_at_work
from services.kernel.timeline import Words, words_of

NOBODYS = (("R3_duty",),)
"""Who hears of a clock that no row of today names."""
CsvRow = Mapping[str, str]
HANDLED = (
    "S01", "S02", "S03", "S04", "S05", "S06", "S07", "S07b", "S08", "S08b", "S09", "S10", "S11",
    "S12", "S13", "S14", "S15", "S16", "S16b", "S17", "S18",
    "L03", "L04", "L11", "L13", "L21", "L23",
)  # fmt: skip
"""Clocks of ours that a case starts. L02 never runs (S10 is a rule that says otherwise); S19, S20 and L24 are of
employers and of the calendar. Rows of other bodies (`window`) and least waits (`minimum`) never lapse against us."""

OBJECTION = ("S05", "object")
"""The window in which a return may be asked; no clock that runs (docs/adr/0006)."""


@dataclass(frozen=True, slots=True)
class Post:
    """岗位 of policies/ladder.csv; `fallback`: the rung that takes what this one cannot."""

    rung: str
    post: str
    name_zh: str
    fallback: str


@dataclass(frozen=True, slots=True)
class Officer:
    """An account of the roster (no name); away from `absent_from` to `absent_to`, both included.

    `deputy` 代理人: the account that takes what comes meanwhile.
    """

    account: str
    post: str
    grid: str
    unit_code: str
    absent_from: date | None
    absent_to: date | None
    deputy: str = ""

    def at_work(self, day: date) -> bool:
        return is_at_work(self.absent_from, self.absent_to, day)


@dataclass(frozen=True, slots=True)
class Standstill:
    """A ground of policies/pauses.toml: which clocks it stops, and for how long at most."""

    name_zh: str
    clocks: tuple[str, ...]
    cap: Span
    basis: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A row of policies/crime.toml: all of it reached = shown to the police."""

    workers: int
    months: int
    amount_fen: int


@dataclass(frozen=True)
class Policy:
    """`rules`: clocks of ours that a case starts; `others`: every other row of clocks.csv."""

    rules: tuple[ClockRule, ...]
    others: tuple[ClockRule, ...]
    calendar: Calendar
    rungs: Mapping[str, Post]
    rung_of_post: Mapping[str, str]
    officers: Mapping[tuple[str, str], tuple[Officer, ...]]
    accounts: Mapping[str, Officer]
    powers: Mapping[str, frozenset[str]]
    verbs_zh: Mapping[str, str]
    grids: frozenset[str]
    units: frozenset[str]
    waits: Mapping[str, Span]
    pauses: Mapping[str, Standstill]
    crime: tuple[Threshold, ...]
    objection: ClockRule | None
    groups: GroupPolicy
    steps: Mapping[str, Step]
    hard_climbs_to: str
    replies: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, Mapping[str, str]]
    hash: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """By version: those of the bundles before, for the reasons of what is counted anew."""

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], ClockRule]:
        """Rules by id and variant."""
        return {(rule.id, rule.variant): rule for rule in self.rules}

    @cached_property
    def starting(self) -> Mapping[str, tuple[ClockRule, ...]]:
        """Rules by each mark that starts them."""
        marks = {name for rule in self.rules for name in rule.starts_on}
        return {m: tuple(rule for rule in self.rules if m in rule.starts_on) for m in marks}

    @property
    def rows(self) -> tuple[ClockRule, ...]:
        return (*self.rules, *self.others)

    @cached_property
    def words(self) -> Words:
        """For the timeline of a case."""
        posts = {post.post: post.name_zh for post in self.rungs.values()}
        steps = {one.id: one.name_zh for one in self.steps.values()}
        zone = self.calendar.timezone
        return words_of(self.texts, self.rules, posts, self.verbs_zh, zone, steps)

    def post_zh(self, post: str) -> str:
        rung = self.rung_of_post.get(post)
        return self.rungs[rung].name_zh if rung else post


def pinned(now: Policy, then: Policy) -> Policy:
    """What binds a case is of the day it was opened; people, powers, words and the calendar are of today (ADR 14).

    Whom a lapse is told is of today, too: a rung of then may be gone.
    """
    told = {key: rule.lapse_to for key, rule in now.by_key.items()}
    rules = (replace(r, lapse_to=told.get((r.id, r.variant), NOBODYS)) for r in then.rules)
    return replace(
        now,
        rules=tuple(rules),
        others=then.others,
        pauses=then.pauses,
        waits=then.waits,
        crime=then.crime,
        objection=then.objection,
        groups=replace(now.groups, meeting_after=then.groups.meeting_after),
        hash=then.hash,
    )


def policy_of(rules: Sequence[ClockRule], calendar: Calendar, files: Mapping[str, Any]) -> Policy:
    """`files`: rows of ladder, roster, verbs, steps and grids; the others parsed. See `check.problems`."""
    posts = [Post(r["rung"], r["post"], r["name_zh"], r["fallback"]) for r in files["ladder"]]
    officers = [_officer(row) for row in files["roster"]]
    by_place: dict[tuple[str, str], tuple[Officer, ...]] = {}
    for one in officers:
        key = (one.post, one.grid or one.unit_code)
        by_place[key] = (*by_place.get(key, ()), one)
    verbs, grids = files["verbs"], files["grids"]
    ours = [rule for rule in rules if rule.id in HANDLED and rule.role == "ours"]
    return Policy(
        rules=tuple(ours),
        others=tuple(rule for rule in rules if rule not in ours),
        calendar=calendar,
        rungs={post.rung: post for post in posts},
        rung_of_post={post.post: post.rung for post in posts},
        officers=by_place,
        accounts={one.account: one for one in officers},
        powers={row["verb"]: frozenset(row["posts"].split("|")) for row in verbs},
        verbs_zh={row["verb"]: row["name_zh"] for row in verbs},
        grids=frozenset(row["grid"] for row in grids),
        units=frozenset(row["unit_code"] for row in grids),
        waits={unit: span_of(text) for unit, text in files["ladder-steps"]["wait"].items()},
        pauses={g: _standstill(row) for g, row in files["pauses"].items() if isinstance(row, dict)},
        crime=tuple(
            Threshold(row["workers"], row["months"], row["yuan"] * 100)
            for row in files["crime"]["threshold"]
        ),
        objection=next((rule for rule in rules if (rule.id, rule.variant) == OBJECTION), None),
        groups=group_policy_of(files["groups"]),
        steps=steps_of(files["steps"]),
        hard_climbs_to=files["ladder-steps"]["hard_climbs_to"],
        replies={when: tuple(files["replies"][when]) for when in ("on_filing", "on_closing")},
        texts=files["texts"],
    )


def later(policy: Policy, at: datetime, wait: Span) -> datetime:
    """An instant that far on: hours by the clock, working hours, or working days to closing time."""
    if wait.unit == "h":
        return at + timedelta(hours=wait.amount)
    if wait.unit == "wh":
        return add_minutes(policy.calendar, at, wait.amount * 60)
    day = add_days(policy.calendar, local_day(policy.calendar, at), int(wait.amount))
    return closing_of(policy.calendar, day)


def _standstill(row: Mapping[str, Any]) -> Standstill:
    return Standstill(row["name_zh"], tuple(row["clocks"]), span_of(row["cap"]), row["basis"])


def _officer(row: CsvRow) -> Officer:
    return Officer(
        row["account"], row["post"], row["grid"], row["unit_code"],
        _day(row["absent_from"]), _day(row["absent_to"]), row.get("deputy", ""),
    )  # fmt: skip


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
