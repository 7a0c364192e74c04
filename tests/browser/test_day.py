"""Two days on a running system: an inspector closes a case from a phone, an operator sees it and what is buried."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from schemas.codec import decode
from schemas.escalations import ReplyOwed
from schemas.event import Record
from services.runtime.broker import free_port
from services.runtime.message import Message
from services.runtime.publish import Publisher
from services.runtime.runner import readyz
from services.runtime.settings import Settings
from tests.browser.conftest import DESKTOP, PHONE, opened_by
from tests.support.kafka import Tail, until

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.xdist_group("kafka")]
NUMBER = "EZ20261126000001"
EMPLOYER = "某江滨火锅店"
SPINE = ("services.intake", "services.router", "services.escalation")
READ_MS_MAX = 60_000
Opened = Callable[[str, ViewportSize], Page]


@pytest.fixture
def opened(kafka, prefix, service, browser: Browser) -> Iterator[Opened]:
    """opened(who, screen) -> a page of the desk of a running system, entered by one click of the demo."""
    http, probe = free_port(), free_port()
    more = {"ANXIN_DEMO": "true", "ANXIN_HTTP_PORT": str(http), "ANXIN_PROBE_PORT": str(probe)}
    started = [service(name) for name in SPINE] + [service("services.desk", **more)]
    until(lambda: readyz(probe) == "", "the desk to be ready")
    contexts = []

    def enter(who: str, screen: ViewportSize) -> Page:
        contexts.append(opened_by(browser, screen))
        page = contexts[-1].new_page()
        page.set_default_timeout(READ_MS_MAX)
        button = page.get_by_role("button", name=who)

        def offered() -> bool:
            page.goto(f"http://127.0.0.1:{http}/login")
            return button.count() > 0

        until(offered, f"{who} among the people of the demo")
        button.click()
        expect(page).to_have_url(re.compile("/inbox$"))
        return page

    yield enter
    for one in contexts:
        one.close()
    assert [one.stop() for one in started] == [0] * len(started)


def test_a_case_is_closed_from_a_phone_and_its_source_gets_the_answer(kafka, prefix, opened):
    now = datetime.now(UTC)  # noqa: TID251 - a running system has the real clock
    with Publisher(Settings(kafka=kafka.bootstrap, topic_prefix=prefix)) as publisher:
        publisher.send(inbound(now, NUMBER, complaint(now)))
        publisher.send(inbound(now, "EZ2", b'{"order_no": "EZ2", "content": "'))
    an_inspector_closes_it(opened("专职网格员 · 古楼街道", PHONE))
    (answer,) = replies(kafka.bootstrap, prefix)
    assert (answer.external_no, answer.conclusion) == (NUMBER, "支付完毕")
    an_operator_sees_it(opened("维权中心值班长", DESKTOP))


def complaint(now: datetime) -> bytes:
    text = f"市民来电：在鄂城区古楼街道北门社区{EMPLOYER}做服务员，上月工资四千二百元没有发，要求尽快支付。"
    record = {
        "order_no": NUMBER, "title": f"{EMPLOYER}拖欠工资", "content": text, "caller_phone": "13800107001",
        "demand_type": "投诉", "confidential": "否", "accepted_at": now.isoformat(), "urgency": "一般",
    }  # fmt: skip
    return json.dumps(record, ensure_ascii=False).encode()


def inbound(now: datetime, number: str, body: bytes) -> Message:
    """As docs/adapters.md has it."""
    headers = {
        "ce_specversion": "1.0", "ce_id": number, "ce_source": "urn:anxin:channel:12345:test",
        "ce_type": "cn.anxin.inbound.12345.v1", "ce_time": now.isoformat(), "content-type": "application/json",
    }  # fmt: skip
    pairs = tuple((name, value.encode()) for name, value in headers.items())
    return Message("inbound-12345", number.encode(), body, pairs)


def an_inspector_closes_it(page: Page) -> None:
    card = page.locator("li.case", has_text=EMPLOYER)
    shown_again(page, card)
    card.get_by_role("button", name="签收").click()
    done(page, "签收")
    act(page, "联系", {})
    act(page, "调解", {"第几次调解": "1", "备注": "单位同意当日支付"})
    act(page, "支付", {"金额（元）": "4200", "人数": "1"})
    act(page, "办结", {})
    page.goto(page.url.split("/cases")[0] + "/inbox")
    expect(page.locator("li.case", has_text=EMPLOYER)).to_have_count(0)


def shown_again(page: Page, what) -> None:
    """The read model follows the topics: the page is asked again until it shows."""

    def look() -> bool:
        page.reload()
        return what.count() > 0

    until(look, "the case in the inbox")


def act(page: Page, name: str, fields: dict[str, str]) -> None:
    page.goto(page.url.partition("?")[0])
    link = page.get_by_role("link", name=name, exact=True).first
    if not link.is_visible():  # not among the first three: in its group
        page.get_by_text("日常", exact=True).click()
    link.click()
    for label, value in fields.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name=f"确认{name}").click()
    done(page, name)


def done(page: Page, name: str) -> None:
    """What escalation said, and nothing before it."""
    expect(page.get_by_text(f"已办：{name}")).to_be_visible(timeout=READ_MS_MAX)


def replies(bootstrap: str, prefix: str) -> list[ReplyOwed]:
    tail = Tail(bootstrap, prefix, "replies")
    until(tail.read, "a reply")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = [
        decode(Record("replies", 0, 0, at, r.key, r.value, tuple(r.headers))) for r in tail.all()
    ]
    return [one.data for one in found if isinstance(one.data, ReplyOwed)]


def an_operator_sees_it(page: Page) -> None:
    page.get_by_role("link", name="态势").click()
    expect(page.get_by_role("heading", name="129 个网格")).to_be_visible()
    expect(page.locator("a.figure", has_text="追回")).to_contain_text("4,200")
    page.get_by_role("link", name="隔离", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="案件", exact=True).click()
    page.get_by_role("link", name="已办结").click()
    page.get_by_role("link", name=EMPLOYER).click()
    expect(page.locator("ol.time:not(.small)")).to_contain_text("办结")
