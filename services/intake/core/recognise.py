"""识别: one row per person. A submission opens a case or joins one; closings and splits come back here.

Two other kinds of row help: an ID number's, which knows whose row its person has (docs/adr/0017), and one for employers
whose names begin alike, which sees what no person's row can: the same matter told by somebody unknown.
"""

from datetime import datetime

from schemas.cases import CaseOpened, Likeness, SubmissionJoined
from schemas.event import Data, Event, Out, Reason, Refused
from schemas.matter import Identity, Submission
from schemas.submissions import (
    MatterClosed,
    MatterNoted,
    MatterReopened,
    MatterSplit,
    SubmissionAmended,
    SubmissionReceived,
)
from services.intake.core import parting, suggest
from services.intake.core.joining import JoinRule
from services.intake.core.likeness import likeness
from services.intake.core.matters import Known, KnownMatter, grown, matter_of, stands_alone
from services.intake.core.policy import Policy
from services.intake.core.receive import TOPIC as SUBMISSIONS
from services.intake.core.receive import out
from services.intake.core.suggest import CASES
from services.kernel import ids
from services.kernel.step import Step


def recognise(policy: Policy, row: Known | None, event: Event, now: datetime) -> Step[Known]:
    """Pure; a submission already in a matter is silent. Raises Refused for what belongs to nothing known."""
    known, data = row or Known(), event.data
    if isinstance(data, SubmissionReceived | SubmissionAmended):
        return _told(policy.join, known, event, data, now)
    if isinstance(data, MatterNoted):
        return suggest.noted(policy.join, known, event, data, now)
    if isinstance(data, MatterSplit):
        return parting.left(policy.join, known, event, data, now)
    if isinstance(data, MatterClosed | MatterReopened):
        return Step(_closing(policy.join, known, data))
    raise Refused(Reason.WRONG_TYPE, f"识别环节不处理 {event.type}", "ce_type")


def row_of(data: Data) -> str:
    """The row an event of `submissions` belongs to. Raises Refused."""
    if isinstance(data, SubmissionReceived | SubmissionAmended):
        return data.via or data.submission.person
    if isinstance(data, MatterClosed | MatterReopened | MatterSplit):
        return data.person
    if isinstance(data, MatterNoted):
        return data.block
    raise Refused(Reason.WRONG_TYPE, f"识别环节不处理 {data.TYPE}", "ce_type")


def _told(
    rule: JoinRule,
    known: Known,
    event: Event,
    data: SubmissionReceived | SubmissionAmended,
    now: datetime,
) -> Step[Known]:
    """Here, or passed on to the row in which this person's matters stand."""
    here = row_of(data)
    home = _home(known, here, data.submission)
    submission = data.submission.model_copy(update={"person": home})
    if home != here:
        passed = data.model_copy(update={"submission": submission, "via": ""})
        after = known.model_copy(update={"alias": home})
        return Step(after, (out(SUBMISSIONS, home, event, passed, now),))
    decide = _received if isinstance(data, SubmissionReceived) else _amended
    return decide(rule, known, event, submission, now)


def _home(known: Known, here: str, submission: Submission) -> str:
    """The first row that an ID number was seen with, for ever; its own, where it came without a phone first."""
    if known.alias:
        return known.alias
    return here if known.matters else submission.person


def bare(submission: Submission) -> Submission:
    """As it goes to `cases`: what tells persons apart stays behind."""
    return submission.model_copy(update={"identity": Identity()})


def _received(
    rule: JoinRule, known: Known, event: Event, submission: Submission, now: datetime
) -> Step[Known]:
    if known.of_submission(submission.submission_id):
        return Step(known)
    found = _ranked(rule, known, submission)
    if not found or found[0][1].band != "join":
        return _open(rule, known, event, submission, now, found)
    matter, like = found[0]
    joined = SubmissionJoined(
        district=event.data.district,
        case_id=matter.case_id,
        submission=bare(submission),
        likeness=like,
    )
    after = known.having(grown(matter, submission, rule.records_max), rule.matters_max)
    return Step(after, (out(CASES, str(matter.case_id), event, joined, now),))


def _ranked(
    rule: JoinRule, known: Known, submission: Submission
) -> list[tuple[KnownMatter, Likeness]]:
    """What may be the same matter, the likest first, of equals the newest; what may be joined before the rest."""
    if stands_alone(submission):
        return []
    shared = known.shared
    all_ = [
        (matter, likeness(rule, matter, submission, home=True, shared=shared))
        for matter in reversed(known.matters)
    ]
    alike = [one for one in all_ if one[1].band != "new"]
    return sorted(alike, key=lambda one: (one[1].band != "join", -one[1].score))


def _open(
    rule: JoinRule,
    known: Known,
    event: Event,
    submission: Submission,
    now: datetime,
    alike: list[tuple[KnownMatter, Likeness]],
) -> Step[Known]:
    case = ids.case_id(submission.submission_id)
    number = ids.case_number(case, now)
    opened = CaseOpened(
        district=event.data.district, case_id=case, number=number, submission=bare(submission)
    )
    outs: list[Out] = [out(CASES, str(case), event, opened, now)]
    outs += suggest.suggestions(rule, event, case, alike, now)
    outs += suggest.note(rule, event, case, number, submission, now)
    after = known.having(matter_of(case, submission, number), rule.matters_max)
    return Step(after, tuple(outs))


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
        district=event.data.district, submission=bare(submission), case_id=matter.case_id
    )
    after = known.having(grown(matter, submission, rule.records_max), rule.matters_max)
    return Step(after, (out(CASES, str(matter.case_id), event, told, now),))


def _closing(rule: JoinRule, known: Known, data: MatterClosed | MatterReopened) -> Known:
    matter = known.of_case(data.case_id)
    if matter is None:
        return known
    closed = data.closed_at if isinstance(data, MatterClosed) else None
    return known.having(matter.model_copy(update={"closed_at": closed}), rule.matters_max)
