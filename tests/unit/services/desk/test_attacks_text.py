"""Texts that strike, in every field that can reach a page or a file: they are read there, and nothing else.

`watched` looks at every answer: what in it would run, style or lead away.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from schemas.event import Record
from services.desk.core.words import plain
from services.desk.place import PAGES, Desk
from services.runtime.reveal import Opened
from tests.support.attacks import STRIKES, Reader, foreign, watched, ways
from tests.support.databases import files
from tests.support.events import AT, CASE
from tests.support.house import House, assigned, opened

STEERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
REASON = {"reason": "核实诉求情况"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(files(tmp_path)) as made:
        made.client.event_hooks["response"] = [watched]
        made.client.app.state.leaving = True  # /live ends
        yield made


def desk_with(house: House, **changes: object) -> None:
    house.client.app.state.desk = Desk(**{**vars(house.client.app.state.desk), **changes})


def post(house: House, path: str, form: dict[str, str]):
    return house.client.post(path, data=form | {"csrf": house.form("/me")["csrf"]})


def pages_of(house: House, position: str) -> dict[str, str]:
    """Every page there is, by its address, as a dispatcher, an auditor and an operator see them."""
    found = {}
    for who in ("centre_duty", "procuratorate", "platform_admin"):
        house.enter(who)
        for way in ways(house.client.app):
            if way.method == "GET" and way.path != "/login":
                at = way.to().replace("inbound-12345-3-17", position)
                answer = house.client.get(at)
                assert answer.status_code < 500, at
                if answer.status_code == 200 and "html" in answer.headers["content-type"]:
                    found[way.path] = answer.text
    return found


@pytest.mark.parametrize("strike", STRIKES)
def test_what_a_stranger_wrote_is_read_on_a_page_and_does_nothing_there(house, strike):
    house.store.apply(foreign(strike))
    [case] = [one for one in house.views() if one.case_id == CASE]
    assert case.sources[0].matter.employer.name == strike
    house.bury(Record("inbound-12345", 3, 17, AT, b"k", b"{}", ()), detail_zh=strike)
    pages, said = pages_of(house, "inbound-12345-3-17"), escape(plain(strike))
    for path, often in {"/cases/{identity}": 15, "/board": 1, "/inbox": 1, "/cases": 1, "/seen": 2,
                        "/quarantine": 1, "/quarantine/{position}": 1}.items():  # fmt: skip
        assert (
            pages[path].count(said.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) >= often
        ), path
    for path, text in pages.items():
        assert not STEERS.search(text), path
        assert "49" not in text or strike != STRIKES[4] or not re.search(r"\b49%? %|>49<", text)


@pytest.mark.parametrize("strike", STRIKES)
def test_an_original_from_quarantine_is_read_and_its_file_has_a_harmless_name(house, strike):
    raw = strike.encode()
    house.bury(
        Record(strike.replace("/", "_"), 3, 17, AT, raw, raw, ((strike, raw),)), detail_zh=strike
    )
    house.enter("platform_admin")
    [place] = re.findall(r'<a href="(/quarantine/[^"]+)">', house.client.get("/quarantine").text)
    assert strike not in place
    answer = post(house, f"{place}/original", REASON)
    assert answer.status_code == 200
    assert not STEERS.search(answer.text.replace("\r", ""))
    assert Reader(answer.text).text.count(plain(strike).split("\r")[0]) >= 3
    file = post(house, f"{place}/download", REASON)
    assert re.fullmatch(
        r'attachment; filename="[\w.-]+"', file.headers["content-disposition"], re.ASCII
    )
    assert (file.content, "set-cookie" in file.headers) == (raw, False)


@pytest.mark.parametrize("strike", STRIKES)
def test_what_is_typed_comes_back_as_text(house, strike):
    view, record = assigned(house), Record("inbound-12345", 3, 17, AT, b"k", b"{}", ())
    house.bury(record)
    house.enter("grid_officer", view.owner.grid)
    for query in ({"number": strike}, {"show": strike[:16]}):
        assert house.client.get("/cases", params=query).status_code == 200
        assert house.client.get("/inbox", params=query).status_code == 200
    form = dict.fromkeys(("amount_fen", "workers", "note", "full"), strike) | {
        "command_id": str(CASE)
    }
    assert post(house, f"/cases/{view.case_id}/actions/pay", form).status_code == 422
    assert (
        post(house, f"/cases/{view.case_id}/reveal", {"reason": strike + "13800001234"}).status_code
        == 422
    )
    house.enter("platform_admin")
    for query in ({"state": strike}, {"reason": strike}, {"topic": strike}):
        assert house.client.get("/quarantine", params=query).status_code == 200
    typed = {"reason": strike, "headers": strike, "text": strike, "with_text": "1"}
    answer = post(house, "/quarantine/inbound-12345-3-17/repair", typed | {"headers": "=" + strike})
    assert answer.status_code == 422
    house.enter("director")
    for path in ("/indicators", "/indicators.csv", "/indicators.xlsx"):
        for query in (
            {"month": strike[:7]},
            {"on": strike[:10]},
            {"month": "20２６-11"},
            {"on": "２０２６-11-01"},
        ):
            assert house.client.get(path, params=query).status_code == 422, (path, query)


@pytest.mark.parametrize("strike", STRIKES)
def test_a_contact_is_read_and_does_nothing(house, strike):
    shown = [Opened("window", strike, {"name": strike, "phone": strike})]

    class Shown:
        able = staticmethod(lambda: True)

        def __call__(self, *_: object) -> list[Opened]:
            return shown

    desk_with(house, reveal=Shown())
    view = assigned(house)
    house.enter("grid_officer", view.owner.grid)
    answer = post(house, f"/cases/{view.case_id}/reveal", REASON)
    assert answer.status_code == 200
    assert "诉求人" in answer.text
    assert not STEERS.search(answer.text)


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://x.example","y")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
                                  "＝1+1", "＋1", "－1", "＠A1", "http://x.example", "external:c:\\x.exe"])  # fmt: skip
def test_no_cell_of_a_file_is_a_formula_or_a_link(house, cell):
    desk = house.client.app.state.desk
    named = [replace(one, name_zh=cell, definition_zh=cell) for one in desk.office.indicators]
    desk_with(house, office=replace(desk.office, indicators=tuple(named)))
    house.enter("director")
    rows = list(
        csv.reader(
            io.StringIO(house.client.get("/indicators.csv").content.decode("utf-8-sig"), newline="")
        )
    )
    found = [one for row in rows for one in row if cell in one]
    assert len(found) > 3
    assert not any(re.match(r"[=+@\t\r\n＝＋－＠]|-\D|-1$", one) for one in found)
    with zipfile.ZipFile(io.BytesIO(house.client.get("/indicators.xlsx").content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert not re.search(r"<f[ >]|hyperlink", sheet)
        assert "xl/worksheets/_rels/sheet1.xml.rels" not in book.namelist()


def test_a_value_on_its_way_into_a_page_is_escaped_once_and_typed_text_stays():
    page = PAGES.from_string("{{ a }}|{{ a|e }}|{% set b = 'x' ~ a %}{{ b }}")
    assert page.render(a="<\u202e>") == "&lt;\\x202e&gt;|&lt;\u202e&gt;|x&lt;\\x202e&gt;"
    assert plain("一\t二\r\n三\u3000") == "一\t二\r\n三\u3000"
