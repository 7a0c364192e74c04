"""Whether the files of escalation's policy fit together: everything named exists, every verb and refusal has words."""

from collections.abc import Mapping
from typing import get_args

from schemas.actions import ACTIONS, Suspend
from schemas.escalations import Ground, RefusalReason
from schemas.matter import CHANNELS
from services.escalation.core.clocks import APPLIES
from services.escalation.core.facts import FACTS
from services.escalation.core.guards import RULING
from services.escalation.core.life import BY_VERB, LIFE
from services.escalation.core.policy import HANDLED, Policy, Post
from services.escalation.core.steps import STEPS_MAX
from services.escalation.groups import policy as groups

EVENT_MARKS = frozenset(
    {
        *("SubmissionReceived", "CaseRouted", "CaseDeclined", "AssignmentMade"),
        *("group_claimed", "unresolved", "replied"),
    }
)
"""Marks of clocks.csv that no deed makes by name: events, the passing of time, the receipt of one source."""


def problems(policy: Policy) -> list[str]:
    """In words; empty = good."""
    return [
        *_ladder(policy),
        *_clocks(policy),
        *_pauses(policy),
        *_verbs(policy),
        *_roster(policy),
        *_words(policy),
        *_steps(policy),
        *_marks(policy),
        *groups.problems(policy.groups),
    ]


def _ladder(policy: Policy) -> list[str]:
    named = {rung for rule in policy.rules for step in rule.lapse_to for rung in step}
    named |= {post.fallback for post in policy.rungs.values() if post.fallback}
    named.add(policy.hard_climbs_to)
    missing = sorted(named - set(policy.rungs))
    return [f"ladder.csv: no rung {rung}" for rung in missing] or _circles(policy.rungs)


def _circles(rungs: Mapping[str, Post]) -> list[str]:
    for start in rungs:
        rung, seen = start, set[str]()
        while rung and rung not in seen:
            seen.add(rung)
            rung = rungs[rung].fallback
        if rung:
            return [f"ladder.csv: the fallback of {start} runs in a circle"]
    return []


def _clocks(policy: Policy) -> list[str]:
    have = {rule.id for rule in policy.rules}
    found = [f"clocks.csv: no clock {clock} of ours" for clock in HANDLED if clock not in have]
    if policy.objection is None:
        found.append("clocks.csv: no window S05/object")
    for rule in policy.rules:
        if rule.applies_to not in APPLIES:
            found.append(
                f"clocks.csv: {rule.id} applies to {rule.applies_to!r}, which means nothing"
            )
        if rule.unit not in policy.waits:
            found.append(f"ladder-steps.toml: no wait for unit {rule.unit} of {rule.id}")
    return found


def _pauses(policy: Policy) -> list[str]:
    """Only what clocks.csv says may stand still does; no clock whose date a document or a source sets."""
    may = {rule.id for rule in policy.rules if rule.pausable_by}
    found = [f"pauses.toml: no ground {g}" for g in get_args(Ground) if g not in policy.pauses]
    for ground, one in policy.pauses.items():
        found += [
            f"pauses.toml: {ground} stops {c}, which may not" for c in one.clocks if c not in may
        ]
    return found


def _verbs(policy: Policy) -> list[str]:
    posts = set(policy.rung_of_post) | {"adapter", "*"}
    found = [f"verbs.csv: no verb {a.VERB}" for a in ACTIONS if a.VERB not in policy.powers]
    found += [f"no life of verb {a.VERB}" for a in ACTIONS if a.VERB not in BY_VERB]
    for verb, able in policy.powers.items():
        found += [f"verbs.csv: {verb} names post {post}" for post in sorted(able - posts)]
        name, _, ground = verb.partition("/")
        if name not in BY_VERB or (ground and verb != RULING and ground not in policy.pauses):
            found.append(f"verbs.csv: {verb} is no act")
    if RULING not in policy.powers:
        found.append(f"verbs.csv: no verb {RULING}")
    return found + _lifted(policy)


def _lifted(policy: Policy) -> list[str]:
    """Who lifts what was ordered is at least who may order it."""
    orders, found = policy.powers.get("suspend", frozenset()), list[str]()
    for ground in get_args(Suspend.model_fields["ground"].annotation):
        lifts = policy.powers.get(f"resume/{ground}") or policy.powers.get("resume", frozenset())
        found += [f"verbs.csv: {p} may resume {ground} and not suspend" for p in lifts - orders]
    return sorted(found)


def _roster(policy: Policy) -> list[str]:
    found = []
    for one in policy.accounts.values():
        if one.post not in policy.rung_of_post:
            found.append(f"roster.csv: {one.account} has no post {one.post}")
        if one.deputy and one.deputy not in policy.accounts:
            found.append(f"roster.csv: {one.account} has no deputy {one.deputy}")
        if one.grid and one.grid not in policy.grids:
            found.append(f"roster.csv: {one.account} has no grid {one.grid}")
    return found


def _words(policy: Policy) -> list[str]:
    told = policy.texts["refused"]
    found = [f"texts.zh.toml: no refused.{r}" for r in get_args(RefusalReason) if r not in told]
    steps = {name for one in policy.steps.values() for name in (*one.needs, *one.never)}
    needed = {name for life in BY_VERB.values() for name in life.needs} | (steps & FACTS.keys())
    needed -= {"open"}
    found += [f"texts.zh.toml: no what.{n}" for n in sorted(needed - policy.texts["what"].keys())]
    for when, channels in policy.replies.items():
        found += [f"replies.toml: {when} names {c}" for c in channels if c not in CHANNELS]
    return found


def _steps(policy: Policy) -> list[str]:
    """Every word of steps.csv means something: marks, facts, steps, posts, clocks."""
    known = {*FACTS, *(name for name, one in policy.steps.items() if not one.elsewhere)}
    marks = {name for rule in policy.rows for name in (*rule.starts_on, *rule.stops_on)}
    clocks = {rule.id for rule in policy.rows}
    able = policy.powers.get("note_step", frozenset())
    found = [f"more than {STEPS_MAX}"] if len(policy.steps) > STEPS_MAX else []
    for name, one in policy.steps.items():
        found += [f"{name} is no mark of clocks.csv, and ends no clock"] * (
            name not in marks and not one.ends
        )
        words = (*one.needs, *one.never, *one.forgets, *one.forestalls)
        found += [
            f"{name} names {word}, no step and no fact" for word in words if word not in known
        ]
        found += [f"{name}: {post} may not note steps" for post in sorted(one.posts - able)]
        named = {*one.ends, one.not_before} - {""}
        found += [f"{name} names clock {clock}" for clock in sorted(named - clocks)]
        if bool(one.posts) == bool(one.elsewhere):
            found.append(f"{name}: either posts that note it, or why it is elsewhere")
    return [f"steps.csv: {text}" for text in found]


def _marks(policy: Policy) -> list[str]:
    """Every mark of clocks.csv is made by a verb, an event or a step, or is said to be made elsewhere; once."""
    verbs = {mark for life in LIFE for mark in life.marks} | EVENT_MARKS
    marks = {name for rule in policy.rows for name in (*rule.starts_on, *rule.stops_on)}
    lost = sorted(marks - verbs - policy.steps.keys())
    found = [f"clocks.csv: nothing makes the mark {name}: see steps.csv" for name in lost]
    twice = sorted(verbs & policy.steps.keys())
    return [*found, *(f"steps.csv: {name} is made by a verb" for name in twice)]
