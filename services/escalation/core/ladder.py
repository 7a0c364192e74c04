"""升级阶梯: which person answers for a post, and which rungs hear of a lapsed clock. Never silently no one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.escalations import Owner
from services.escalation.core.policy import Officer, Policy
from services.escalation.core.state import Case, Clock
from services.kernel.deadline import ClockRule

RUNGS_MAX = 16


def owner_of(policy: Policy, post: str, grid: str, unit: str, now: datetime) -> Owner:
    """The first officer of the post at work, or a deputy; else the post's fallback, and on up; else the post, empty."""
    rung = policy.rung_of_post.get(post, "R3_duty")
    wanted = policy.rungs[rung].post
    for _ in range(RUNGS_MAX):
        here = policy.rungs[rung]
        found = _at_work(policy, here.post, grid, unit, now)
        if found:
            officer, away = found
            missed = "" if here.post == wanted else wanted
            return Owner(rung=rung, post=here.post, grid=grid, unit_code=unit,
                         account=officer.account, fallback_from=missed, deputy_for=away)  # fmt: skip
        if not here.fallback:
            break
        rung = here.fallback
    return Owner(rung=policy.rung_of_post[wanted], post=wanted, grid=grid, unit_code=unit)


def _at_work(
    policy: Policy, post: str, grid: str, unit: str, now: datetime
) -> tuple[Officer, str] | None:
    """Who takes it, and for whom where that one is away."""
    day = now.astimezone(ZoneInfo(policy.calendar.timezone)).date()
    places = (grid,) if post == "grid_officer" else (unit, "")
    found = [one for place in places for one in policy.officers.get((post, place), ())]
    present = next((one for one in found if one.at_work(day)), None)
    if present:
        return present, ""
    deputies = ((policy.accounts.get(one.deputy), one.account) for one in found)
    return next(((d, away) for d, away in deputies if d is not None and d.at_work(day)), None)


def rungs_at(policy: Policy, rule: ClockRule, step: int) -> tuple[str, ...]:
    """Who hears at a step, 0 = at the breach. After the named rungs a hard clock climbs superior by superior."""
    if step < len(rule.lapse_to):
        return rule.lapse_to[step]
    if not rule.hard or not rule.lapse_to:
        return ()
    rung = rule.lapse_to[-1][-1]
    for _ in range(step - len(rule.lapse_to) + 1):
        if rung in ("", policy.hard_climbs_to):
            return ()
        rung = policy.rungs[rung].fallback
    return (rung,) if rung else ()


def told(policy: Policy, case: Case, clock: Clock, rung: str, now: datetime) -> tuple[Owner, str]:
    """The person of a rung (one that is gone: the duty officer), and the outcome: delivered, fallback, no_superior."""
    rung = rung if rung in policy.rungs else "R3_duty"
    place = case.owner
    grid, unit = (place.grid, place.unit_code) if place else ("", "")
    owner = owner_of(policy, policy.rungs[rung].post, grid, unit, now)
    if not owner.account:
        return owner, "no_superior"
    return owner, "fallback" if owner.fallback_from or owner.rung in clock.told else "delivered"
