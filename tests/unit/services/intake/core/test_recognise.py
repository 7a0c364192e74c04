from datetime import datetime, timedelta

import pytest

from schemas.cases import CaseOpened, MatterSuggested, SubmissionJoined, SubmissionSplit
from schemas.event import Data, Event, Refused
from schemas.matter import Submission
from schemas.submissions import (
    MatterClosed,
    MatterNoted,
    MatterSplit,
    SubmissionAmended,
    SubmissionReceived,
)
from services.intake.core.matters import Known
from services.intake.core.recognise import recognise, row_of
from services.kernel import ids
from services.kernel.step import Step
from tests.support.intake import NOW, call, policy, submission

PHONE = "13800000101"
SHOP = "鄂城区西山街道好又来便利店拖欠九月十月工资4800元"


def event(data: Data) -> Event:
    return Event(ids.derived_id(ids.NAMESPACE, data.model_dump_json()), "urn:t", NOW, "", data)


def order(number: str, text: str = SHOP, **more: object) -> Submission:
    return submission("12345", call(text, order_no=number, **{"caller_phone": PHONE, **more}))


def tell(row: Known | None, data: Data, now: datetime = NOW) -> Step[Known]:
    return recognise(policy(), row, event(data), now)


def received(one: Submission) -> SubmissionReceived:
    return SubmissionReceived(district="420704", submission=one)


def kinds(step: Step[Known]) -> list[type[Data]]:
    """What is said of cases."""
    return [type(one.event.data) for one in step.events if one.topic == "cases"]


def opened() -> tuple[Known, Submission]:
    first = order("E1")
    state = tell(None, received(first)).state
    assert state is not None
    return state, first


def test_first_opens_with_number_and_derived_id() -> None:
    first = order("E1")
    out, noted = tell(None, received(first)).events
    assert isinstance(out.event.data, CaseOpened)
    assert isinstance(noted.event.data, MatterNoted)
    assert (noted.topic, noted.key) == ("submissions", noted.event.data.block)
    assert out.event.data.case_id == ids.case_id(first.submission_id)
    assert (out.topic, out.key) == ("cases", str(out.event.data.case_id))
    assert out.event.data.number.startswith("20261116-")


def test_same_matter_joins_with_a_reason_other_matters_do_not() -> None:
    state, first = opened()
    raw = {
        "clue_no": "Q1",
        "mobile": PHONE,
        "employer": "鄂州市好又来便利店",
        "description": "欠薪",
    }
    step = tell(state, received(submission("national", raw)))
    (out,) = step.events
    assert isinstance(out.event.data, SubmissionJoined)
    assert out.event.data.case_id == ids.case_id(first.submission_id)
    assert "同一诉求人" in out.event.data.likeness.reason_zh
    for text in (
        "泽林镇宏达服装厂欠工资",
        "西山街道好又来便利店没交社保",
        SHOP.replace("九月十月", "2026年1月"),
    ):
        assert kinds(tell(state, received(order("E3", text)))) == [CaseOpened]


def test_the_same_submission_again_is_silent() -> None:
    state, first = opened()
    assert tell(state, received(first)).events == ()


def test_a_reference_joins_whatever_it_says() -> None:
    state, _ = opened()
    raw = {"call_no": "C1", "caller_phone": PHONE, "content": "催问工资", "ref_no": "E1"}
    assert kinds(tell(state, received(submission("12333", raw)))) == [SubmissionJoined]


def test_without_an_employer_the_sum_must_agree() -> None:
    state, _ = opened()
    assert kinds(tell(state, received(order("E2", "欠我工资4800元")))) == [SubmissionJoined]
    assert kinds(tell(state, received(order("E3", "欠我工资900元")))) == [CaseOpened]


def test_anonymous_and_machine_records_stand_alone() -> None:
    state, _ = opened()
    secret = order("E2", anonymous="是")
    assert kinds(tell(state, received(secret))) == [CaseOpened]


def test_window_of_days() -> None:
    state, _ = opened()
    late = order("E2").model_copy(update={"received_at": NOW + timedelta(days=91)})
    assert kinds(tell(state, received(late))) == [CaseOpened]


def test_closed_matters_take_no_later_records() -> None:
    state, first = opened()
    case = ids.case_id(first.submission_id)
    closing = MatterClosed(district="420704", person=first.person, case_id=case, closed_at=NOW)
    closed = tell(state, closing).state
    assert kinds(tell(closed, received(order("E2")))) == [CaseOpened, MatterSuggested]
    before = order("E3").model_copy(update={"received_at": NOW - timedelta(hours=1)})
    assert kinds(tell(closed, received(before))) == [SubmissionJoined]


def test_an_amendment_follows_its_submission() -> None:
    state, first = opened()
    told = SubmissionAmended(district="420704", submission=first.model_copy(update={"revision": 1}))
    (out,) = tell(state, told).events
    assert isinstance(out.event.data, SubmissionAmended)
    assert out.event.data.case_id == ids.case_id(first.submission_id)
    with pytest.raises(Refused):
        tell(None, told)


def test_split_opens_its_own_case_once() -> None:
    state, first = opened()
    second = order("E2")
    joined = tell(state, received(second)).state
    old = ids.case_id(first.submission_id)
    for one in (second, first):  # also the opener may leave
        split = MatterSplit(district="420704", person=one.person, case_id=old, submission=one)
        step = tell(joined, split)
        assert kinds(step) == [CaseOpened, SubmissionSplit]
        new, left = (out.event.data for out in step.events)
        assert isinstance(new, CaseOpened)
        assert isinstance(left, SubmissionSplit)
        assert new.case_id == left.into != old
        assert new.split_from == old
        assert tell(step.state, split).events == ()


def test_the_row_is_bounded_and_prefers_to_forget_closed_matters() -> None:
    state: Known | None = None
    for number in range(60):
        text = (
            f"泽林镇第{number}个{chr(0x4E00 + number * 7)}{chr(0x5E00 + number * 11)}服装厂欠工资"
        )
        state = tell(state, received(order(f"E{number}", text))).state
    assert state is not None
    assert len(state.matters) <= 50


def test_a_row_for_other_facts_is_refused() -> None:
    _, first = opened()
    with pytest.raises(Refused):
        row_of(
            CaseOpened(district="420704", case_id=first.submission_id, number="", submission=first)
        )
