"""The README pictures, of a desk that runs (make demo KEEP=1): `python -m tests.browser.pictures http://127.0.0.1:PORT`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

FOLDER = Path(__file__).parents[2] / "docs/pictures"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}


def entered(browser: Browser, url: str, who: str, screen: ViewportSize) -> Page:
    context = browser.new_context(
        viewport=screen, locale="zh-CN", timezone_id="Asia/Shanghai", device_scale_factor=1.5
    )
    page = context.new_page()
    page.goto(f"{url}/login")
    page.get_by_role("button", name=who).click()
    page.wait_for_load_state("networkidle")
    return page


def main(url: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        board = entered(browser, url, "维权中心值班长", DESKTOP)
        board.goto(f"{url}/board")
        board.screenshot(path=FOLDER / "board.png")
        inbox = entered(browser, url, "专职网格员", PHONE)
        inbox.screenshot(path=FOLDER / "inbox.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
