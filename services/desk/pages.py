"""收件箱与列表: what is to be done, and the lists behind the board."""

from types import SimpleNamespace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.desk import read
from services.desk.core.cards import card, deeds
from services.desk.core.fold import View
from services.desk.core.people import Person
from services.desk.core.words import exact
from services.desk.place import MENU, At, Caller, Desk, Me, chips, page
from services.desk.wording import Office
from services.runtime.reveal import NAMES
from services.runtime.sql import utc

router = APIRouter(include_in_schema=False)
SHOWN = {
    "open": "全部在办", "new": "待签收", "late": "逾期", "today": "今日到期", "returned": "退过单",
}  # fmt: skip
Show = Annotated[str, Query(alias="show", max_length=16)]


@router.get("/")
def home(me: Me) -> Response:
    return RedirectResponse(MENU[me.person.role][0][0], 303)


@router.get("/me")
def myself(desk: At, me: Me) -> HTMLResponse:
    return page(desk, me, "/me", "me.html", heading=heading(desk.office, me))


@router.get("/inbox")
def inbox(desk: At, me: Me, show: Show = "open") -> HTMLResponse:
    """My grids' cases by urgency."""
    now = desk.now()
    counts = read.counts(desk.engine, me.grids, now)
    names = {one: f"{name} {counts[one]}" for one, name in SHOWN.items()}
    views = read.urgent_first(desk.engine, me.grids, show, now)
    cards = [_acting(desk, me, view) for view in views]
    return page(
        desk, me, "/inbox", "inbox.html", heading=heading(desk.office, me),
        chips=chips("/inbox", names, show), cards=cards,
    )  # fmt: skip


@router.get("/cases")
def cases(desk: At, me: Me, show: Show = "open", number: str = "") -> Response:
    """Lists by state, and by 案号."""
    found = read.case_of_number(desk.engine, me.grids, number.strip()) if number else None
    if found:
        return RedirectResponse(f"/cases/{found}", 303)
    names = {**SHOWN, "triage": "待派单", "closed": "已办结"}
    views = read.urgent_first(desk.engine, me.grids, show, desk.now())
    return page(
        desk, me, "/cases", "cases.html", heading="案件", chips=chips("/cases", names, show),
        cards=_cards(desk, views), number=number,
    )  # fmt: skip


@router.get("/grids/{grid}")
def grid(grid: str, desk: At, me: Me) -> HTMLResponse:
    if grid not in desk.office.grids or (me.grids is not None and grid not in me.grids):
        raise HTTPException(404, "没有这个网格，或不归您看")
    views = read.urgent_first(desk.engine, frozenset({grid}), "open", desk.now())
    name = desk.office.names.units[desk.office.grids[grid]]
    return page(
        desk, me, "/board", "cases.html", heading=f"{name} {grid.rpartition('-')[2]}", chips=[],
        cards=_cards(desk, views), number="",
    )  # fmt: skip


@router.get("/seen")
def seen(desk: At, me: Me) -> HTMLResponse:
    """查阅记录: who looked at whose personal data, and why."""
    if ("/seen", "查阅记录") not in MENU[me.person.role]:
        raise HTTPException(404, "没有这个页面")
    posts = desk.office.names.posts
    rows = [
        SimpleNamespace(
            at=exact(utc(row.at)), who=f"{posts.get(row.post, row.post)} {row.account}", case_id=row.case_id,
            number=row.case_number or row.case_id, reason=row.reason,
            fields="、".join(NAMES.get(one, one) for one in row.fields.split()),
        )
        for row in read.seen(desk.engine, me.grids)
    ]  # fmt: skip
    return page(desk, me, "/seen", "seen.html", rows=rows)


def heading(office: Office, me: Caller) -> str:
    """我的待办 · 古楼街道 G05 · 代 古楼街道 G06."""
    away = dict.fromkeys(f"代 {_place(office, one)}" for one in me.away)
    return " · ".join(("我的待办", _place(office, me.person), *away))


def _place(office: Office, person: Person) -> str:
    unit = office.names.units.get(person.unit_code, "")
    return f"{unit} {person.grid.rpartition('-')[2]}".strip() or person.post_zh


def _cards(desk: Desk, views: list[View]) -> list[object]:
    office, now = desk.office, desk.now()
    return [card(office.wording, office.names, view, now) for view in views]


def _acting(desk: Desk, me: Caller, view: View) -> SimpleNamespace:
    """A card with at most three buttons."""
    office = desk.office
    made = card(office.wording, office.names, view, desk.now())
    likely = deeds(office.wording, view)
    offered = [verb for verb in likely if me.acts_as(office, verb, view)][:3]
    acts = [
        SimpleNamespace(
            verb=verb, name=office.names.verbs[verb], main=n == 0, plain=verb == "sign",
            command_id=desk.fresh_id(),
        )
        for n, verb in enumerate(offered)
    ]  # fmt: skip
    return SimpleNamespace(acts=acts, **{name: getattr(made, name) for name in made.__slots__})
