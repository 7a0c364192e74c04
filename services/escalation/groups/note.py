"""What a case says of its employer, told anew whenever it changes: from the key case to the key employer.

A pure function of the row before and after a turn; no look-up across states. A row written before there were groups
tells at its next turn (`Case.noted`).
"""

from datetime import datetime
from uuid import UUID, uuid5

from schemas.employers import EmployerCaseLeft, EmployerCaseNoted
from schemas.event import Event, Out
from services.escalation.core.state import Case
from services.escalation.core.turn import SOURCE
from services.escalation.groups.policy import GroupPolicy
from services.kernel.ids import NAMESPACE, derived_id

TOPIC = "employers"
WHOLE = ("provincial", "patrol")
"""Channels that speak of the whole employer, not of a person: a machine alert, what an officer saw."""


def employer_key(district: str, name: str) -> UUID:
    """Of a normalised name in a district: no name stands in a record key."""
    return uuid5(NAMESPACE, f"employer/{district}/{name}")


def noted(
    policy: GroupPolicy, before: Case | None, after: Case | None, cause: Event, now: datetime
) -> tuple[Out, ...]:
    """What to tell because the case went from `before` to `after`; mostly nothing."""
    heard = before is not None and before.noted
    if before is not None and after is not None and heard and _alike(before, after):
        return ()
    old, new = facts_of(policy, before if heard else None), facts_of(policy, after)
    if old == new:
        return ()
    said: list[EmployerCaseNoted | EmployerCaseLeft] = []
    if old is not None and (new is None or new.employer != old.employer):
        said.append(
            EmployerCaseLeft(district=old.district, case_id=old.case_id, employer=old.employer)
        )
    if new is not None:
        said.append(new)
    return tuple(_out(data, cause, now) for data in said)


def facts_of(policy: GroupPolicy, case: Case | None) -> EmployerCaseNoted | None:
    """None: no employer is named, or nobody has found yet that the matter is ours (not routed)."""
    if case is None or case.opened_at is None or case.attempt == 0:
        return None
    name = _employer(policy, case)
    if not name:
        return None
    matters = [one.submission.matter for one in case.sources]
    return EmployerCaseNoted(
        district=case.district,
        case_id=case.case_id,
        employer=employer_key(case.district, name),
        number=case.number,
        name=name,
        person=_person(case),
        people=max(one.people or 1 for one in matters),
        amount_fen=max(one.amount_fen or 0 for one in matters),
        opened_at=case.opened_at,
        conclusion=case.conclusion if case.closed_at else None,
    )


def _employer(policy: GroupPolicy, case: Case) -> str:
    """As the oldest record names it that names one."""
    named = (one.submission.matter.employer for one in case.sources)
    names = (one.normalised for one in named if one is not None)
    return next((name for name in names if name not in policy.nameless), "")


def _person(case: Case) -> str:
    """All records of a case are one person's, unless they speak of the whole employer."""
    own = (s.submission.person for s in case.sources if s.submission.channel not in WHOLE)
    return next(own, "")


def _alike(before: Case, after: Case) -> bool:
    """Nothing changed that `facts_of` reads: most turns only move clocks."""
    return (
        before.sources is after.sources
        and before.closed_at == after.closed_at
        and bool(before.attempt) == bool(after.attempt)
    )


def _out(data: EmployerCaseNoted | EmployerCaseLeft, cause: Event, now: datetime) -> Out:
    key = str(data.employer)
    identity = derived_id(cause.id, data.TYPE)
    return Out(TOPIC, key, Event(identity, SOURCE, now, key, data, cause.traceparent))
