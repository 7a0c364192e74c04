"""Topic `submissions`, key: person."""

from typing import ClassVar
from uuid import UUID

from schemas.event import Data, Instant
from schemas.matter import Submission


class SubmissionReceived(Data):
    """收到诉求: one record of a channel, normalised and sealed.

    `via`: the row of the ID number, which knows whose row the record belongs to and passes it on.
    """

    TYPE: ClassVar[str] = "cn.anxin.submission.received.v1"
    submission: Submission
    via: str = ""


class SubmissionAmended(Data):
    """诉求变更: same external number, changed content. Goes to the same person and case, never a new clock.

    On `submissions` without `case_id`, on `cases` with it. `via`: as in SubmissionReceived.
    """

    TYPE: ClassVar[str] = "cn.anxin.submission.amended.v1"
    submission: Submission
    case_id: UUID | None = None
    via: str = ""


class MatterNoted(Data):
    """新案登记: a case was opened; told to `block`, a row of employers alike by name or of as many workers."""

    TYPE: ClassVar[str] = "cn.anxin.matter.noted.v1"
    block: str
    case_id: UUID
    number: str
    submission: Submission


class MatterClosed(Data):
    """A case this person takes part in was closed; re-keyed from `escalations`."""

    TYPE: ClassVar[str] = "cn.anxin.matter.closed.v1"
    person: str
    case_id: UUID
    closed_at: Instant


class MatterReopened(Data):
    """A case this person takes part in is open again; re-keyed from `escalations`."""

    TYPE: ClassVar[str] = "cn.anxin.matter.reopened.v1"
    person: str
    case_id: UUID


class MatterSplit(Data):
    """拆分: this submission is not the matter of that case after all; re-keyed from `escalations`.

    `into`: a person said of which case it is (人工并案); None = of one of its own.
    """

    TYPE: ClassVar[str] = "cn.anxin.matter.split.v1"
    person: str
    case_id: UUID
    submission: Submission
    into: UUID | None = None
