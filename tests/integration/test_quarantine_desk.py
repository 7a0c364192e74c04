"""The desk's quarantine on a real Kafka: a broken record is seen, mended on a page, sent again, and becomes a case."""

import html
import json
import re
from collections.abc import Callable

import httpx
import pytest

from schemas.audit import PersonalDataRevealed, QuarantineRedriven
from schemas.codec import decode
from schemas.event import Record
from services.runtime.broker import free_port
from services.runtime.quarantine_desk import Desk
from services.runtime.settings import Settings
from tests.support.kafka import Tail, send, until

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
NUMBER, PHONE = "EZ0021", "13800000021"
RAW = {
    "工单编号": NUMBER, "内容": "市民反映樊口街道某生鲜超市拖欠工资一万八", "联系号码": PHONE,
    "受理时间": "2025/8/28 9:05",
}  # fmt: skip
HEADERS = [
    ("ce_specversion", b"1.0"), ("ce_id", b"their-21"), ("ce_source", b"urn:anxin:channel:12345:theirs"),
    ("ce_type", b"cn.anxin.inbound.12345.v1"), ("ce_time", b"yesterday"), ("content-type", b"application/json"),
]  # fmt: skip
REASON = "更正后重新受理"


@pytest.fixture
def desk(service):
    """A browser's place before a running desk, logged in as the platform's operator."""
    port = free_port()
    service("services.desk", ANXIN_DEMO="true", ANXIN_HTTP_PORT=str(port))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        operator = {"account": "platform-admin"}
        until(lambda: answers(lambda: http.get("/login")), "the desk")
        until(lambda: http.post("/login", data=operator).status_code == 303, "a login")  # fmt: skip
        yield http


def answers(ask: Callable[[], httpx.Response]) -> bool:
    try:
        return ask().status_code == 200
    except httpx.TransportError:
        return False


def act(desk: httpx.Client, path: str, what: str, **form: str) -> httpx.Response:
    csrf = re.findall(r'name="csrf" value="([^"]+)"', desk.get("/me").text)[0]
    return desk.post(f"{path}/{what}", data={"csrf": csrf, "reason": REASON} | form)


def audited(kafka, prefix: str) -> list:
    raws = sorted(Tail(kafka.bootstrap, prefix, "audit").all(), key=lambda raw: raw.offset)
    assert all(PHONE.encode() not in (raw.value or b"") for raw in raws)
    return [
        decode(Record("audit", 0, 0, None, raw.key, raw.value, tuple(raw.headers))).data
        for raw in raws
    ]


def test_a_broken_record_is_mended_on_a_page_and_becomes_a_case(kafka, prefix, service, desk):
    service("services.intake")
    broken = json.dumps(RAW, ensure_ascii=False).encode("gb18030")
    send(kafka.bootstrap, prefix + "inbound-12345", [(NUMBER.encode(), broken, HEADERS)])
    until(lambda: 'href="/quarantine/inbound' in desk.get("/quarantine").text, "the record")
    path = re.findall(r'href="(/quarantine/inbound-[^"]+)"', desk.get("/quarantine").text)[0]
    assert PHONE not in desk.get(path).text

    shown = act(desk, path, "original")
    assert shown.status_code == 200
    assert "GB18030" in shown.text
    [typed] = re.findall(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', shown.text, re.DOTALL)
    assert json.loads(html.unescape(typed)) == RAW
    assert act(desk, path, "download").content == broken

    mended = {"text": html.unescape(typed), "with_text": "1", "headers": "ce_time=2025-08-28T01:05:00Z"}  # fmt: skip
    done = act(desk, path, "repair", **mended)
    assert done.status_code == 200
    [to] = re.findall(r"现在的位置是 (inbound-12345-\d+-\d+)", done.text)
    again = act(desk, path, "repair", **mended)
    assert (again.status_code, f"已经重投过，现在的位置是 {to}" in again.text) == (409, True)
    inbound = Tail(kafka.bootstrap, prefix, "inbound-12345").all()
    assert len(inbound) == 2
    [sent] = [raw for raw in inbound if to == f"inbound-12345-{raw.partition}-{raw.offset}"]
    assert (sent.key, json.loads(sent.value)) == (NUMBER.encode(), RAW)

    cases = Tail(kafka.bootstrap, prefix, "cases")
    until(lambda: any(NUMBER.encode() in (raw.value or b"") for raw in cases.read()), "the case")
    until(lambda: to in desk.get("/quarantine?state=done").text, "the mark in the read model")
    assert path not in desk.get("/quarantine").text
    seen, saved, redriven = audited(kafka, prefix)
    assert isinstance(seen, PersonalDataRevealed)
    assert isinstance(saved, PersonalDataRevealed)
    assert isinstance(redriven, QuarantineRedriven)
    position = path.rpartition("/")[2]
    assert {one.position for one in (seen, saved, redriven)} == {position}
    assert (redriven.account, redriven.repaired) == ("platform-admin", True)
    marked = Desk(Settings(kafka=kafka.bootstrap, topic_prefix=prefix)).find(position)
    assert (marked.redriven_to, marked.original.value) == (to, broken)
