"""全区态势: the map of the grids, what is most urgent, the channels, the ladder."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.desk import live, read
from services.desk.core.cards import card
from services.desk.core.words import ago, span, yuan
from services.desk.pages import Show
from services.desk.place import At, Caller, Desk, Me, chips, page
from services.desk.read import GridCount

router = APIRouter(include_in_schema=False)
NOW_ROWS = 6
SILENT_AFTER = timedelta(days=2)
FIRES_OF, LAG_NOTICED = timedelta(hours=24), timedelta(minutes=1)
FILTERS = {"open": "全部", "late": "逾期", "today": "今日到期", "returned": "退过单"}


@router.get("/board")
def board(request: Request, desk: At, me: Me, show: Show = "open") -> HTMLResponse:
    since = live.since(request, desk)  # before it looks: what moves meanwhile is told
    office, now = desk.office, desk.now()
    views = read.urgent_first(desk.engine, me.grids, "open", now, NOW_ROWS)
    seen = read.overview(desk.engine, me.grids, now)
    rungs = _ladder(desk, seen.ladder)
    return page(
        desk,
        me,
        "/board",
        "board.html",
        asked=f"/board?show={show if show in FILTERS else 'open'}",
        since=since,
        board=office.board,
        tiles=_tiles(desk, seen.grids, show),
        figures=_figures(seen.figures),
        open=seen.figures.open,
        urgent=[card(office.wording, office.names, view, now) for view in views],
        chips=chips("/board", FILTERS, show),
        channels=_channels(desk, me),
        whole=me.grids is None,
        ladder=rungs,
        ladder_max=max((one.count for one in rungs), default=1) or 1,
        system=_system(desk, me),
    )


def _tiles(desk: Desk, counts: Mapping[str, GridCount], show: str) -> list[SimpleNamespace]:
    found = []
    for tile in desk.office.board.tiles:
        one = counts.get(tile.grid, GridCount())
        shown = {"late": one.late, "today": one.today, "returned": one.returned}.get(show, one.open)
        words = f"{tile.unit} {tile.grid[-3:]}：未办结 {one.open} 件"
        more = [f"逾期 {one.late} 件"] * bool(one.late) + [f"今日到期 {one.today} 件"] * bool(
            one.today
        )
        found.append(
            SimpleNamespace(
                grid=tile.grid, x=tile.x, y=tile.y, points=tile.points, tone=_tone(one),
                figure=shown or "", dim=show in FILTERS and show != "open" and not shown,
                words="，".join([words, *more]),
            )
        )  # fmt: skip
    return found


def _tone(one: GridCount) -> str:
    base = "late" if one.late else "today" if one.today else _shade(one.open)
    return f"{base} returned" if one.returned else base


def _shade(count: int) -> str:
    return "n0" if not count else "n1" if count == 1 else "n2" if count < 4 else "n3"


def _figures(one: read.Figures) -> list[SimpleNamespace]:
    def figure(name: str, value: object, more: str, tone: str, href: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, value=value, more=more, tone=tone, href=href)

    return [
        figure("未办结", one.open, f"今日新增 {one.fresh} 件", "", "/cases?show=open"),
        figure("今日到期", one.today, "下班前要有结果", "warm" if one.today else "", "/cases?show=today"),
        figure("已逾期", one.late, "已告知上一级", "alarm" if one.late else "", "/cases?show=late"),
        figure("退单待裁", one.disputed, "由维权中心主任裁定", "", "/cases?show=returned"),
        figure("待派单", one.unassigned, "分拣台", "warm" if one.unassigned else "", "/cases?show=triage"),
        figure("追回", yuan(one.paid_fen), f"{one.workers:,} 人", "", "/cases?show=closed"),
    ]  # fmt: skip


def _channels(desk: Desk, me: Caller) -> list[SimpleNamespace]:
    """A channel is silent for the district, not for a town that it happened to say nothing of."""
    now, whole = desk.now(), me.grids is None
    return [
        SimpleNamespace(
            name=desk.office.names.channels.get(one.channel, one.channel),
            count=one.count,
            ago=ago(now, one.last) if one.last else "还没有",
            silent=whole and (one.last is None or now - one.last > SILENT_AFTER),
        )
        for one in read.channels(desk.engine, me.grids)
    ]


def _ladder(desk: Desk, counts: Mapping[str, int]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            name=name, count=counts.get(rung, 0),
            tone="" if rung == "R1" else "warm" if rung.startswith(("R2", "R3")) else "hot",
        )
        for rung, name in desk.office.rungs.items()
        if counts.get(rung, 0) or rung in ("R1", "R2", "R3_head", "R4", "R5_head")
    ]  # fmt: skip


def _system(desk: Desk, me: Caller) -> list[SimpleNamespace]:
    """What lies in quarantine is of no grid: a figure for who sees all."""
    found = [
        SimpleNamespace(name="现行策略", value=desk.office.policy[:12], tone=""),
        SimpleNamespace(name="系统时间", value=f"{desk.now():%Y-%m-%d}", tone=""),
    ]
    if me.grids is not None:
        return found
    buried = read.buried_count(desk.engine)
    tone = "today" if buried else ""
    return [SimpleNamespace(name="隔离区", value=f"{buried} 条", tone=tone), _fires(desk), *found]


def _fires(desk: Desk) -> SimpleNamespace:
    """触发延迟: from the end of a clock to its lapse; a minute is what inspectors would notice."""
    now = desk.now()
    count, slowest = read.fires(desk.engine, now - FIRES_OF, now)
    length = f"{slowest.total_seconds():.1f} 秒" if slowest < LAG_NOTICED else span(slowest)
    return SimpleNamespace(
        name="触发延迟（近 24 小时）",
        value=f"{count} 次，最慢 {length}" if count else "没有逾期",
        tone="late" if slowest >= LAG_NOTICED else "",
    )
