"""拆分 and 人工并案: a record leaves its case for one of its own, or for the one a person named."""

from datetime import datetime
from uuid import UUID

from schemas.cases import CaseOpened, Likeness, SubmissionJoined, SubmissionSplit
from schemas.event import Data, Event
from schemas.matter import Submission
from schemas.submissions import MatterSplit
from services.intake.core.joining import JoinRule
from services.intake.core.matters import Known, KnownMatter, grown, matter_of
from services.intake.core.receive import out
from services.intake.core.suggest import CASES
from services.kernel import ids
from services.kernel.step import Step

BY_HAND = Likeness(score=1.0, reason_zh="人工并案")


def left(
    rule: JoinRule, known: Known, event: Event, data: MatterSplit, now: datetime
) -> Step[Known]:
    """Once: a record that has left that case already is silent."""
    holder = known.of_submission(data.submission.submission_id)
    if holder and holder.case_id != data.case_id:
        return Step(known)
    rest = _without(rule, known, data.case_id, data.submission)
    if data.into is not None:
        return _moved(rule, rest, event, data, data.into, now)
    return _own(rule, rest, event, data, _new_case(event, holder, data), now)


def _new_case(event: Event, holder: KnownMatter | None, data: MatterSplit) -> UUID:
    """Of the record, as where it opens one by itself; that id is taken where it did so before."""
    submission = data.submission.submission_id
    case = ids.case_id(submission)
    had_its_own = case == data.case_id or holder is None or submission in holder.moved
    return ids.case_id(ids.derived_id(event.id, "split")) if had_its_own else case


def _own(
    rule: JoinRule, rest: Known, event: Event, data: MatterSplit, case: UUID, now: datetime
) -> Step[Known]:
    number = ids.case_number(case, now)
    opened = CaseOpened(
        district=data.district,
        case_id=case,
        number=number,
        submission=data.submission,
        split_from=data.case_id,
    )
    after = rest.having(matter_of(case, data.submission, number), rule.matters_max)
    return _both(after, event, data, opened, case, now)


def _moved(
    rule: JoinRule, rest: Known, event: Event, data: MatterSplit, into: UUID, now: datetime
) -> Step[Known]:
    """The other case may be of another person: then this person takes part in it from now on."""
    submission, found = data.submission, rest.of_case(into)
    matter = grown(found, submission, rule.records_max) if found else matter_of(into, submission)
    moved = (*matter.moved, submission.submission_id)[-rule.records_max :]
    after = rest.having(matter.model_copy(update={"moved": moved}), rule.matters_max)
    joined = SubmissionJoined(
        district=data.district, case_id=into, submission=submission, likeness=BY_HAND
    )
    return _both(after, event, data, joined, into, now)


def _both(
    after: Known, event: Event, data: MatterSplit, told: Data, into: UUID, now: datetime
) -> Step[Known]:
    """Told to the case it goes to, then to the one it leaves."""
    gone = SubmissionSplit(
        district=data.district,
        case_id=data.case_id,
        submission_id=data.submission.submission_id,
        into=into,
    )
    outs = (
        out(CASES, str(into), event, told, now),
        out(CASES, str(data.case_id), event, gone, now),
    )
    return Step(after, outs)


def _without(rule: JoinRule, known: Known, case: UUID, submission: Submission) -> Known:
    """A matter that has no record left is forgotten: nothing may join a case that has gone into another."""
    matter = known.of_case(case)
    if matter is None:
        return known
    rest = {
        "submissions": tuple(s for s in matter.submissions if s != submission.submission_id),
        "numbers": tuple(n for n in matter.numbers if n != submission.external_no),
    }
    if not rest["submissions"]:
        others = tuple(one for one in known.matters if one.case_id != case)
        return known.model_copy(update={"matters": others})
    return known.having(matter.model_copy(update=rest), rule.matters_max)
