"""Two cases that may be one matter: who is shown it, what is offered, where a joined case leads."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

import pytest

from schemas.cases import CaseOpened, Likeness, MatterSuggested, SubmissionSplit
from schemas.event import Data, Event, Out, Record
from services.desk.core.fold import View
from services.kernel.ids import case_number
from services.runtime.publish import message_of
from tests.support.databases import Database
from tests.support.events import submission
from tests.support.house import House, opened

LIKE = Likeness(score=0.6, reason_zh="单位名称相同（60 分，提示核对）", band="suggest", points=())


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def tell(house: House, *facts: Data) -> None:
    """Behind what was told before."""
    begin = house.store.places().get(("cases", 98))
    first = begin.next_offset if begin else 0
    events = [
        Event(uuid5(NAMESPACE_URL, one.model_dump_json()), "urn:t", house.now, "", one)
        for one in facts
    ]
    messages = [message_of(Out("cases", str(one.data.case_id), one)) for one in events]
    house.store.apply(
        [Record("cases", 98, first + n, house.now, m.key, m.value, m.headers) for n, m in enumerate(messages)]
    )  # fmt: skip


def two(house: House) -> tuple[View, View]:
    """An open case of a grid, and one that nobody has yet."""
    case = next(one for one in house.views() if one.owner and one.owner.grid and not one.closed_at)
    other = uuid5(NAMESPACE_URL, "another case")
    number = case_number(other, house.now)
    tell(
        house, CaseOpened(district="420704", case_id=other, number=number, submission=submission())
    )
    return case, next(one for one in house.views() if one.case_id == other)


def hint(case: View, other: View, now) -> MatterSuggested:
    return MatterSuggested(
        district="420704", case_id=case.case_id, other=other.case_id, other_number=other.number,
        since=now, likeness=LIKE,
    )  # fmt: skip


def test_a_case_that_was_shown_another_offers_to_join_it_by_its_number(house):
    case, other = two(house)
    tell(house, hint(case, other, house.now))
    house.enter("centre_duty")
    text = house.client.get(f"/cases/{case.case_id}").text
    assert f'href="/cases/{other.case_id}">{other.number}' in text
    assert "并入那一案" in text
    form = house.client.get(f"/cases/{case.case_id}?act=join").text
    assert f'<option value="{other.case_id}">{other.number}</option>' in form
    sent = house.form(f"/cases/{case.case_id}?act=join") | {"into": str(other.case_id)}
    assert house.client.post(f"/cases/{case.case_id}/actions/join", data=sent).status_code == 303
    assert house.sent[-1].event.data.into == other.case_id


def test_who_does_not_see_the_other_case_is_not_shown_its_number(house):
    case, other = two(house)
    tell(house, hint(case, other, house.now))
    house.enter("grid_officer", case.owner.grid)
    text = house.client.get(f"/cases/{case.case_id}").text
    assert str(other.case_id) not in text
    assert "并入那一案" not in text


def test_nothing_is_offered_to_a_case_that_was_shown_none_and_has_one_record(house):
    case = next(one for one in house.views() if len(one.sources) == 1 and not one.suggested)
    house.enter("centre_duty")
    text = house.client.get(f"/cases/{case.case_id}").text
    assert "act=join" not in text
    assert "act=split" not in text


def test_a_case_without_records_offers_no_deed_and_says_where_they_are(house):
    case, other = two(house)
    gone = [
        SubmissionSplit(
            district="420704", case_id=case.case_id, submission_id=one.submission_id, into=other.case_id
        )
        for one in case.sources
    ]  # fmt: skip
    tell(house, *gone)
    house.enter("centre_duty")
    text = house.client.get(f"/cases/{case.case_id}").text
    assert f'来件都已并入 <a href="/cases/{other.case_id}">{other.number}</a>' in text
    assert "?act=" not in text
    house.enter("grid_officer", case.owner.grid)
    assert other.number not in house.client.get(f"/cases/{case.case_id}").text
