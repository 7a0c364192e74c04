"""群体性欠薪: one row per employer. A threshold that its cases reach together is told to each open one, once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas.employers import EmployerCaseLeft, EmployerCaseNoted, GroupClaimRaised
from schemas.event import Data, Event, Out, Reason, Refused
from services.escalation.core.policy import Policy
from services.escalation.core.turn import SOURCE
from services.escalation.groups.policy import GroupPolicy, Rule
from services.escalation.groups.state import Counted, Group
from services.kernel.ids import derived_id
from services.kernel.step import Step

TOPIC = "claims"
NUMBERS_MAX = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Of an employer: `people`, `amount_fen` over open cases; `recent`: cases within the policy's days."""

    people: int
    amount_fen: int
    recent: int

    def of(self, measure: str) -> int:
        return {"people": self.people, "yuan": self.amount_fen // 100, "cases": self.recent}[
            measure
        ]


def employer_of(data: Data) -> str:
    """The row an event of `employers` belongs to. Raises Refused."""
    if isinstance(data, EmployerCaseNoted | EmployerCaseLeft):
        return str(data.employer)
    raise Refused(Reason.WRONG_TYPE, f"群体欠薪环节不处理 {data.TYPE}", "ce_type")


def group(policy: Policy, row: Group | None, event: Event, now: datetime) -> Step[Group]:
    """Pure. Says GroupClaimRaised on `claims`; a group that falls again is not taken back (docs/adr/0015)."""
    data, known = event.data, row or Group()
    if isinstance(data, EmployerCaseNoted):
        return _raised(policy, known.having(data, policy.groups.within_days), data, event, now)
    if isinstance(data, EmployerCaseLeft):
        after = known.without(data.case_id)
        return Step(after if after.cases else None)
    raise Refused(Reason.WRONG_TYPE, f"群体欠薪环节不处理 {data.TYPE}", "ce_type")


def figures_of(policy: GroupPolicy, row: Group) -> Figures:
    begin = row.newest_at - timedelta(days=policy.within_days)
    recent = [
        one for one in row.cases if one.opened_at > begin and one.conclusion not in policy.unfounded
    ]
    return Figures(
        people=_once(row.open_cases, lambda one: one.people),
        amount_fen=_once(row.open_cases, lambda one: one.amount_fen),
        recent=len(recent),
    )


def _once(cases: Iterable[Counted], count: Callable[[Counted], int]) -> int:
    """Each person once, by the most they said; an alert speaks of the same people again, so it is not added."""
    most: dict[str, int] = {}
    for one in cases:
        most[one.person] = max(most.get(one.person, 0), count(one))
    whole = most.pop("", 0)
    return max(whole, sum(most.values()))


def _raised(
    policy: Policy, row: Group, noted: EmployerCaseNoted, cause: Event, now: datetime
) -> Step[Group]:
    """A rule that is reached, or by which an open case stands already, is told to each open case not told yet."""
    figures, outs = figures_of(policy.groups, row), list[Out]()
    still = row.open_cases
    for rule in policy.groups.rules:
        reached = figures.of(rule.measure) >= rule.at_least
        news = [one.case_id for one in still if rule.id not in one.told]
        stands = len(news) < len(still)
        if not news or not (reached or stands):
            continue
        since = row.since[rule.id] if stands else cause.time
        whole = _facts(policy, row, noted, figures, rule)
        for case in news:
            claim = GroupClaimRaised(**whole, case_id=case, rule=rule.id, since=since)
            outs.append(_out(claim, cause, now))
        row = row.telling(rule.id, since)
    return Step(row, tuple(outs))


def _facts(
    policy: Policy, row: Group, noted: EmployerCaseNoted, figures: Figures, rule: Rule
) -> dict[str, Any]:
    """What every case of the group is told alike."""
    words = policy.texts["group"]
    text = words["raised"].format(
        name=row.name,
        rule=rule.name_zh,
        cases=len(row.open_cases),
        people=figures.people,
        yuan=f"{figures.amount_fen / 100:.2f}".rstrip("0").rstrip("."),
        days=policy.groups.within_days,
        recent=figures.recent,
        effect=words[rule.effect],
    )
    return {
        "district": noted.district,
        "employer": noted.employer,
        "name": row.name,
        "effect": rule.effect,
        "people": figures.people,
        "amount_fen": figures.amount_fen,
        "open_cases": len(row.open_cases),
        "recent_cases": figures.recent,
        "numbers": tuple(one.number for one in row.open_cases[-NUMBERS_MAX:]),
        "basis": rule.basis,
        "text_zh": text,
    }


def _out(claim: GroupClaimRaised, cause: Event, now: datetime) -> Out:
    key = str(claim.case_id)
    identity = derived_id(cause.id, f"{claim.TYPE}/{claim.rule}/{key}")
    return Out(TOPIC, key, Event(identity, SOURCE, now, key, claim, cause.traceparent))
