"""消息: who is told what, what is done, what is read; on a page, scoped as everything else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from schemas import escalations as e
from schemas.cases import CaseOpened
from schemas.event import Data, Event, Out, Record
from services.desk import messages
from services.desk.core.messages import Message, told
from services.desk.marks import KEPT
from services.desk.place import Desk
from services.kernel.ids import case_number
from services.runtime.publish import message_of
from tests.support.databases import Database
from tests.support.events import AT, submission
from tests.support.house import House, office, opened
from tests.support.notices import OWNER, assigned, stopped, warned

CASE = uuid5(NAMESPACE_URL, "messages")
OTHER = uuid5(NAMESPACE_URL, "other messages")
CLOCK = "S03"


def event(data: Data, number: int = 0) -> Event:
    return Event(uuid5(CASE, f"{data.TYPE}{number}"), "urn:t", AT, str(CASE), data)


def folded(*some: Data) -> list[Message]:
    known: list[Message] = []
    for number, data in enumerate(some):
        known = told(known, event(data, number))
    return known


def test_who_signs_has_nothing_more_to_sign():
    [made] = folded(assigned(CASE))
    assert (made.account, made.kind, made.done, made.ordinal) == (
        OWNER.account,
        "assigned",
        False,
        1,
    )
    moved = folded(
        assigned(CASE), assigned(CASE, OWNER.model_copy(update={"account": "b"}), attempt=2)
    )
    assert [(one.account, one.done) for one in moved] == [(OWNER.account, True), ("b", False)]


def test_the_newest_of_a_clock_asks_and_says_how_often_and_a_stopped_clock_ends_it():
    found = folded(assigned(CASE, urgent=True), warned(CASE), warned(CASE))
    assert [(one.kind, one.ordinal, one.urgent, one.done) for one in found] == [
        ("assigned", 1, True, True), ("warned", 1, True, True), ("warned", 2, True, False),
    ]  # fmt: skip
    done = folded(warned(CASE), stopped(CASE))
    assert [one.over for one in done] == ["stopped"]


def test_a_done_message_says_why_and_the_first_reason_stays(house):
    owner, _ = inspector(house)
    given(house, owner)
    assert [one.over for one in folded(assigned(CASE), stopped(CASE), closed(house))] == ["closed"]
    again = folded(warned(CASE), warned(CASE), closed(house))
    assert [one.over for one in again] == ["again", "closed"]
    tell(house, "escalations", assigned(CASE, owner, attempt=2), closed(house))
    text = house.client.get("/messages").text
    for why in ("已重新派单", "案件已办结"):
        assert f'<span class="pill plain">{why}</span>' in text


def test_an_event_read_twice_is_one_message():
    [made] = told(folded(assigned(CASE)), event(assigned(CASE)))
    assert made.ordinal == 1


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def tell(house: House, topic: str, *facts: Data) -> None:
    """Behind what was told before."""
    begin = house.store.places().get((topic, 97))
    first = begin.next_offset if begin else 0
    events = [
        Event(uuid5(CASE, f"{topic}{n}"), "urn:t", house.now, str(one.case_id), one)
        for n, one in enumerate(facts, first)
    ]
    sent = [message_of(Out(topic, str(one.data.case_id), one)) for one in events]
    house.store.apply(
        [Record(topic, 97, n, house.now, m.key, m.value, m.headers) for n, m in enumerate(sent, first)]
    )  # fmt: skip


def given(house: House, owner: e.Owner, case: UUID = CASE, **more: object) -> str:
    """A case of our own, assigned; its number."""
    number = case_number(case, house.now)
    tell(
        house,
        "cases",
        CaseOpened(district="420704", case_id=case, number=number, submission=submission()),
    )
    tell(house, "escalations", assigned(case, owner, **more))
    return number


def closed(house: House, case: UUID = CASE) -> e.CaseClosed:
    how = {"conclusion": "支付完毕", "closed_at": house.now, "persons": ()}
    return e.CaseClosed(district="420704", case_id=case, **how)


def inspector(house: House) -> tuple[e.Owner, str]:
    account = house.enter("grid_officer")
    person = office().people[account]
    owner = {"account": account, "grid": person.grid, "unit_code": person.unit_code}
    return OWNER.model_copy(update=owner), account


def count(house: House) -> str:
    found = re.search(r'class="count"[^>]*>(\d+)<', house.client.get("/inbox").text)
    return found[1] if found else ""


def test_a_message_is_new_until_the_page_is_looked_at(house):
    owner, account = inspector(house)
    before = count(house)
    number = given(house, owner)
    assert count(house) == str(int(before or 0) + 1)
    text = house.client.get("/messages").text
    assert number in text
    assert '<span class="pill good">新</span>' in text
    assert account not in re.sub(r"<meta[^>]*>", "", text)
    assert count(house) == ""
    assert '<span class="pill good">新</span>' not in house.client.get("/messages").text


def test_a_page_that_asks_by_itself_reads_nothing(house):
    owner, _ = inspector(house)
    given(house, owner)
    house.client.get("/messages", headers={"hx-request": "true"})
    assert '<span class="pill good">新</span>' in house.client.get("/messages").text


def test_who_opens_a_case_has_read_what_it_told_them_and_nothing_else(house):
    owner, _ = inspector(house)
    given(house, owner)
    given(house, owner, OTHER)
    house.client.get(f"/cases/{CASE}", headers={"hx-request": "true"})
    assert count(house) == "2"
    house.client.get(f"/cases/{CASE}")
    assert count(house) == "1"
    text = house.client.get("/messages").text
    assert text.count('<span class="pill good">新</span>') == 1


def test_what_one_has_read_is_new_to_another_and_marks_are_kept_a_while(house):
    marks = house.client.app.state.desk.marks
    marks.look("a", ["1", "2"], AT)
    assert marks.of("a") == {"1", "2"}
    assert marks.of("b") == frozenset()
    marks.look("b", ["1"], AT + KEPT + timedelta(seconds=1))
    assert (marks.of("a"), marks.of("b")) == (frozenset(), {"1"})


def test_what_waits_for_the_office_to_open_is_not_told_before(house):
    owner, _ = inspector(house)
    given(house, owner)
    later = warned(CASE, owner=owner, tell_at=house.now + timedelta(hours=9))
    tell(house, "escalations", later)
    assert house.client.get("/messages").text.count("预警") == 0


def test_nobody_reads_what_another_was_told_nor_of_a_case_that_has_moved_away(house):
    owner, _ = inspector(house)
    number = given(house, owner)
    other = next(
        p for p in office().people.values() if p.post == "grid_officer" and p.grid != owner.grid
    )
    house.enter("grid_officer", other.grid)
    assert number not in house.client.get("/messages").text
    moved = {"account": other.account, "grid": other.grid, "unit_code": other.unit_code}
    tell(house, "escalations", assigned(CASE, OWNER.model_copy(update=moved), attempt=2))
    assert number in house.client.get("/messages").text
    house.enter("grid_officer", owner.grid)
    assert number not in house.client.get("/messages").text


def test_where_nobody_holds_a_post_the_centre_on_duty_is_told(house):
    owner, _ = inspector(house)
    number = given(house, owner.model_copy(update={"account": ""}))
    assert number not in house.client.get("/messages").text
    house.enter("centre_duty")
    text = house.client.get("/messages").text
    assert number in text
    assert "由您代收" in text


def test_what_is_done_stands_below_and_counts_no_more(house):
    owner, _ = inspector(house)
    number = given(house, owner)
    tell(house, "escalations", closed(house))
    text = house.client.get("/messages").text
    assert text.index("不用再办的") < text.index(number)
    desk: Desk = house.client.app.state.desk
    assert UUID(int=0) not in desk.marks.of("nobody")


def test_what_is_to_do_stands_before_whatever_was_done_since_and_can_be_read(house, monkeypatch):
    monkeypatch.setattr(messages, "heard", partial(messages.heard, limit=3))
    owner, _ = inspector(house)
    house.now -= timedelta(minutes=30)  # told by the time of the cases
    number = given(house, owner)
    for n in range(3):
        house.now += timedelta(minutes=1)
        case = uuid5(CASE, str(n))
        given(house, owner, case)
        tell(house, "escalations", closed(house, case))
    assert count(house) == "1"
    text = house.client.get("/messages").text
    assert text.index("要办的") < text.index(number) < text.index("不用再办的")
    assert text.count('<li class="case">') == 3
    assert count(house) == ""
