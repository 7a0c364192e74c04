"""docs/case-life.md, printed from the tables the code runs on: LIFE, STATES, verbs, steps, clocks, pauses."""

from collections.abc import Iterable
from pathlib import Path

from services.escalation.core.life import LIFE, STATES, Life
from services.escalation.core.policy import Policy
from services.escalation.settings import load_policy
from services.runtime.settings import load_settings

HEAD = """# The life of a case 案件的一生

<!-- {mark} -->

One row a verb in `services/escalation/core/life.py`; who may is in `policies/verbs.csv`, which clocks an act
starts and stops in `policies/clocks.csv`, on which grounds one stands still in `policies/pauses.toml`. Steps of the
procedure that have no verb of their own are noted by `note_step`, by the rows of `policies/steps.csv`. A refused act
changes nothing and says why in Chinese. An act counts from the instant it was done, not from its arrival, and is not
dated before what it needs (five minutes' grace: clocks of phones differ); sent twice under one id, it is one act.
What became of each clock stands under it on the desk's case page (期限, 经过): set, warned, moved from which end to
which and why, lapsed, told to whom, stopped. The words are `policies/desk.toml` [history].
"""
OUTSIDE = ("waiting", "triage", "closed")
ORIGINS_MAX = 3


def page(folder: Path, mark: str) -> str:
    policy = load_policy(load_settings(policies=folder))
    sections = {
        "States": _diagram(policy),
        "Who may do what, and when": _verbs(policy),
        "State × act": _matrix(policy),
        "Steps of the procedure (`note_step` 记程序节点)": _steps(policy),
        "Marks of clocks.csv that no act of a case makes": _elsewhere(policy),
        "Grounds on which a clock stands still": _pauses(policy),
    }
    parts = [HEAD.format(mark=mark)]
    for title, lines in sections.items():
        parts += [f"## {title}", "", *lines, ""]
    return "\n".join(parts)


def _diagram(policy: Policy) -> list[str]:
    """Where an act opens a state; one that may come from nearly anywhere leaves the whole of 办理中."""
    names = [f"{word}: {policy.texts['state'][word]} {word}" for word in STATES]
    inner, outer = list[str](), list[str]()
    for life in LIFE:
        origins = _origins(life)
        act = policy.verbs_zh[life.verb]
        if len(origins) > ORIGINS_MAX:
            outer.append(f"handling --> {life.leads}: {act}")
            continue
        for word in origins:
            edge = f"{word} --> {life.leads}: {act}"
            (outer if {word, life.leads} & set(OUTSIDE) else inner).append(edge)
    first = ("[*] --> waiting", "waiting --> assigned: 派单", "waiting --> triage: 分拣")
    lines = ["```mermaid", "stateDiagram-v2", *_in(names), *_in(first)]
    lines += _in(('state "办理中" as handling {', *_in(inner), "}", *outer, "closed --> [*]"))
    return [*lines, "```"]


