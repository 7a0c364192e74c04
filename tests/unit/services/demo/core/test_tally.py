"""Figures come from events: each once, each in the part its case belongs to."""

from datetime import timedelta
from uuid import UUID

from schemas import cases as c
from schemas import escalations as e
from schemas.event import Data, Event
from schemas.submissions import SubmissionAmended, SubmissionReceived
from services.demo.core.tally import TRIAGE_ZH, Buried, tally
from services.kernel.ids import derived_id
from tests.support import events as x

CUT = x.AT + timedelta(days=30)
LATER = x.AT + timedelta(days=40)
OTHER = UUID(int=9)


def event(data: Data, at=x.AT, number: int = 0) -> Event:
    return Event(derived_id(x.CASE, data.TYPE + str(at), number), "urn:test", at, "", data)


def opened(case: UUID, at=x.AT) -> Event:
    data = c.CaseOpened(district="420704", case_id=case, number="n", submission=x.submission())
    return event(data, at)


def of(kind: type[Data], case: UUID = x.CASE, **more: object) -> Data:
    full = next(one for one in x.examples() if type(one) is kind)
    return full.model_copy(update={"case_id": case, **more})


def paid(case: UUID, fen: int) -> Data:
    return of(e.ActionTaken, case, verb="pay", detail={"amount_fen": fen, "workers": 2})


def test_nothing_is_nothing():
    article, extras = tally([], [], CUT)
    assert article == extras
    assert article.submissions == article.breached == article.escalated == 0


def test_a_replayed_event_counts_once_and_two_ids_count_twice():
    warned = [event(of(e.DeadlineWarned), number=n) for n in (1, 1, 2)]
    article, _ = tally([opened(x.CASE), *warned, *warned], [], CUT)
    assert article.warned == 2


def test_facts_follow_their_case_over_the_border():
    """A case of the year that is paid in the time of the extras is still the year's."""
    events = [
        opened(x.CASE),
        opened(OTHER, LATER),
        event(paid(x.CASE, 800_000), LATER, 1),
        event(paid(OTHER, 100), LATER, 2),
        event(of(e.CaseClosed), LATER, 3),
    ]
    article, extras = tally(events, [], CUT)
    assert (article.recovered_yuan, article.workers_paid, article.closed) == (8000.0, 2, 1)
    assert (extras.recovered_yuan, extras.closed, extras.still_open) == (1.0, 0, 1)


def test_declined_is_not_closed_and_one_source_is_owed_one_answer():
    owed = of(e.ReplyOwed)
    events = [
        opened(x.CASE),
        event(of(c.CaseDeclined)),
        event(of(e.CaseClosed, declined=True)),
        event(owed, number=1),
        event(owed, number=2),
        event(owed.model_copy(update={"external_no": "B"}), number=3),
    ]
    article, _ = tally(events, [], CUT)
    assert (article.declined, article.closed, article.still_open) == (1, 0, 0)
    assert (article.replies_owed, article.replies_confirmed) == (2, 0)


def test_rungs_breaches_and_places():
    head = x.OWNER.model_copy(update={"rung": "R3_head"})
    second = x.TARGET.model_copy(update={"grid": "G2", "unit": "西山街道"})
    events = [
        opened(x.CASE),
        event(of(c.CaseRouted)),
        event(of(c.CaseRouted, attempt=2, target=second), number=1),
        event(of(e.DeadlineBreached, hard=True)),
        event(of(e.CaseEscalated), number=1),
        event(of(e.CaseEscalated, to=head), number=2),
        event(of(e.AssignmentReturned), number=1),
        event(of(e.AssignmentReturned, ruled=True, route_grid="G2"), number=2),
    ]
    article, _ = tally(events, [], CUT)
    assert article.escalated == 2
    assert article.escalated_by_rung == {"R1": 1, "R3_head": 1}
    assert (article.breached, article.breached_hard) == (1, 1)
    assert article.breached_by_clock == {"S03": 1}
    assert article.by_unit == {"西山街道": 1}
    assert article.by_grid == {"G2": 1}
    assert (article.returned, article.ruled) == (1, 1)


def test_triage_has_no_unit_and_quarantine_goes_by_its_instant():
    triage = c.Target(post="centre_duty", confidence=0)
    received = event(SubmissionReceived(district="420704", submission=x.submission()), LATER)
    events = [opened(x.CASE), event(of(c.CaseRouted, target=triage)), received]
    article, extras = tally(events, [Buried(x.AT, "empty"), Buried(LATER, "bad_json")], CUT)
    assert article.by_unit == {TRIAGE_ZH: 1}
    assert article.by_grid == {}
    assert (article.submissions, extras.submissions) == (0, 1)
    assert article.quarantined_by_reason == {"empty": 1}
    assert extras.quarantined_by_reason == {"bad_json": 1}


def test_a_record_that_went_by_way_of_its_id_number_is_one():
    one = x.submission()
    told = [SubmissionReceived(district="420704", submission=one, via=via) for via in ("ab", "")]
    told += [SubmissionAmended(district="420704", submission=one, via=via) for via in ("ab", "")]
    article, _ = tally([event(data, number=n) for n, data in enumerate(told)], [], CUT)
    assert (article.submissions, article.amended) == (1, 1)
