"""The README pictures, of a desk that runs (make demo KEEP=1): `python -m tests.browser.pictures http://127.0.0.1:PORT`."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.conftest import CHROMIUM, DESKTOP, PHONE, opened_by

FOLDER = Path(__file__).parents[2] / "docs/pictures"
SCALE = 1.5


def entered(browser: Browser, url: str, who: str, screen: ViewportSize) -> Page:
    page = opened_by(browser, screen, SCALE).new_page()
    page.goto(f"{url}/login")
    page.get_by_role("button", name=who).click()
    page.wait_for_load_state("networkidle")
    return page


def main(url: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        board = entered(browser, url, "维权中心值班长", DESKTOP)
        board.goto(f"{url}/board")
        board.screenshot(path=FOLDER / "board.png")
        inbox = entered(browser, url, "专职网格员", PHONE)
        inbox.screenshot(path=FOLDER / "inbox.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
