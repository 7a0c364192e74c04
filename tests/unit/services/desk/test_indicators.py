"""The page of indicators and its files; a past day comes to what it came to on that day."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from services.desk import read
from services.desk.core.indicators import Period, figures_of
from services.desk.core.words import SHANGHAI
from services.desk.pages_indicators import plain
from services.desk.store import Store
from services.desk.tables import TOPICS
from tests.simulation.world import world_of
from tests.support.databases import Database
from tests.support.house import House, office, opened

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATHS = ("/indicators", "/indicators.csv", "/indicators.xlsx")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


@pytest.mark.parametrize("seed", [3, 18, 25])  # 18, 25: told late
def test_as_of_an_instant_it_is_what_the_topics_said_then(seed: int, database: Database):
    world = world_of(seed).run()
    records = [one for one in world.log.records() if one.topic in TOPICS]
    whole = Store(database("whole"))
    whole.apply(records)
    begin = world.script.start
    period = Period(begin, begin + timedelta(days=31))
    told = read.counted(whole.engine, begin, world.log.now)
    assert told
    instants = sorted({one.told_ms for one in told})
    for part in (3, 2):
        at = instants[len(instants) // part]
        middle = EPOCH + timedelta(milliseconds=at + 1) - timedelta(microseconds=1)
        then = Store(database(f"then-{part}"))
        then.apply([one for one in records if one.timestamp <= middle])
        asked = [
            figures_of(office().indicators, read.counted(one.engine, begin, middle), period, None, {})
            for one in (then, whole)
        ]  # fmt: skip
        assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("cell", "written"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-", "'-"), ("花湖镇", "花湖镇"), (-3, -3), (None, None)]
)  # fmt: skip
def test_a_text_is_no_formula_of_a_spreadsheet(cell: str | int | None, written: str | int | None):
    assert plain(cell) == written


def test_it_is_for_leaders_and_not_for_inspectors(house):
    for post, status in (("director", 200), ("procuratorate", 200), ("grid_officer", 404)):
        house.enter(post)
        assert [house.client.get(path).status_code for path in PATHS] == [status] * 3


def test_what_is_no_month_and_no_day_is_said(house):
    house.enter("director")
    assert house.client.get("/indicators?month=2026-13").status_code == 422
    assert house.client.get("/indicators?on=gestern").status_code == 422
    assert "日期请写成" in house.client.get("/indicators?on=2026-02-31").text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=2026-03-01", "起止日期请都填上"),
        ("to=2026-03-01", "起止日期请都填上"),
        ("from=2026-03-02&to=2026-03-01", "开始日期晚于结束日期"),
        ("from=2020-01-01&to=2026-03-01", "最多统计三年"),
        ("from=2026-02-30&to=2026-03-01", "日期请写成"),
    ],
)
def test_what_is_no_period_is_said(house, query: str, told: str):
    house.enter("director")
    for path in PATHS:
        answer = house.client.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert told in answer.text


def test_the_days_of_a_month_come_to_what_the_month_comes_to(house):
    house.enter("director")
    local = house.now.astimezone(SHANGHAI)
    first = local.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    days = f"from={first:%Y-%m-%d}&to={last:%Y-%m-%d}"
    month, period = (
        list(csv.reader(io.StringIO(house.client.get(f"/indicators.csv?{query}").text)))
        for query in (f"month={local:%Y-%m}", days)
    )
    assert month[:-2] == period[:-2]
    assert period[-2] == ["统计期间", f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"]
    assert any(int(cell) for cell in month[1][2::3] if cell.isdigit())
    before = (
        f"from={first - timedelta(days=400):%Y-%m-%d}&to={first - timedelta(days=370):%Y-%m-%d}"
    )
    assert (
        house.client.get(f"/indicators.csv?{before}").text
        != house.client.get(f"/indicators.csv?{days}").text
    )
    page = house.client.get(f"/indicators?{days}")
    assert page.status_code == 200
    assert f"/indicators.xlsx?{days}".replace("&", "&amp;") in page.text


def test_the_files_say_what_the_page_says(house):
    house.enter("director")
    month = f"{house.now.astimezone(SHANGHAI):%Y-%m}"
    page = house.client.get(f"/indicators?month={month}").text
    given = house.client.get(f"/indicators.csv?month={month}")
    assert given.content.startswith(b"\xef\xbb\xbf")
    assert (
        given.headers["content-disposition"]
        == f'attachment; filename="anxin-indicators-{month}.csv"'
    )
    rows = list(csv.reader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert rows[1][0] == "全部"
    signed, of = int(rows[1][2]), int(rows[1][3])
    assert of > 0
    assert f"{signed} / {of}" in page
    sheet = CalamineWorkbook.from_filelike(
        io.BytesIO(house.client.get(f"/indicators.xlsx?month={month}").content)
    ).get_sheet_by_index(0)
    assert sheet.to_python()[1][2:4] == [signed, of]
    assert [str(one) for one in sheet.to_python()[0]] == rows[0]
