"""A real browser before a real desk: chromium of the system, driven over its own protocol."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.support.databases import files
from tests.support.house import House, opened
from tests.support.kafka import until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """No longer than its module: while the driver lives its event loop counts as running in this
    thread, and `asyncio.run` of every later test of the same worker would refuse.
    """
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


def opened_by(browser: Browser, screen: ViewportSize, scale: float = 1) -> BrowserContext:
    """A person's own browser in the district. `scale`: pixels of the device a pixel."""
    return browser.new_context(
        viewport=screen, locale="zh-CN", timezone_id="Asia/Shanghai", device_scale_factor=scale
    )


@dataclass
class Visit:
    """A person before the desk. `house`: what the desk sent and whether its broker is there."""

    house: House
    url: str
    context: BrowserContext
    page: Page

    def enter(self, post: str, grid: str = "") -> None:
        """Logs in, as a login of the office would: a new session in the cookie."""
        self.house.enter(post, grid)
        token = self.house.client.cookies["anxin"]
        self.context.add_cookies([{"name": "anxin", "value": token, "url": self.url}])

    def leave(self) -> None:
        self.context.clear_cookies()

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path, wait_until="load")
        return self.page

    def kept(self) -> str:
        """What the page says of acts that were not posted yet."""
        return self.page.locator("#kept").inner_text()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=10_000)


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    with opened(files(tmp_path)) as house:
        server = uvicorn.Server(
            uvicorn.Config(house.client.app, host="127.0.0.1", port=0, log_level="error")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until(lambda: server.started, "the desk")
        port = server.servers[0].sockets[0].getsockname()[1]
        context = opened_by(browser, PHONE)
        yield Visit(house, f"http://127.0.0.1:{port}", context, context.new_page())
        context.close()
        server.should_exit = True
        thread.join(10)
