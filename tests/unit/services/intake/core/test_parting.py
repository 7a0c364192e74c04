"""A record leaves its case: for its own, or for one a person named; and back. Every time in exactly one."""

from uuid import UUID

from schemas.cases import CaseOpened, MatterSuggested, SubmissionJoined, SubmissionSplit
from schemas.event import Data, Event
from schemas.matter import Submission
from schemas.submissions import MatterSplit
from services.intake.core.desk import Desk
from services.kernel import ids
from tests.support.intake import NOW, arrival, call, policy

SHOP = "鄂城区西山街道好又来便利店拖欠九月十月工资4800元"


def taken(desk: Desk, number: str, phone: str, **more: object) -> list[Data]:
    return desk.take(arrival("12345", call(SHOP, order_no=number, caller_phone=phone) | more), NOW)


def moved(
    desk: Desk, submission: Submission, old: UUID, into: UUID | None, order: int
) -> list[Data]:
    data = MatterSplit(
        district="420704", person=submission.person, case_id=old, submission=submission, into=into
    )
    return desk.decide([Event(ids.derived_id(old, "t", order), "urn:t", NOW, "", data)], NOW)


def two() -> tuple[Desk, CaseOpened, CaseOpened]:
    """A case, and an anonymous report that it was shown with."""
    desk = Desk(policy())
    (known,) = taken(desk, "E1", "13800000101")
    quiet, shown = taken(desk, "E2", "", anonymous="是")
    assert isinstance(known, CaseOpened)
    assert isinstance(quiet, CaseOpened)
    assert isinstance(shown, MatterSuggested)
    return desk, known, quiet


def test_a_person_joins_and_the_report_is_in_the_other_case():
    desk, known, quiet = two()
    joined, gone = moved(desk, quiet.submission, quiet.case_id, known.case_id, 1)
    assert isinstance(joined, SubmissionJoined)
    assert isinstance(gone, SubmissionSplit)
    assert (joined.case_id, gone.case_id, gone.into) == (
        known.case_id,
        quiet.case_id,
        known.case_id,
    )
    assert joined.likeness.reason_zh == "人工并案"
    assert moved(desk, quiet.submission, quiet.case_id, known.case_id, 2) == []


def test_split_back_it_has_a_new_case_for_its_own_is_closed():
    desk, known, quiet = two()
    moved(desk, quiet.submission, quiet.case_id, known.case_id, 1)
    opened, gone = moved(desk, quiet.submission, known.case_id, None, 2)
    assert isinstance(opened, CaseOpened)
    assert isinstance(gone, SubmissionSplit)
    assert opened.case_id not in (quiet.case_id, known.case_id)
    assert (opened.split_from, gone.into) == (known.case_id, opened.case_id)
    again, _ = moved(desk, quiet.submission, opened.case_id, known.case_id, 3)
    third, _ = moved(desk, quiet.submission, known.case_id, None, 4)
    assert isinstance(again, SubmissionJoined)
    assert isinstance(third, CaseOpened)
    assert len({quiet.case_id, known.case_id, opened.case_id, third.case_id}) == 4


def test_nothing_joins_a_case_that_has_gone_into_another():
    """The person's own two cases: a third record finds the one that is left."""
    desk = Desk(policy())
    (first,) = taken(desk, "E1", "13800000101", caller_name="李建国")
    second, shown = taken(desk, "E2", "13800000101", caller_name="王丽华")
    assert isinstance(first, CaseOpened)
    assert isinstance(second, CaseOpened)
    assert isinstance(shown, MatterSuggested)
    moved(desk, second.submission, second.case_id, first.case_id, 1)
    (third,) = taken(desk, "E3", "13800000101", caller_name="李建国")
    assert isinstance(third, SubmissionJoined)
    assert third.case_id == first.case_id


def test_a_forgotten_record_that_is_split_never_takes_an_old_id():
    desk, known, quiet = two()
    desk.known.clear()
    opened, _ = moved(desk, quiet.submission, known.case_id, None, 1)
    assert isinstance(opened, CaseOpened)
    assert opened.case_id not in (quiet.case_id, known.case_id)
