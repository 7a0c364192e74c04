from schemas.escalations import CaseClosed, CaseReopened, SubmissionDetached
from schemas.submissions import MatterClosed, MatterReopened, MatterSplit
from services.intake.core.rekey import rekey
from tests.support.events import AT, CASE, event_of, examples, submission

BASE = {"district": "420704", "case_id": CASE}


def test_closing_is_told_to_each_person_once() -> None:
    fact = CaseClosed(**BASE, conclusion="支付完毕", closed_at=AT, persons=("b", "a", "b"))
    outs = rekey(event_of(fact), AT)
    assert [(one.topic, one.key) for one in outs] == [("submissions", "a"), ("submissions", "b")]
    assert all(isinstance(one.event.data, MatterClosed) for one in outs)
    assert len({one.event.id for one in outs}) == 2
    assert outs == rekey(event_of(fact), AT)


def test_reopening_and_detaching() -> None:
    (again,) = rekey(event_of(CaseReopened(**BASE, reopened_at=AT, persons=("a",))), AT)
    assert isinstance(again.event.data, MatterReopened)
    detached = SubmissionDetached(**BASE, submission=submission(), why="command")
    (split,) = rekey(event_of(detached), AT)
    assert isinstance(split.event.data, MatterSplit)
    assert split.key == submission().person


def test_other_facts_concern_nobody() -> None:
    told = {type(data).__name__ for data in examples() if rekey(event_of(data), AT)}
    assert told == {"CaseClosed", "CaseReopened", "SubmissionDetached"}
