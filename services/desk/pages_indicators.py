"""指标: what a month or any days came to, by town and street, as it was known on any day; the same as CSV and XLSX."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Annotated
from urllib.parse import urlencode

import xlsxwriter
from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import HTMLResponse, Response

from services.desk import read
from services.desk.core.indicators import Figures, Period, figures_of
from services.desk.core.words import SHANGHAI, exact, yuan
from services.desk.place import MENU, At, Caller, Desk, Me, page

router = APIRouter(include_in_schema=False)
HERE = "/indicators"
DAY = timedelta(days=1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
"""Both go into the name of a file, which is a header: no other digits."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Of full width, too: an East Asian spreadsheet takes them for the same."""
Month = Annotated[str, Query(max_length=7)]
Day = Annotated[str, Query(max_length=10)]
From = Annotated[str, Query(max_length=10, alias="from")]
DAYS_MAX = 3 * 366


@dataclass(frozen=True)
class Asked:
    """`label`: of the period; `first`, `last`: its days, empty where a month was asked for. `until`: known by then."""

    label: str
    month: str
    first: str
    last: str
    on: str
    period: Period
    until: datetime

    @property
    def query(self) -> str:
        """The same question of a file."""
        of = {"from": self.first, "to": self.last} if self.first else {"month": self.month}
        return urlencode(of | ({"on": self.on} if self.on else {}))


Row = list[str | int | float | None]
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def _asked(
    desk: At, me: Me, month: Month = "", first: From = "", to: Day = "", on: Day = ""
) -> Asked:
    """`month`: 2026-11, else the present one; or days `from` … `to`, both included. `on`: known by its end, else now.

    Raises 404 for who has no such page, 422 for a month or days that are none.
    """
    if (HERE, "指标") not in MENU[me.person.role]:
        raise HTTPException(404, "没有这个页面")
    now = desk.now().astimezone(SHANGHAI)
    until = min(_day(on) + DAY - timedelta(microseconds=1), now) if on else now
    if first or to:
        period = _days(first, to)
        return Asked(f"{first} 至 {to}", "", first, to, on, period, until)
    month = month or f"{now:%Y-%m}"
    if not _MONTH.fullmatch(month):
        raise HTTPException(422, "月份请写成 2026-11 的样子")
    begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=SHANGHAI)
    end = (begin + timedelta(days=32)).replace(day=1)
    return Asked(month, month, "", "", on, Period(begin, end), until)


def _days(first: str, to: str) -> Period:
    if not (first and to):
        raise HTTPException(422, "起止日期请都填上")
    begin, end = _day(first), _day(to) + DAY
    if begin >= end:
        raise HTTPException(422, "开始日期晚于结束日期，请对调")
    if end - begin > DAYS_MAX * DAY:
        raise HTTPException(422, "一次最多统计三年，请缩短起止日期")
    return Period(begin, end)


def _day(text: str) -> datetime:
    """Its first instant at the office."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(), SHANGHAI)  # noqa: DTZ007
    except ValueError:
        raise HTTPException(422, "日期请写成 2026-11-20 的样子") from None


Question = Annotated[Asked, Depends(_asked)]


@router.get(HERE)
def indicators(desk: At, me: Me, asked: Question) -> HTMLResponse:
    found = _figures(desk, me, asked)
    whole, office = found.get("", Figures()), desk.office
    return page(
        desk, me, HERE, "indicators.html", asked=asked, known=exact(asked.until), months=_months(desk.now()),
        spans=_spans(desk.now()),
        cards=[
            SimpleNamespace(
                name=one.name_zh, definition=one.definition_zh, value=_percent(whole, one.id),
                of=f"{whole.shares[one.id].done} / {whole.shares[one.id].of}",
            )
            for one in office.indicators
        ],
        paid=yuan(whole.paid_fen), workers=whole.workers,
        heads=[one.name_zh for one in office.indicators],
        rows=[
            SimpleNamespace(
                unit=office.names.units.get(unit, "未派到镇街"),
                values=[_percent(one, indicator.id) for indicator in office.indicators],
                paid=yuan(one.paid_fen), workers=one.workers,
            )
            for unit, one in sorted(found.items()) if unit or len(found) == 1
        ],
    )  # fmt: skip


@router.get(HERE + ".csv")
def as_csv(desk: At, me: Me, asked: Question) -> Response:
    """With a mark of its encoding, as the office's spreadsheet wants it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([plain(cell) for cell in row] for row in _table(desk, me, asked))
    return _file(("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8", asked, "csv")


@router.get(HERE + ".xlsx")
def as_xlsx(desk: At, me: Me, asked: Question) -> Response:
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, AS_TEXT) as book:
        sheet = book.add_worksheet(asked.month or "指标")
        for number, row in enumerate(_table(desk, me, asked)):
            sheet.write_row(number, 0, row)
    return _file(body.getvalue(), XLSX, asked, "xlsx")


def _figures(desk: Desk, me: Caller, asked: Asked) -> dict[str, Figures]:
    facts = read.counted(desk.engine, asked.period.begin, asked.until)
    return figures_of(desk.office.indicators, facts, asked.period, me.grids, desk.office.grids)


def _table(desk: Desk, me: Caller, asked: Asked) -> list[Row]:
    """Numbers as numbers: a share with what it is a share of."""
    office, found = desk.office, _figures(desk, me, asked)
    heads: Row = ["镇街"]
    for one in office.indicators:
        heads += [one.name_zh, "分子", "分母"]
    rows: list[Row] = [[*heads, "追回（元）", "人数"]]
    for unit, figures in sorted(found.items()):
        row: Row = [office.names.units.get(unit, "未派到镇街") if unit else "全部"]
        for one in office.indicators:
            share = figures.shares[one.id]
            row += [None if share.share is None else round(share.share, 4), share.done, share.of]
        rows.append([*row, figures.paid_fen / 100, figures.workers])
    rows.append([])
    for one in office.indicators:
        rows.append([one.name_zh, one.definition_zh])
    return [*rows, ["统计期间", asked.label], ["数据截至", exact(asked.until)]]


def plain(cell: str | float | None) -> str | float | None:
    """A text that a spreadsheet would run as a formula is marked as text (OWASP CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _percent(figures: Figures, indicator: str) -> str:
    share = figures.shares[indicator].share
    return "—" if share is None else f"{share:.1%}"


def _months(now: datetime) -> list[str]:
    """The last twelve, newest first."""
    local = now.astimezone(SHANGHAI)
    last = local.year * 12 + local.month - 1
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(last, last - 12, -1)]


def _spans(now: datetime) -> list[tuple[str, str]]:
    """Name and query of the usual ones: the quarter and the year up to today, the year before."""
    today = now.astimezone(SHANGHAI).date()
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    year, before = today.replace(month=1, day=1), today.year - 1
    return [
        ("本季度", urlencode({"from": quarter, "to": today})),
        ("今年", urlencode({"from": year, "to": today})),
        ("去年", urlencode({"from": f"{before}-01-01", "to": f"{before}-12-31"})),
    ]


def _file(body: bytes, kind: str, asked: Asked, suffix: str) -> Response:
    of = asked.month or f"{asked.first}-{asked.last}"
    name = f"anxin-indicators-{of}{'-' + asked.on if asked.on else ''}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=kind, headers=headers)
