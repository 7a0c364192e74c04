"""识别: one row per person. A submission opens a case or joins one; closings and splits come back here."""

from datetime import datetime

from schemas.cases import CaseOpened, Likeness, SubmissionJoined, SubmissionSplit
from schemas.event import Data, Event, Out, Reason, Refused
from schemas.matter import Submission
from schemas.submissions import (
    MatterClosed,
    MatterReopened,
    MatterSplit,
    SubmissionAmended,
    SubmissionReceived,
)
from services.intake.core.likeness import likeness
from services.intake.core.matters import Known, KnownMatter, grown, matter_of, stands_alone
from services.intake.core.policy import JoinRule, Policy
from services.intake.core.receive import out
from services.kernel import ids
from services.kernel.step import Step

TOPIC = "cases"


def recognise(policy: Policy, row: Known | None, event: Event, now: datetime) -> Step[Known]:
    """Pure; a submission already in a matter is silent. Raises Refused for what belongs to nothing known."""
    known, data = row or Known(), event.data
    if isinstance(data, SubmissionReceived):
        return _received(policy.join, known, event, data.submission, now)
    if isinstance(data, SubmissionAmended):
        return _amended(policy.join, known, event, data.submission, now)
    if isinstance(data, MatterSplit):
        return _split(policy.join, known, event, data, now)
    if isinstance(data, MatterClosed | MatterReopened):
        return Step(_closing(policy.join, known, data))
    raise Refused(Reason.WRONG_TYPE, f"识别环节不处理 {event.type}", "ce_type")


def person_of(data: Data) -> str:
    """The row an event of `submissions` belongs to. Raises Refused."""
    if isinstance(data, SubmissionReceived | SubmissionAmended):
        return data.submission.person
    if isinstance(data, MatterClosed | MatterReopened | MatterSplit):
        return data.person
    raise Refused(Reason.WRONG_TYPE, f"识别环节不处理 {data.TYPE}", "ce_type")


def _received(
    rule: JoinRule, known: Known, event: Event, submission: Submission, now: datetime
) -> Step[Known]:
    if known.of_submission(submission.submission_id):
        return Step(known)
    match = _best(rule, known, submission)
    if match is None:
        return _open(rule, known, event, submission, now)
    matter, like = match
    joined = SubmissionJoined(
        district=event.data.district, case_id=matter.case_id, submission=submission, likeness=like
    )
    after = known.having(grown(matter, submission, rule.records_max), rule.matters_max)
    return Step(after, (out(TOPIC, str(matter.case_id), event, joined, now),))


def _best(
    rule: JoinRule, known: Known, submission: Submission
) -> tuple[KnownMatter, Likeness] | None:
    """The likest matter, of equals the newest."""
    if stands_alone(submission):
        return None
    found = [
        (like.score, number, matter, like)
        for number, matter in enumerate(known.matters)
        if (like := likeness(rule, matter, submission))
    ]
    if not found:
        return None
    _, _, matter, like = max(found, key=lambda one: one[:2])
    return matter, like


def _open(
    rule: JoinRule, known: Known, event: Event, submission: Submission, now: datetime
) -> Step[Known]:
    case = ids.case_id(submission.submission_id)
    opened = CaseOpened(
        district=event.data.district,
        case_id=case,
        number=ids.case_number(case, now),
        submission=submission,
    )
    after = known.having(matter_of(case, submission), rule.matters_max)
    return Step(after, (out(TOPIC, str(case), event, opened, now),))


def _amended(
    rule: JoinRule, known: Known, event: Event, submission: Submission, now: datetime
) -> Step[Known]:
    """Same topic and key as its submission, so that came before; the matter may since have been forgotten."""
    matter = known.of_submission(submission.submission_id)
    if matter is None:
        raise Refused(
            Reason.PROCESSING_ERROR, "原诉求已不在近期记录中，请人工并入原案", "submission_id"
        )
    told = SubmissionAmended(
        district=event.data.district, submission=submission, case_id=matter.case_id
    )
    after = known.having(grown(matter, submission, rule.records_max), rule.matters_max)
    return Step(after, (out(TOPIC, str(matter.case_id), event, told, now),))


def _closing(rule: JoinRule, known: Known, data: MatterClosed | MatterReopened) -> Known:
    matter = known.of_case(data.case_id)
    if matter is None:
        return known
    closed = data.closed_at if isinstance(data, MatterClosed) else None
    return known.having(matter.model_copy(update={"closed_at": closed}), rule.matters_max)


def _split(
    rule: JoinRule, known: Known, event: Event, data: MatterSplit, now: datetime
) -> Step[Known]:
    """拆分: the submission leaves that case and opens its own, once."""
    submission, old = data.submission, data.case_id
    holder = known.of_submission(submission.submission_id)
    if holder and holder.case_id != old:
        return Step(known)
    case = ids.case_id(submission.submission_id)
    if case == old:  # the first submission of a case leaves it: that id is taken
        case = ids.case_id(ids.derived_id(old, f"split/{submission.submission_id}"))
    opened = CaseOpened(
        district=data.district,
        case_id=case,
        number=ids.case_number(case, now),
        submission=submission,
        split_from=old,
    )
    left = SubmissionSplit(
        district=data.district, case_id=old, submission_id=submission.submission_id, into=case
    )
    after = _without(known, old, submission, rule)
    after = after.having(matter_of(case, submission), rule.matters_max)
    outs: tuple[Out, ...] = (
        out(TOPIC, str(case), event, opened, now),
        out(TOPIC, str(old), event, left, now),
    )
    return Step(after, outs)


def _without(known: Known, case: object, submission: Submission, rule: JoinRule) -> Known:
    matter = next((one for one in known.matters if one.case_id == case), None)
    if matter is None:
        return known
    rest = {
        "submissions": tuple(s for s in matter.submissions if s != submission.submission_id),
        "numbers": tuple(n for n in matter.numbers if n != submission.external_no),
    }
    return known.having(matter.model_copy(update=rest), rule.matters_max)
