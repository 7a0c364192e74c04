"""An act on a phone when the net, the session, the broker or the tab is gone: never lost, never another's."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.desk.core.fold import View
from services.desk.pages_case import WAITED_H_MAX
from tests.browser.conftest import Visit
from tests.support.house import assigned
from tests.support.kafka import until

pytestmark = pytest.mark.browser


def holder(visit: Visit) -> View:
    """The case that its grid officer has still to sign; that officer is logged in and sees it."""
    view = assigned(visit.house)
    visit.enter("grid_officer", view.owner.grid)
    visit.page.clock.install()
    visit.go(f"/cases/{view.case_id}?act=sign")
    return view


def sign(visit: Visit) -> None:
    visit.page.get_by_role("button", name="确认签收").click()


def verbs(visit: Visit) -> list[str]:
    return [out.event.data.VERB for out in visit.house.sent]


def test_an_act_with_the_net_is_on_the_log_and_nothing_stays_on_the_phone(visit):
    view = holder(visit)
    sign(visit)
    visit.page.wait_for_url(f"**/cases/{view.case_id}?done=*")
    assert verbs(visit) == ["sign"]
    assert visit.page.locator("#kept").is_hidden()


def test_an_act_without_a_net_is_posted_once_later_and_dated_when_it_was_done(visit):
    holder(visit)
    identity = visit.page.locator("[name=command_id]").input_value()
    visit.context.set_offline(True)
    sign(visit)
    visit.sees("待补交：确认签收")
    assert verbs(visit) == []
    visit.page.clock.fast_forward("02:00:00")
    visit.context.set_offline(False)
    visit.page.clock.fast_forward("01:00")
    until(lambda: verbs(visit) == ["sign"], "the act on the log")
    event = visit.house.sent[0].event
    assert event.id == UUID(identity)
    late = visit.house.client.app.state.desk.now() - event.time
    assert timedelta(hours=2) <= late < timedelta(hours=2, minutes=5)
    visit.page.locator("#kept").wait_for(state="hidden")


def test_a_session_that_ended_keeps_the_act_until_the_same_person_is_back(visit):
    view = holder(visit)
    visit.leave()
    sign(visit)
    visit.sees("登录已结束")
    assert verbs(visit) == []
    visit.enter("grid_officer", view.owner.grid)  # a new session, with another csrf
    visit.go("/inbox")
    until(lambda: verbs(visit) == ["sign"], "the act on the log")
    assert visit.house.sent[0].event.data.actor.post == "grid_officer"


def test_who_logs_in_next_on_the_phone_does_not_post_it(visit):
    view = holder(visit)
    visit.context.set_offline(True)
    sign(visit)
    visit.sees("待补交")
    visit.enter("centre_head")  # in another tab
    visit.context.set_offline(False)
    visit.page.clock.fast_forward("05:00")
    visit.go(f"/cases/{view.case_id}")
    visit.sees("是另一位同事办的")
    visit.page.clock.fast_forward("05:00")
    assert verbs(visit) == []
    visit.enter("grid_officer", view.owner.grid)
    visit.go("/inbox")
    until(lambda: verbs(visit) == ["sign"], "the act on the log")


def test_a_broker_that_is_away_keeps_the_act_and_says_why(visit):
    holder(visit)
    visit.house.away = True
    sign(visit)
    visit.sees("待补交")
    visit.house.away = False
    visit.page.clock.fast_forward("01:30")
    until(lambda: verbs(visit) == ["sign"], "the act on the log")


def test_a_tab_that_is_closed_while_it_posts_loses_nothing(visit):
    view = holder(visit)
    visit.context.route("**/actions/**", lambda route: None)  # no answer ever comes
    sign(visit)
    written = "(localStorage.getItem('anxin-acts') || '[]') !== '[]'"  # none yet is null
    until(lambda: visit.page.evaluate(written), "written down")
    visit.page.close()
    visit.context.unroute_all(behavior="ignoreErrors")
    visit.page = visit.context.new_page()
    visit.go(f"/cases/{view.case_id}")
    until(lambda: verbs(visit) == ["sign"], "the act on the log")


def test_what_is_wrong_is_said_and_what_was_typed_stays(visit):
    view = assigned(visit.house)
    visit.enter("grid_officer", view.owner.grid)
    page = visit.go(f"/cases/{view.case_id}?act=pay")
    page.locator("[name=amount_fen]").fill("一千")
    page.locator("[name=workers]").fill("1")
    page.get_by_role("button", name="确认支付").click()
    page.locator("form .note.bad").wait_for()
    assert page.locator("[name=amount_fen]").input_value() == "一千"
    assert verbs(visit) == []
    page.locator("[name=amount_fen]").fill("1000")
    page.get_by_role("button", name="确认支付").click()
    page.wait_for_url("**done=*")
    assert verbs(visit) == ["pay"]
    assert page.locator("#kept").is_hidden()


def test_what_was_kept_too_long_is_refused_aloud_and_stays_until_it_is_read(visit):
    holder(visit)
    visit.context.set_offline(True)
    sign(visit)
    visit.sees("待补交")
    visit.page.clock.fast_forward((WAITED_H_MAX + 1) * 3_600_000)
    visit.context.set_offline(False)
    visit.page.clock.fast_forward("01:00")
    visit.sees(f"这是 {WAITED_H_MAX} 小时以前办的")
    assert verbs(visit) == []
    visit.go("/inbox")
    visit.sees(f"这是 {WAITED_H_MAX} 小时以前办的")
    visit.page.get_by_role("button", name="知道了，删除").click()
    assert visit.page.locator("#kept").is_hidden()
