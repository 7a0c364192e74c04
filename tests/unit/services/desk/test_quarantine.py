"""隔离: who sees what of a record that could not be processed, and what goes back to its topic."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import iscoroutinefunction

import pytest

from schemas.audit import PersonalDataRevealed, QuarantineRedriven
from schemas.event import Reason, Record
from services.desk import pages_quarantine, quarantine
from services.desk.bounded import PAGE_BODY_BYTES_MAX, REPAIR_BODY_BYTES_MAX
from services.desk.core.quarantine import TEXT_CHARS_MAX
from services.runtime.message import Message
from services.runtime.publish import Position
from services.runtime.quarantine_desk import mark
from tests.support.databases import Database
from tests.support.house import House, opened

AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
REASON = "查找无法处理的原因"
NAME = "刘三姐"
BODY = f'{{\n"caller_name": "{NAME}", "content": "<script>alert(1)</script>\x1b"}}'.encode()
RECORD = Record(
    "inbound-12345",
    3,
    17,
    AT,
    b"EZ1",
    BODY,
    (("ce_id", b"d1"), ("ce_time", b"yesterday"), ("x", b"<img>")),
)
PLACE = "inbound-12345-3-17"
PATH = f"/quarantine/{PLACE}"
FIXED = {"headers": "ce_time=2026-11-16T01:00:00Z"}


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        made.bury(RECORD)
        made.enter("platform_admin")
        yield made


def act(house: House, what: str, reason: str = REASON, path: str = PATH, **form: str):
    form = {"csrf": house.form("/me")["csrf"], "reason": reason} | form
    return house.client.post(f"{path}/{what}", data=form)


def facts(house: House) -> list:
    assert {out.topic for out in house.sent} <= {"audit"}
    return [out.event.data for out in house.sent]


def test_the_list_is_filtered_by_reason_topic_and_what_was_sent_again(house):
    other = Record("cases", 1, 2, AT, b"k", b"{}", ())
    house.bury(other, Reason.PROCESSING_ERROR, "处理时出错")
    places = {one: one in house.client.get("/quarantine").text for one in (PLACE, "cases-1-2")}
    assert places == {PLACE: True, "cases-1-2": True}
    for query, shown in {
        "reason=bad_time": PLACE, "topic=cases": "cases-1-2", "reason=processing_error&topic=cases": "cases-1-2",
        "reason=bad_time&topic=cases": "", "state=done": "",
    }.items():  # fmt: skip
        rows = re.findall(r"<td>.*?</tr>", house.client.get(f"/quarantine?{query}").text, re.DOTALL)
        assert [PLACE in one for one in rows] == [shown == PLACE] * bool(shown)
    assert act(house, "redrive").status_code == 200
    house.catch_up()
    text = house.client.get("/quarantine?state=done").text
    assert "inbound-12345-3-1001" in text
    assert "cases-1-2" not in text
    assert PLACE not in house.client.get("/quarantine").text
    assert PLACE in house.client.get("/quarantine?state=all").text


def test_the_page_says_what_where_when_and_what_to_do_and_nothing_of_the_sender(house):
    text = house.client.get(PATH).text
    for words in ("时间缺失或有误", "时间无法识别", "12345", "inbound-12345", "intake.receive",
                  "11月16日 周一 10:00", "更正后重投", f"{len(BODY)} 字节", "未重投"):  # fmt: skip
        assert words in text
    for words in (NAME, "yesterday", "EZ1", "ce_id"):
        assert words not in text
    assert house.client.get("/quarantine/inbound-12345-3-18").status_code == 404


def test_the_original_is_shown_for_a_reason_that_is_on_the_log_first(house):
    answer = act(house, "original")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    for words in (NAME, "EZ1", "yesterday", "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b", "&lt;img&gt;"):  # fmt: skip
        assert words in answer.text
    assert "<script>alert" not in answer.text
    assert "<img>" not in answer.text
    [fact] = facts(house)
    assert isinstance(fact, PersonalDataRevealed)
    assert (fact.what, fact.position, fact.account, fact.fields, fact.reason_zh) == (
        "quarantine", PLACE, "platform-admin", ("original",), REASON,
    )  # fmt: skip
    assert NAME not in house.client.get(PATH).text


def test_the_download_is_the_bytes_as_they_came_and_no_page(house):
    answer = act(house, "download")
    assert answer.content == BODY
    said = {name: answer.headers[name] for name in
            ("content-type", "content-disposition", "cache-control", "x-content-type-options")}  # fmt: skip
    assert said == {
        "content-type": "application/octet-stream", "cache-control": "no-store", "x-content-type-options": "nosniff",
        "content-disposition": f'attachment; filename="{PLACE}.bin"',
    }  # fmt: skip
    assert [type(one) for one in facts(house)] == [PersonalDataRevealed]


@pytest.mark.parametrize("what", ["original", "download", "redrive", "repair"])
def test_without_a_reason_or_a_log_nothing_is_shown_or_sent(house, what):
    more = FIXED if what == "repair" else {}
    for reason in ("", "看", "来电13800001234"):
        answer = act(house, what, reason, **more)
        assert (answer.status_code, NAME in answer.text) == (422, False)
    house.away = True
    answer = act(house, what, **more)
    assert (answer.status_code, NAME in answer.text) == (503, False)
    assert REASON in answer.text
    house.away, house.graves.away = False, True
    assert act(house, what, **more).status_code == 503
    assert (facts(house), house.graves.sent) == ([], [])


@pytest.mark.parametrize("post", ["centre_duty", "centre_head", "grid_officer", "director"])
def test_whoever_is_no_operator_sees_and_sends_nothing(house, post):
    house.enter(post)
    assert house.client.get(PATH).status_code == 403
    for what in ("original", "download", "redrive", "repair"):
        answer = act(house, what, **FIXED)
        assert (answer.status_code, NAME in answer.text) == (403, False)
    assert (facts(house), house.graves.sent) == ([], [])
    lists = post in ("centre_duty", "centre_head")
    page = house.client.get("/quarantine")
    assert page.status_code == (200 if lists else 404)
    assert f'href="{PATH}"' not in page.text


def test_as_it_was_it_goes_back_and_twice_is_once(house):
    answer = act(house, "redrive")
    assert answer.status_code == 200
    assert "现在的位置是 inbound-12345-3-1001" in answer.text
    assert "原样重投" not in answer.text
    again = act(house, "redrive")
    assert again.status_code == 409
    assert "已经重投过，现在的位置是 inbound-12345-3-1001；没有再发一次" in again.text
    assert house.graves.sent == [Message("inbound-12345", b"EZ1", BODY, RECORD.headers)]
    [fact] = facts(house)
    assert isinstance(fact, QuarantineRedriven)
    assert (fact.position, fact.repaired, fact.account) == (PLACE, False, "platform-admin")
    assert house.sent[0].key == PLACE
    house.catch_up()
    text = house.client.get(PATH).text
    assert "inbound-12345-3-1001" in text
    assert "原样重投" not in text
    assert "已经重投过" in act(house, "repair", **FIXED).text


def test_mended_it_goes_back_under_its_key_and_the_log_does_not_repeat_it(house):
    typed = BODY.decode().replace(NAME, "刘三").replace("\n", "\r\n")
    answer = act(house, "repair", text=typed, with_text="1", headers="ce_time=2026-11-16T01:00:00Z\r\nx=")  # fmt: skip
    assert answer.status_code == 200
    [sent] = house.graves.sent
    assert sent.value == BODY.replace(NAME.encode(), "刘三".encode())
    assert sent.headers == (("ce_id", b"d1"), ("ce_time", b"2026-11-16T01:00:00Z"))
    [fact] = facts(house)
    assert fact.repaired
    assert "刘三" not in fact.model_dump_json()


def test_a_header_is_mended_without_looking_at_the_value(house):
    assert act(house, "repair", **FIXED).status_code == 200
    [sent] = house.graves.sent
    assert sent.value == BODY
    assert [fact.repaired for fact in facts(house)] == [True]


def test_a_repair_that_changes_nothing_is_said_to_be_the_original(house):
    typed = BODY.decode().replace("\n", "\r\n")
    assert act(house, "repair", text=typed, with_text="1").status_code == 200
    assert house.graves.sent[0].value == BODY
    assert [fact.repaired for fact in facts(house)] == [False]


def test_what_was_typed_stays_where_it_is_refused(house):
    typed = {"text": "\r\n<更正>", "with_text": "1", "headers": "ce_time"}
    answer = act(house, "repair", **typed)
    assert answer.status_code == 422
    assert "消息头每行写" in answer.text
    # the parser drops the line end after the tag, not the one that was typed
    assert re.search(r'<textarea name="text"[^>]*>\n\r?\n&lt;更正&gt;</textarea>', answer.text)
    assert ">ce_time</textarea>" in answer.text
    assert act(house, "repair", text="", with_text="1").status_code == 422
    assert (facts(house), house.graves.sent) == ([], [])


def test_what_a_service_of_ours_wrote_goes_back_as_it_was_only(house):
    house.bury(Record("cases", 1, 2, AT, b"k", b'{"a": 1}', ()), Reason.PROCESSING_ERROR)
    path = "/quarantine/cases-1-2"
    assert "更正后重投</button>" not in house.client.get(path).text
    assert act(house, "repair", path=path, **FIXED).status_code == 422
    assert act(house, "redrive", path=path).status_code == 200
    assert [one.topic for one in house.graves.sent] == ["cases"]


def test_a_topic_of_nobody_is_said(house):
    house.bury(Record("nowhere", 0, 1, AT, b"k", b"v", ()))
    answer = act(house, "redrive", path="/quarantine/nowhere-0-1")
    assert (answer.status_code, "没有主题 nowhere" in answer.text) == (409, True)
    assert facts(house) == []


def test_what_came_back_is_one_click_away(house):
    act(house, "redrive")
    house.bury(Record("inbound-12345", 3, 1001, AT, b"EZ1", BODY, RECORD.headers))
    assert 'href="/quarantine/inbound-12345-3-1001"' in house.client.get(PATH).text


def test_what_waits_for_the_log_does_not_hold_up_the_other_pages():
    assert not any(iscoroutinefunction(route.endpoint) for route in pages_quarantine.router.routes)


def test_one_act_at_a_time(house, monkeypatch):
    monkeypatch.setattr(quarantine, "WAIT_S_MAX", 0.01)
    with house.client.app.state.desk.quarantine.gate:
        assert act(house, "redrive").status_code == 503
    assert act(house, "redrive").status_code == 200


def test_the_longest_text_fits_the_bound_and_no_other_form_has_so_much(house):
    typed = {"text": "\U00020000" * TEXT_CHARS_MAX, "with_text": "1"}  # twelve bytes each in a form
    assert act(house, "repair", **typed).status_code == 200
    assert act(house, "redrive", **typed).status_code == 413
    assert act(house, "repair", text="x" * REPAIR_BODY_BYTES_MAX).status_code == 413
    assert PAGE_BODY_BYTES_MAX < REPAIR_BODY_BYTES_MAX


def test_a_mark_neither_moves_nor_doubles_what_it_marks_and_a_replay_does_not_lift_it(house):
    [buried] = house.graves.records
    [entry] = [house.graves.find(PLACE)]
    to = Position("inbound-12345", 3, 18)
    for message in (mark(entry, AT, to), Message("quarantine", buried.key, buried.value, buried.headers)):  # fmt: skip
        house.graves.lay(message)
        house.catch_up()
        page = house.client.get(PATH).text
        assert "11月16日 周一 10:00" in page
        assert str(to) in page
        assert f"{len(BODY)} 字节" in page


def test_strange_records_do_not_stop_the_read_model(house):
    facts = [("anxin_topic", b"x"), ("anxin_partition", b"0"), ("anxin_offset", b"1")]
    for headers in (
        [("anxin_topic", None)], [*facts, ("anxin_timestamp_ms", b"9" * 40)], [*facts, ("anxin_timestamp_ms", b"\xff")],
        [*facts, ("anxin_timestamp_ms", b"0"), ("anxin_redriven_at", b"soon")], [],
    ):  # fmt: skip
        house.graves.lay(Message("quarantine", b"k", None, tuple(headers)))
    house.catch_up()
    assert house.client.get("/quarantine?state=all").status_code == 200
    assert house.client.get("/quarantine/x-0-1").status_code == 200
