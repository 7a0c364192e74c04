"""Every page for everybody: axe finds nothing, phone and desktop, light and dark; nothing is wider than its screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from schemas.event import Record
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.support.house import assigned

pytestmark = pytest.mark.browser
ACT = "?act=contact#act"
AXE = Axe()


def pages(visit: Visit) -> dict[str, tuple[str, ...]]:
    """Post -> what it looks at."""
    buried = visit.house.bury(Record("inbound-12345", 3, 17, visit.house.now, b"EZ1", b"{", ()))
    case = f"/cases/{assigned(visit.house).case_id}"
    return {
        "grid_officer": ("/inbox", "/messages", "/cases", case, case + ACT, "/me"),
        "centre_duty": (
            "/board",
            "/board?show=late",
            "/quarantine",
            "/cases?show=closed",
            "/indicators",
        ),
        "platform_admin": ("/quarantine", f"/quarantine/{buried}"),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(visit: Visit, screen: dict[str, int], scheme: str):
    visit.page.set_viewport_size(screen)
    visit.page.emulate_media(color_scheme=scheme)
    visit.go("/login")
    found = {"/login": faults(visit)}
    for post, paths in pages(visit).items():
        visit.leave()
        grid = assigned(visit.house).owner.grid if post == "grid_officer" else ""
        visit.enter(post, grid)
        for path in paths:
            visit.go(path)
            found[path] = faults(visit)
    assert {path: said for path, said in found.items() if said} == {}


def faults(visit: Visit) -> list[str]:
    said = [
        f"{one['id']}: {node['html'][:120]}"
        for one in AXE.run(visit.page).response["violations"]
        for node in one["nodes"]
    ]
    wide = visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return said + [f"{wide} px wider than the screen"] * (wide > 0)
