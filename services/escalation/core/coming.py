"""届时: what happens to a case by the passing of time alone, unless something forestalls it.

Armed in the row, said at its instant like any other; counted anew by the first turn under another calendar.
"""

from datetime import datetime

from services.escalation.core.clocks import Mark, mark, may_enforce, start
from services.escalation.core.policy import later
from services.escalation.core.state import Coming
from services.escalation.core.steps import STEPS_MAX
from services.escalation.core.turn import Turn
from services.kernel.calendar import local_day
from services.kernel.deadline import deadline_of

UNRESOLVED = "unresolved"
"""So many working days open, and no meeting of the 21 units was held: S17."""
PERIODS_LAPSED = "review_and_suit_periods_lapsed"
"""复议和诉讼期限届满: L08 and L10 ran out after the decision was served, and nobody asked: L04."""
PERIODS = ("L08", "L10")
MEETING = "meeting_held"


def awaited(turn: Turn, name: str) -> Turn:
    """Armed from now on, in place of what was armed before."""
    at = _instant(turn, name)
    others = tuple(one for one in turn.case.coming if one.mark != name)
    if at is None:
        return turn.set(coming=others)
    calendar = turn.policy.calendar
    one = Coming(
        mark=name,
        at=at,
        calendar=calendar.version,
        provisional=local_day(calendar, at) > calendar.published_until,
    )
    return turn.set(coming=(*others, one))


def counted_anew(turn: Turn) -> Turn:
    for one in turn.case.coming:
        if one.calendar != turn.policy.calendar.version:
            turn = awaited(turn, one.mark)
    return turn


def forestalled(turn: Turn, name: str) -> Turn:
    return turn.set(coming=tuple(one for one in turn.case.coming if one.mark != name))


def come(turn: Turn, one: Coming) -> Turn:
    turn = forestalled(turn, one.mark)
    return _unresolved(turn, one.at) if one.mark == UNRESOLVED else _lapsed(turn, one.at)


def again(turn: Turn) -> Turn:
    """重办: 20 working days anew; and what had lapsed has to be enforced, unless that was asked for."""
    turn = awaited(turn, UNRESOLVED)
    steps, rule = turn.case.deeds.steps, turn.policy.by_key.get(("L04", ""))
    lapsed = steps.get(PERIODS_LAPSED)
    if lapsed is None or rule is None or not may_enforce(turn.case):
        return turn
    asked = any(name in steps for name in rule.stops_on)
    return turn if asked else start(turn, ("L04", ""), lapsed)


def recorded(turn: Turn, name: str, at: datetime | None) -> Turn:
    """A step that holds from `at`, None = no longer; where a row is full the oldest goes."""
    steps = {other: when for other, when in turn.case.deeds.steps.items() if other != name}
    if at is not None:
        steps[name] = at
    newest = sorted(steps.items(), key=lambda one: one[1])[-STEPS_MAX:]
    return turn.note(steps=dict(newest))


def _unresolved(turn: Turn, at: datetime) -> Turn:
    case = turn.case
    met = MEETING in case.deeds.steps
    return turn if met or not case.open else start(turn, ("S17", ""), at)


def _lapsed(turn: Turn, at: datetime) -> Turn:
    return mark(recorded(turn, PERIODS_LAPSED, at), Mark(PERIODS_LAPSED, at))


def _instant(turn: Turn, name: str) -> datetime | None:
    """None = it does not come."""
    case, policy = turn.case, turn.policy
    if name == UNRESOLVED:
        begun = case.reopened_at or case.opened_at
        return later(policy, begun, policy.groups.meeting_after) if begun else None
    rules = [rule for rule in policy.others if rule.id in PERIODS]
    served, noted = case.deeds.served, case.deeds.steps
    done = any(name in one.forestalls and one.id in noted for one in policy.steps.values())
    if served is None or done or name in noted or len(rules) < len(PERIODS):
        return None
    return max(deadline_of(rule, served, policy.calendar).due for rule in rules)
