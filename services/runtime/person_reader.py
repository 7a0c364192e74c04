"""Whose submissions lie on the topics, and of which case each is part. Everything raises NotNow."""

from collections.abc import Iterable
from uuid import UUID

from schemas.cases import CaseOpened, SubmissionJoined
from schemas.event import Event
from schemas.matter import Submission
from schemas.submissions import SubmissionAmended, SubmissionReceived
from schemas.topics import PARTITIONS
from services.runtime.case_reader import events_of
from services.runtime.settings import Settings

HOLDERS = (SubmissionReceived, SubmissionAmended, CaseOpened, SubmissionJoined)


def submissions_of(settings: Settings, person: str) -> dict[UUID, Submission]:
    """Of one keyed hash of a phone or an ID number, the newest state of each; all partitions are read."""
    found = newest(events_of(settings, ("submissions",), range(PARTITIONS)))
    return {
        one: submission
        for one, submission in found.items()
        if person in (submission.person, submission.identity.phone, submission.identity.id_number)
    }


def newest(events: Iterable[Event]) -> dict[UUID, Submission]:
    """The last state of every submission that the events carry."""
    found: dict[UUID, Submission] = {}
    for event in events:
        data = event.data
        if isinstance(data, HOLDERS):
            known = found.get(data.submission.submission_id)
            if known is None or known.revision <= data.submission.revision:
                found[data.submission.submission_id] = data.submission
    return found


def cases_of(
    settings: Settings, submissions: Iterable[UUID]
) -> dict[UUID, tuple[UUID, Submission]]:
    """Case and newest state of each that stands on `cases`; all its partitions are read."""
    wanted = set(submissions)
    events = events_of(settings, ("cases",), range(PARTITIONS))
    states = newest(events)
    found: dict[UUID, tuple[UUID, Submission]] = {}
    for event in events:
        data = event.data
        if isinstance(data, CaseOpened | SubmissionJoined):
            one = data.submission.submission_id
            if one in wanted:
                found[one] = data.case_id, states[one]
    return found
