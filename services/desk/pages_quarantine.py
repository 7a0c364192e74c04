"""隔离: what could not be processed: the list, one record with its reason, its original, and back it goes.

Reading the log takes seconds: every endpoint is a plain function and runs in the thread pool.
"""

import re
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Row

from schemas.event import Reason, Record
from services.desk import read
from services.desk.core.quarantine import BadRepair, mendable, original_of
from services.desk.core.words import exact
from services.desk.place import MENU, At, Caller, Desk, Me, Mended, page
from services.desk.quarantine import REASONS_ZH
from services.runtime.audit import NotAllowed
from services.runtime.publish import NotNow
from services.runtime.quarantine_desk import Unwilling
from services.runtime.sql import utc

router = APIRouter(include_in_schema=False)
HERE = "/quarantine"
STATES = {"open": "未重投", "done": "已重投", "all": "全部"}
UNSEEN = "消息系统暂时不通，查阅记录没有写成，因此没有显示"
UNSURE = "消息系统没有确认重投。请再按一次：编号不变，即使已经发出，也只算一次"
Filter = Annotated[str, Query(max_length=64)]
Csrf = Annotated[str, Form(max_length=200)]
Why = Annotated[str, Form(max_length=200)]
Found = Row[tuple[object, ...]]


@router.get(HERE)
def quarantine(
    desk: At, me: Me, state: Filter = "open", reason: Filter = "", topic: Filter = ""
) -> HTMLResponse:
    if (HERE, "隔离") not in MENU[me.person.role]:
        raise HTTPException(404, "没有这个页面")
    faults = {one.value: fault.name_zh for one, fault in desk.office.faults.items()}
    found = read.buried(desk.engine, state, reason, topic)
    return page(
        desk, me, HERE, "quarantine.html", state=state, reason=reason, topic=topic,
        states=STATES, reasons=faults, topics={one: _topic(desk, one) for one in read.buried_topics(desk.engine)},
        rows=[_facts(desk, row) for row in found], rows_max=read.PAGE_ROWS_MAX,
        operates=me.person.role == "operator",
    )  # fmt: skip


def operator(me: Me) -> Caller:
    """Raises 403: originals hold personal data, and what is sent again opens cases."""
    if me.person.role != "operator":
        raise HTTPException(403, "隔离区的来件由平台管理员查看和重投")
    return me


Operator = Annotated[Caller, Depends(operator)]


def row_of(position: str, desk: At, _: Operator) -> Found:
    """The record in the address. Raises 404."""
    row = read.buried_at(desk.engine, position)
    if row is None:
        raise HTTPException(404, "隔离区里没有这条来件")
    return row


Lying = Annotated[Found, Depends(row_of)]


@router.get(HERE + "/{position}")
def one(desk: At, me: Operator, row: Lying) -> HTMLResponse:
    return _page(desk, me, row)


@router.post(HERE + "/{position}/original")
def original(desk: At, me: Operator, row: Lying, csrf: Csrf, reason: Why = "") -> HTMLResponse:
    """The page with key, headers and value on it, once the record of it stands on the log; kept nowhere."""
    me.owns(csrf)
    try:
        record = desk.quarantine.see(row.place, me.person.account, reason)
    except (NotAllowed, Unwilling, NotNow) as why:
        return _refused(desk, me, row, why, UNSEEN, at="see", reason=reason)
    return _page(desk, me, row, opened=original_of(record), reason=reason)


@router.post(HERE + "/{position}/download")
def download(desk: At, me: Operator, row: Lying, csrf: Csrf, reason: Why = "") -> Response:
    """The bytes of the value, whole and as they came; recorded as `original` is."""
    me.owns(csrf)
    try:
        record: Record = desk.quarantine.see(row.place, me.person.account, reason)
    except (NotAllowed, Unwilling, NotNow) as why:
        return _refused(desk, me, row, why, UNSEEN, at="see", reason=reason)
    name = re.sub(r"[^\w.-]", "_", row.place, flags=re.ASCII)
    said = {
        "Content-Disposition": f'attachment; filename="{name}.bin"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(record.value or b"", 200, said, "application/octet-stream")


@router.post(HERE + "/{position}/redrive")
def redrive(desk: At, me: Operator, row: Lying, csrf: Csrf, reason: Why = "") -> HTMLResponse:
    """As it was, to its own topic."""
    me.owns(csrf)
    return _redriven(desk, me, row, reason, None)


def typed(
    headers: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    with_text: Annotated[str, Form(max_length=1)] = "",
) -> Mended:
    """`with_text`: the form had the value's text; emptied it comes as none at all."""
    return Mended(text if with_text else None, headers)


@router.post(HERE + "/{position}/repair")
def repair(
    desk: At,
    me: Operator,
    row: Lying,
    csrf: Csrf,
    mended: Annotated[Mended, Depends(typed)],
    reason: Why = "",
) -> HTMLResponse:
    """Mended, to its own topic."""
    me.owns(csrf)
    return _redriven(desk, me, row, reason, mended)


def _redriven(
    desk: Desk, me: Caller, row: Found, reason: str, mended: Mended | None
) -> HTMLResponse:
    try:
        to = desk.quarantine.redrive(row.place, me.person.account, reason, mended)
    except (NotAllowed, Unwilling, BadRepair, NotNow) as why:
        at = "repair" if mended else "redrive"
        return _refused(desk, me, row, why, UNSURE, at=at, reason=reason, mended=mended)
    return _page(desk, me, row, outcome=str(to))


def _refused(
    desk: Desk, me: Caller, row: Found, why: Exception, not_now: str, **fields: Any
) -> HTMLResponse:
    """The same page, what was typed still on it."""
    status = 503 if isinstance(why, NotNow) else 409 if isinstance(why, Unwilling) else 422
    told = {503: not_now, 409: getattr(why, "zh", "")}.get(status, str(why))
    return _page(desk, me, row, status, refused=told, **fields)


def _page(desk: Desk, me: Caller, row: Found, status: int = 200, **fields: Any) -> HTMLResponse:
    shown = {
        "opened": None, "outcome": "", "refused": "", "at": "", "reason": "", "mended": None,
    } | fields  # fmt: skip
    again = row.redriven_to and read.buried_at(desk.engine, row.redriven_to)
    return page(
        desk, me, HERE, "quarantined.html", status, one=_facts(desk, row), again=again,
        mendable=mendable(row.topic), reasons=REASONS_ZH, **shown,
    )  # fmt: skip


def _facts(desk: Desk, row: Found) -> SimpleNamespace:
    fault = desk.office.faults.get(Reason(row.reason)) if row.reason in set(Reason) else None
    return SimpleNamespace(
        place=row.place, topic=_topic(desk, row.topic), stage=row.stage, code=row.reason,
        why=fault.name_zh if fault else row.reason, todo=fault.todo_zh if fault else "",
        field=row.field, detail=row.detail_zh, size_bytes=row.size_bytes,
        at=exact(utc(row.at)), came_at=exact(utc(row.came_at)),
        redriven_at=exact(utc(row.redriven_at)) if row.redriven_at else "", redriven_to=row.redriven_to,
    )  # fmt: skip


def _topic(desk: Desk, topic: str) -> str:
    """12345热线（inbound-12345）."""
    name = desk.office.names.channels.get(topic.removeprefix("inbound-"), "")
    return f"{name}（{topic}）" if name else topic
