"""Facts of escalation told to the people they concern: from the key case to the key person. Stateless."""

from datetime import datetime

from schemas.escalations import CaseClosed, CaseReopened, SubmissionDetached
from schemas.event import Data, Event, Out
from schemas.submissions import MatterClosed, MatterReopened, MatterSplit
from services.intake.core.receive import TOPIC, out


def rekey(event: Event, now: datetime) -> tuple[Out, ...]:
    """One event for each distinct person, in a fixed order; other facts concern nobody here."""
    told = _told(event.data)
    return tuple(
        out(TOPIC, person, event, data, now, number) for number, (person, data) in enumerate(told)
    )


def _told(data: Data) -> list[tuple[str, Data]]:
    if isinstance(data, CaseClosed):
        base = {"district": data.district, "case_id": data.case_id, "closed_at": data.closed_at}
        return [
            (who, MatterClosed.model_validate({**base, "person": who}))
            for who in sorted(set(data.persons))
        ]
    if isinstance(data, CaseReopened):
        return [
            (who, MatterReopened(district=data.district, person=who, case_id=data.case_id))
            for who in sorted(set(data.persons))
        ]
    if isinstance(data, SubmissionDetached):
        who = data.submission.person
        split = MatterSplit(
            district=data.district,
            person=who,
            case_id=data.case_id,
            submission=data.submission,
            into=data.into,
        )
        return [(who, split)]
    return []
