"""消息页: what this person was told, newest first; looked at here, it is read."""

from types import SimpleNamespace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.desk import messages
from services.desk.core.cards import title
from services.desk.core.messages import said
from services.desk.core.words import ago, exact, left
from services.desk.place import At, Desk, Me, by_itself, page

router = APIRouter(include_in_schema=False)


@router.get("/messages")
def shown(desk: At, me: Me, request: Request) -> HTMLResponse:
    found = messages.heard(desk.engine, me.hears(desk.office), me.grids, desk.now())
    seen = desk.marks.of(me.person.account)
    fresh = [str(one.message.event_id) for one in found if str(one.message.event_id) not in seen]
    rows = [_row(desk, one, str(one.message.event_id) in fresh) for one in found]
    if fresh and not by_itself(request):
        desk.marks.look(me.person.account, fresh, desk.wall())
    return page(
        desk, me, "/messages", "messages.html", rows_max=messages.SHOWN_MAX,
        groups=[
            ("要办的", [row for row in rows if not row.over]),
            ("不用再办的", [row for row in rows if row.over]),
        ],
    )  # fmt: skip


def _row(desk: Desk, one: messages.Told, fresh: bool) -> SimpleNamespace:
    office, now, message = desk.office, desk.now(), one.message
    return SimpleNamespace(
        words=said(office.notice, office.names, office.hard, message),
        case_id=message.case_id,
        number=one.number,
        title=title(office.names, one.view),
        left=left(now, message.due_at) if message.due_at and not message.done else None,
        ago=ago(now, message.tell_at),
        exact=exact(message.tell_at),
        fresh=fresh,
        over=office.over[message.over] if message.over else "",
        urgent=message.urgent and not message.done,
    )