def _in(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _origins(life: Life) -> list[str]:
    if not life.leads:
        return []
    found = [word for word, facts in STATES.items() if life.among(facts) is None]
    found = [word for word in found if word not in (*OUTSIDE[:2], life.leads)]
    return [life.origin] if life.origin else found


def _verbs(policy: Policy) -> list[str]:
    lines = [
        "| act | 办理 | who | needs | not after | starts | stops |",
        "|---|---|---|---|---|---|---|",
    ]
    for life in LIFE:
        cells = (f"`{life.verb}`", policy.verbs_zh[life.verb], _who(policy, life), ", ".join(life.needs),
                 ", ".join(life.never), _clocks(policy, life, "starts_on"),
                 _clocks(policy, life, "stops_on"))  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _who(policy: Policy, life: Life) -> str:
    """By post; then the grounds (verb/ground of verbs.csv) that other posts rule."""
    own = [verb for verb in policy.powers if verb.partition("/")[0] == life.verb]
    said = [
        f"{f'`{verb}` ' if verb != life.verb else ''}{_posts(policy, verb)}" for verb in sorted(own)
    ]
    return "; ".join(said)


def _posts(policy: Policy, verb: str) -> str:
    return _posts_zh(policy, policy.powers[verb])


def _posts_zh(policy: Policy, posts: frozenset[str]) -> str:
    return "anybody" if "*" in posts else "、".join(policy.post_zh(post) for post in sorted(posts))


def _clocks(policy: Policy, life: Life, column: str) -> str:
    found = {
        f"{rule.id}{'/' if rule.variant else ''}{rule.variant}"
        for rule in policy.rules
        if set(getattr(rule, column)) & set(life.marks)
    }
    return ", ".join(sorted(found))


def _matrix(policy: Policy) -> list[str]:
    """`yes`, or the reason of the refusal; in `waiting` an act waits up to a day for its owner."""
    lines = [f"| act | {' | '.join(STATES)} |", "|---|" + "---|" * len(STATES)]
    for life in LIFE:
        cells = [_cell(life, word) for word in STATES]
        lines.append(f"| `{life.verb}` | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "A guard of the act may still refuse what the table allows (no second return, amounts, documents).",
        "While an order to pay runs (S13), only the payment that makes it full stops a clock.",
    ]


def _cell(life: Life, word: str) -> str:
    """In `waiting` as it is once there is an owner."""
    found = life.among(STATES[word] | ({"assigned"} if word == "waiting" else set()))
    aside = [name for name in life.needs if not any(name in facts for facts in STATES.values())]
    if found is not None and aside:
        return f"if {aside[0]}" if life.among(STATES[word] | {*aside}) is None else found.reason
    if found is not None:
        return found.reason
    return "waits" if word == "waiting" and life.of_owner else "**yes**"


def _steps(policy: Policy) -> list[str]:
    """Clocks of ours as they are, windows of others in brackets."""
    lines = [
        "A step holds from the instant it was done; it is noted again only after a step that forgets it. `from`: not",
        "before the day after that period ended. Clocks in brackets are of other bodies or least waits:",
        "shown, never ours to lapse. What a step forestalls comes by the passing of time where nobody did it before.",
        "",
        "| step | 程序节点 | who | needs | never | forgets | forestalls | from | starts | stops | 依据 |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in policy.steps.values():
        if one.elsewhere:
            continue
        stops = ", ".join(filter(None, (_of_mark(policy, one.id, "stops_on"), *one.ends)))
        cells = (f"`{one.id}`", one.name_zh, _posts_zh(policy, one.posts), ", ".join(one.needs),
                 ", ".join(one.never), ", ".join(one.forgets), ", ".join(one.forestalls), one.not_before,
                 _of_mark(policy, one.id, "starts_on"), stops, one.basis)  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _of_mark(policy: Policy, mark: str, column: str) -> str:
    found = [rule for rule in policy.rows if mark in getattr(rule, column)]
    names = [("/".join(filter(None, (rule.id, rule.variant))), rule.role) for rule in found]
    return ", ".join(name if role == "ours" else f"({name})" for name, role in names)


def _elsewhere(policy: Policy) -> list[str]:
    lines = ["| mark | 含义 | why |", "|---|---|---|"]
    found = [one for one in policy.steps.values() if one.elsewhere]
    return [*lines, *(f"| `{one.id}` | {one.name_zh} | {one.elsewhere} |" for one in found)]


def _pauses(policy: Policy) -> list[str]:
    lines = ["| ground | 依据 | clocks | at most |", "|---|---|---|---|"]
    for ground, one in policy.pauses.items():
        cap = f"{one.cap.amount:g} {one.cap.unit}"
        lines.append(
            f"| `{ground}` {one.name_zh} | {one.basis} | {', '.join(one.clocks)} | {cap} |"
        )
    return lines
