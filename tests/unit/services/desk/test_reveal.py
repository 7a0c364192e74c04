"""A claimant's contact on the case page: shown for a reason, to who may, and never before the record of it stands."""

from collections.abc import Iterator

import pytest

from schemas.audit import PersonalDataRevealed
from schemas.event import Record
from services.desk.core.fold import View
from services.runtime.publish import message_of
from tests.support.databases import Database
from tests.support.house import House, assigned, opened

REASON = "核实诉求情况"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def ask(house: House, view: View, reason: str = REASON, csrf: str = ""):
    token = csrf or house.form("/me")["csrf"]
    return house.client.post(
        f"/cases/{view.case_id}/reveal", data={"csrf": token, "reason": reason}
    )


def test_the_contact_is_shown_once_and_who_saw_it_stands_on_the_log(house):
    view = assigned(house)
    account = house.enter("grid_officer", view.owner.grid)
    assert "tel:" not in house.client.get(f"/cases/{view.case_id}").text
    answer = ask(house, view)
    assert answer.status_code == 200
    assert 'href="tel:1' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    (out,) = house.sent
    fact = out.event.data
    assert isinstance(fact, PersonalDataRevealed)
    assert (out.topic, fact.account, fact.reason_zh, fact.fields) == (
        "audit",
        account,
        REASON,
        ("name", "phone"),
    )
    assert set(fact.submissions) == {one.submission_id for one in view.sources}
    assert "tel:" not in house.client.get(f"/cases/{view.case_id}").text


def test_without_the_broker_nothing_is_shown(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    house.away = True
    answer = ask(house, view)
    assert (answer.status_code, "tel:" in answer.text) == (503, False)


@pytest.mark.parametrize("reason", ["看", "诉求人电话13800001234"])
def test_a_reason_that_is_none_is_refused_and_nothing_is_sent(house, reason):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    answer = ask(house, view, reason)
    assert (answer.status_code, house.sent) == (422, [])
    assert "tel:" not in answer.text


def test_another_grid_another_post_and_another_page_see_nothing(house):
    view = assigned(house)
    other = next(g for g in ("420704001-G01", "420704003-G02") if g != view.owner.grid)
    house.enter("grid_officer", other)
    form = {"csrf": house.form("/me")["csrf"], "reason": REASON}
    assert house.client.post(f"/cases/{view.case_id}/reveal", data=form).status_code == 404
    house.enter("director")
    page = house.client.get(f"/cases/{view.case_id}").text
    assert "查看姓名和电话" not in page
    assert ask(house, view).status_code == 422
    house.enter("grid_officer", view.owner.grid)
    assert ask(house, view, csrf="x" * 20).status_code == 409
    assert house.sent == []


def test_a_desk_without_a_key_says_so(house):
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    assert "查看姓名和电话" in house.client.get(f"/cases/{view.case_id}").text
    house.vault = None
    assert "查看姓名和电话" not in house.client.get(f"/cases/{view.case_id}").text
    assert "没有配置个人信息密钥" in ask(house, view).text
    assert house.sent == []


def test_auditors_read_who_looked_and_inspectors_do_not(house):
    view = assigned(house)
    account = house.enter("grid_officer", view.owner.grid)
    ask(house, view)
    message = message_of(house.sent[0])
    house.store.apply(
        [Record("audit", 0, 0, house.now, message.key, message.value, message.headers)]
    )
    assert house.client.get("/seen").status_code == 404
    house.enter("procuratorate")
    page = house.client.get("/seen").text
    assert account in page
    assert view.number in page
    assert REASON in page
    assert "姓名、电话" in page
