"""The operator mends a record that could not be processed: phone and desktop, light and dark, and axe finds nothing."""

from datetime import UTC, datetime

import pytest

from schemas.event import Record
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.test_access import faults

pytestmark = pytest.mark.browser
AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
BODY = '\n{\n  "caller_name": "刘三姐",\n  "content": "<b>欠薪</b>' + "很长" * 200 + '\x1b"\n}\n'
PATH = "/quarantine/inbound-12345-3-17"
REASON = "查找无法处理的原因"


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def operator(visit: Visit, request: pytest.FixtureRequest) -> Visit:
    headers = (("ce_id", b"d" * 300), ("ce_time", b"yesterday"))
    visit.house.bury(Record("inbound-12345", 3, 17, AT, b"EZ1", BODY.encode(), headers))
    visit.enter("platform_admin")
    visit.page.set_viewport_size(request.param)
    return visit


def both(visit: Visit) -> list[str]:
    """Faults in light and dark."""
    found = []
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        found += faults(visit)
    return found


def test_an_operator_finds_sees_mends_and_sends_again(operator):
    page = operator.go("/quarantine")
    found = both(operator)
    page.get_by_role("link", name="时间缺失或有误").click()
    page.wait_for_url(f"**{PATH}")
    found += both(operator)

    card = page.locator("#original")
    card.get_by_label("事由").fill(REASON)
    card.get_by_role("button", name="查看原文").click()
    card.get_by_text("<b>欠薪</b>").wait_for()
    assert "\\x1b" in card.locator("pre").inner_text()
    found += both(operator)

    form = page.locator("#repair")
    text = form.get_by_label("内容")
    assert text.input_value() == BODY
    text.fill(BODY.replace("刘三姐", "刘三").replace("\x1b", ""))
    form.get_by_label("消息头").fill("ce_time")
    form.get_by_label("事由").fill(REASON)
    form.get_by_role("button", name="更正后重投").click()
    form.locator(".note.bad").wait_for()
    found += both(operator)
    assert "刘三" in form.get_by_label("内容").input_value()
    form.get_by_label("消息头").fill("ce_time=2026-11-16T01:00:00Z")
    form.get_by_role("button", name="更正后重投").click()
    page.locator("#outcome").wait_for()
    assert "inbound-12345-3-1001" in page.locator("#outcome").inner_text()
    found += both(operator)
    [sent] = operator.house.graves.sent
    assert sent.value == BODY.replace("刘三姐", "刘三").replace("\x1b", "").encode()
    assert dict(sent.headers)["ce_time"] == b"2026-11-16T01:00:00Z"
    assert page.evaluate("localStorage.getItem('anxin-acts')") in (
        None,
        "[]",
    )  # nothing on the phone

    operator.house.catch_up()
    operator.go("/quarantine?state=done")
    found += both(operator)
    operator.sees("inbound-12345-3-1001")
    assert found == []


def test_a_download_is_a_file_and_no_page(operator):
    page = operator.go(PATH)
    card = page.locator("#original")
    card.get_by_label("事由").fill(REASON)
    with page.expect_download() as saved:
        card.get_by_role("button", name="下载原文").click()
    assert saved.value.suggested_filename == "inbound-12345-3-17.bin"
    assert saved.value.path().read_bytes() == BODY.encode()


def test_pressed_twice_or_sent_again_it_is_sent_once(operator):
    page = operator.go(PATH)
    page.locator("#redrive").get_by_label("事由").fill(REASON)
    page.get_by_role("button", name="原样重投").click()
    page.locator("#outcome").wait_for()
    page.reload()  # the browser posts it once more
    operator.sees("已经重投过")
    assert len(operator.house.graves.sent) == 1
