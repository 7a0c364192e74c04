"""A board that stays open: what happens is on it without anybody touching it, and the keyboard keeps its place."""

import pytest
from playwright.sync_api import expect

from schemas.actions import Actor
from schemas.escalations import ActionTaken
from services.desk import live
from services.desk.core.fold import View
from tests.browser.conftest import DESKTOP, Visit
from tests.support.house import assigned

pytestmark = pytest.mark.browser


def paid(view: View) -> ActionTaken:
    return ActionTaken(
        district=view.district, case_id=view.case_id, command_id=view.case_id, verb="pay",
        actor=Actor(post="grid_officer"), acted_at=view.opened_at,
        detail={"amount_fen": 765_400, "workers": 1},
    )  # fmt: skip


def test_what_happens_is_on_the_board_and_the_focus_stays(visit: Visit):
    visit.page.set_viewport_size(DESKTOP)
    visit.enter("centre_duty")
    page = visit.go("/board")
    view = assigned(visit.house)
    tile = page.locator(f"#g-{view.owner.grid}")
    tile.focus()
    expect(page.locator("a.figure", has_text="追回")).not_to_contain_text("7,654")
    visit.house.answer(paid(view))
    expect(page.locator("a.figure", has_text="追回")).to_contain_text("7,654", timeout=20_000)
    assert tile.evaluate("one => one === document.activeElement")


def test_one_page_too_many_asks_every_minute_instead(visit: Visit, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "PAGES_MAX", 0)
    visit.enter("centre_duty")
    visit.page.clock.install()
    page = visit.go("/board")
    view = assigned(visit.house)
    visit.house.answer(paid(view))
    page.clock.run_for(61_000)
    expect(page.locator("a.figure", has_text="追回")).to_contain_text("7,654", timeout=20_000)
