"""Events to rows: once each, with their offsets; what is done is taken out; nothing personal on the disk."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from schemas import escalations as e
from services.kernel.ids import case_number
from services.notifier.core.robots import Verdict
from services.notifier.tables import MESSAGES
from tests.support.databases import files
from tests.support.events import AT, submission
from tests.support.notices import (
    OWNER,
    UNIT,
    Log,
    assigned,
    case,
    of,
    outbox,
    stopped,
    warned,
)

DELIVERED = Verdict("delivered", "0")


@pytest.fixture
def box(database):
    made = outbox(database("notifier"), **{UNIT: "wecom"})
    yield made
    made.close()


def rows(box, *columns):
    with box.engine.connect() as link:
        asked = select(*(MESSAGES.c[name] for name in columns)).order_by(MESSAGES.c.tell_at)
        return [tuple(row) for row in link.execute(asked.where(MESSAGES.c.robot == UNIT))]


def put(box, *data, at=AT, log=None):
    log = log or Log()
    return box.apply([log.put(one, at) for one in data], at)


def test_a_replay_of_everything_tells_nothing_anew(box):
    log = Log()
    records = [log.opened(case()), log.put(assigned(case())), log.put(warned(case()))]
    assert len(box.apply(records, AT)) == 2
    assert box.apply(records, AT) == []
    again = [r.__class__(r.topic, 1, *list(r_parts(r))[2:]) for r in records]
    assert box.apply(again, AT) == []
    assert box.places()[("escalations", 0)] == 2


def r_parts(record):
    return (getattr(record, name) for name in record.__slots__)


def test_the_number_of_the_case_is_there_whichever_topic_comes_first(box):
    log = Log()
    late = log.opened(case())
    box.apply([log.put(assigned(case()))], AT)
    box.apply([late], AT)
    [item] = box.take(AT).items
    assert item.number == case_number(case(), AT)


def test_the_second_warning_of_a_clock_says_so_and_another_clock_begins_anew(box):
    put(box, warned(case()), warned(case()), warned(case(), clock="S04"), warned(case(2)))
    assert sorted(rows(box, "clock", "ordinal")) == [("S03", 1), ("S03", 1), ("S03", 2), ("S04", 1)]


def test_urgency_is_that_of_the_last_assignment(box):
    put(box, assigned(case(), urgent=True), warned(case(), clock="S04"), warned(case(2)))
    assert sorted(rows(box, "kind", "urgent")) == [
        ("assigned", True),
        ("warned", False),
        ("warned", True),
    ]


def test_done_before_the_office_opens_nobody_is_told(box):
    log = Log()
    opens = AT + timedelta(hours=12)
    put(box, warned(case(), tell_at=opens), warned(case(2), tell_at=opens), log=log)
    assert box.take(AT) is None
    put(box, stopped(case()), log=log)
    taken = box.take(opens)
    assert [item.notice.case_id for item in taken.items] == [case(2)]
    assert box.mark(taken.id, DELIVERED, opens) == "delivered"
    assert box.take(opens) is None


def test_a_letter_that_could_not_go_yet_loses_what_is_done_meanwhile(box):
    log = Log()
    put(box, assigned(case()), log=log)
    taken = box.take(AT)
    assert box.mark(taken.id, Verdict("unreachable"), AT) == "open"
    closed = e.CaseClosed(**of(case()), conclusion="支付完毕", closed_at=AT, persons=())
    put(box, closed, log=log)
    assert box.take(AT + timedelta(hours=1)) is None


def test_done_while_it_is_being_posted(box):
    log = Log()
    put(box, assigned(case()), log=log)
    taken = box.take(AT)
    put(box, assigned(case(), OWNER.model_copy(update={"account": "b"}), attempt=2), log=log)
    assert box.mark(taken.id, Verdict("unreachable"), AT) == "needless"
    assert box.take(AT + timedelta(hours=1)).id != taken.id
    assert sorted(rows(box, "state")) == [("needless",), ("waiting",)]


def test_a_robot_that_answers_nothing_does_not_hold_up_the_others(database):
    box = outbox(database("notifier"), **{UNIT: "wecom", "sms": "sms"})
    put(box, *(assigned(case(n), urgent=True) for n in range(3)))
    first = box.take(AT)
    assert first.robot == UNIT
    box.mark(first.id, Verdict("unreachable"), AT)
    for _ in range(3):
        taken = box.take(AT)
        assert taken.robot == "sms"
        box.mark(taken.id, DELIVERED, AT)
    assert box.take(AT) is None
    assert box.take(AT + timedelta(seconds=10)).robot == UNIT


def test_without_a_robot_nothing_waits_to_be_posted(database):
    box = outbox(database("notifier"))
    assert put(box, assigned(case())) == []
    assert box.take(AT) is None
    assert box.stand(AT).waiting == 0


def test_a_robot_that_is_taken_out_of_the_settings_holds_nothing_up(box, database):
    put(box, assigned(case()))
    box.close()
    later = outbox(database("notifier"), centre="wecom")
    assert later.tidy(AT) == 1
    assert later.stand(AT).oldest is None


def test_how_long_the_oldest_waits(box):
    put(box, assigned(case()), at=AT)
    found = box.stand(AT + timedelta(minutes=20))
    assert (found.waiting, found.oldest) == (1, AT)


def test_old_rows_are_forgotten_and_those_that_wait_are_not(box):
    log = Log()
    put(box, assigned(case()), log=log)
    box.mark(box.take(AT).id, DELIVERED, AT)
    put(box, assigned(case(2)), log=log)
    box.tidy(AT + timedelta(days=91))
    assert rows(box, "state") == [("waiting",)]


def test_nothing_of_the_complaint_is_on_the_disk_by_its_bytes(tmp_path):
    box = outbox(files(tmp_path)("notifier"), **{UNIT: "wecom"})
    log = Log()
    records = [log.opened(case()), log.put(assigned(case())), log.put(warned(case()))]
    secret = submission()
    words = [
        secret.matter.employer.name,
        secret.person,
        secret.claimant.name,
        secret.external_no,
    ]
    assert all(word.encode() in records[0].value for word in words)
    box.apply(records, AT)
    box.take(AT)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("notifier.db*"))
    assert str(case()).encode() in kept
    assert not [word for word in words if word.encode() in kept]


def given_up(box, log, *data):
    put(box, *data, log=log)
    now = AT
    while taken := box.take(now):
        now += timedelta(hours=25)
        assert box.mark(taken.id, Verdict("unreachable", "ECONNREFUSED"), now) == "dead"
        now += timedelta(hours=1)  # the robot rests after that


def test_a_dead_letter_goes_out_again_under_its_id_without_what_was_done_since(box):
    log, later = Log(), AT + timedelta(days=9)
    given_up(box, log, assigned(case()), assigned(case(2)))
    before = box.dead()
    assert [(one.robot, one.messages, one.code) for one in before] == [
        (UNIT, 1, "ECONNREFUSED")
    ] * 2
    put(box, e.CaseClosed(**of(case(2)), conclusion="支付完毕", closed_at=AT, persons=()), log=log)
    [left] = box.dead()
    assert box.take(later) is None
    assert box.revive([one.letter for one in before], later) == 1
    taken = box.take(later)
    assert (taken.id, [item.notice.case_id for item in taken.items]) == (left.letter, [case()])
    assert (
        box.mark(taken.id, Verdict("unreachable"), later) == "open"
    )  # a day and sixty attempts anew
    assert box.mark(taken.id, DELIVERED, later) == "delivered"
    assert box.dead() == []
    assert box.take(later + timedelta(hours=1)) is None


def test_only_dead_letters_are_sent_again(box):
    log = Log()
    put(box, assigned(case()), log=log)
    taken = box.take(AT)
    assert box.mark(taken.id, DELIVERED, AT) == "delivered"
    assert box.revive([taken.id], AT) == 0
    assert box.take(AT + timedelta(hours=1)) is None
