"""What every page has at hand, who asks, and how a page is written out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Protocol
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from starlette.types import Scope

from schemas.event import Out, Record
from services.desk import messages, read
from services.desk.core.fold import View
from services.desk.core.login import local
from services.desk.core.people import Grids, Person, acts_as, seen_by
from services.desk.core.words import SHANGHAI, clock_face, exact, plain
from services.desk.logins import Logins
from services.desk.marks import Marks
from services.desk.sessions import Session, Sessions
from services.desk.wording import Office
from services.kernel.deputies import stood_in_for
from services.runtime.publish import Position
from services.runtime.reveal import Opened

COOKIE = "anxin"
"""With __Host- before it where people come over https: nobody else's page can set it (RFC 6265bis, 4.1.3.2)."""
STALE_AFTER = timedelta(seconds=30)
Send = Callable[[Out], None]
"""Returns when the broker has it; raises NotNow."""


class Reveal(Protocol):
    """Contacts of a case's claimants, where this desk was given the vault's key."""

    def able(self) -> bool: ...

    def __call__(self, view: View, account: str, reason: str) -> list[Opened]:
        """Recorded on the log. Raises NotAllowed, KeyUnknown, NoVault, NotNow: then nothing was shown."""
        ...


@dataclass(frozen=True, slots=True)
class Mended:
    """What a person typed: the value's text, None = not touched, and lines `name=value` for headers."""

    text: str | None
    headers: str


class Quarantine(Protocol):
    """Originals that could not be processed; what is done is recorded on the log first, then done.

    Raises NotAllowed, Unwilling, NotNow: then nothing was shown; NotNow of `redrive`: sent once more it is still one.
    """

    def see(self, position: str, account: str, reason: str) -> Record: ...

    def redrive(
        self, position: str, account: str, reason: str, mended: Mended | None = None
    ) -> Position:
        """Where it is now. Raises BadRepair, too."""
        ...


MENU = {
    "inspector": (("/inbox", "待办"), ("/messages", "消息"), ("/cases", "案件")),
    "dispatcher": (
        ("/inbox", "待办"), ("/messages", "消息"), ("/board", "态势"), ("/cases", "案件"), ("/indicators", "指标"),
        ("/quarantine", "隔离"),
    ),
    "leader": (
        ("/board", "态势"), ("/messages", "消息"), ("/indicators", "指标"), ("/inbox", "待办"), ("/cases", "案件"),
        ("/seen", "查阅记录"),
    ),
    "operator": (("/board", "态势"), ("/messages", "消息"), ("/cases", "案件"), ("/quarantine", "隔离")),
    "auditor": (
        ("/board", "态势"), ("/messages", "消息"), ("/indicators", "指标"), ("/cases", "案件"), ("/seen", "查阅记录"),
    ),
}  # fmt: skip


def shown(value: object) -> object:
    """Every value on its way into a page; what was typed goes back as it was, `|e` in the template."""
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


PAGES = Environment(
    finalize=shown,
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.globals["cases_shown_max"] = read.CASES_SHOWN_MAX


@dataclass(frozen=True)
class Desk:
    """`caught_up`: real time at which the read model last had everything; None = not yet.

    `secure`: people come over https.
    """

    office: Office
    engine: Engine
    sessions: Sessions
    send: Send
    now: Callable[[], datetime]
    wall: Callable[[], datetime]
    fresh_id: Callable[[], UUID]
    caught_up: Callable[[], datetime | None]
    district: str
    demo: bool
    reveal: Reveal
    quarantine: Quarantine
    logins: Logins
    marks: Marks
    secure: bool = False

    @property
    def cookie(self) -> str:
        return f"__Host-{COOKIE}" if self.secure else COOKIE


@dataclass(frozen=True)
class Caller:
    """Who asks, which grids they see, and whom they stand in for today (代理人)."""

    person: Person
    session: Session
    grids: Grids
    away: tuple[Person, ...] = ()

    def acts_as(self, office: Office, verb: str, view: View) -> str:
        """The post in which this one may do it on that case; empty = may not."""
        people = (self.person, *self.away)
        return acts_as(people, lambda one: office.may(one, verb), view.owner)

    def hears(self, office: Office) -> frozenset[str]:
        """Accounts whose messages are this one's: the own, of whom one stands in for, of posts that nobody holds."""
        people = (self.person, *self.away)
        nobodys = [""] if any(one.post == office.vacant for one in people) else []
        return frozenset([*(one.account for one in people), *nobodys])

    def owns(self, csrf: str) -> None:
        """Raises 409 for a form that is not of this session: says nothing of the act itself."""
        if not self.session.owns(csrf):
            raise HTTPException(409, "页面已过期，请刷新后重新提交")


def desk_of(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


At = Annotated[Desk, Depends(desk_of)]


def by_itself(request: Request) -> bool:
    """An open page asks again without anybody there: htmx, and the stream of ticks."""
    return "hx-request" in request.headers or "text/event-stream" in request.headers.get(
        "accept", ""
    )


def logged_in(request: Request, desk: Desk, account: str, to: str) -> RedirectResponse:
    """A fresh token, whatever the browser had: one that somebody else planted is worth nothing."""
    desk.sessions.close(request.cookies.get(desk.cookie, ""))
    answer = RedirectResponse(to, 303)
    token = desk.sessions.open(account, desk.wall())
    answer.set_cookie(
        desk.cookie, token, httponly=True, samesite="lax", path="/", secure=desk.secure
    )
    return answer


def caller(request: Request, desk: At) -> Caller:
    """Raises the way to /login. Who left the roster is logged out, and stays so if they come back."""
    token = request.cookies.get(desk.cookie, "")
    session = desk.sessions.find(token, desk.wall(), seen=not by_itself(request))
    person = desk.office.people.get(session.account) if session else None
    if session and person is None:
        desk.sessions.close(token)
    if session is None or person is None:
        raise _login_first(request)
    office, today = desk.office, desk.now().astimezone(SHANGHAI).date()
    away = stood_in_for(office.people.values(), person.account, today)
    return Caller(person, session, seen_by((person, *away), office.grids), away)


def _login_first(request: Request) -> HTTPException:
    """303, and back to this page afterwards; a part of a page that asks by itself takes the whole page there."""
    if "hx-request" in request.headers:
        return HTTPException(401, headers={"HX-Redirect": "/login"})
    here = local(_asked(request.scope))
    wanted = request.method == "GET" and here != "/"
    return HTTPException(
        303, headers={"Location": "/login" + (f"?{urlencode({'next': here})}" if wanted else "")}
    )


def _asked(scope: Scope) -> str:
    """Path and query as the server read them; request.url is put together with the Host that the caller says."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


Me = Annotated[Caller, Depends(caller)]


def view_of(identity: UUID, desk: At, me: Me) -> View:
    """The case in the address. Raises 404 for another's, too."""
    view = read.case(desk.engine, me.grids, identity)
    if view is None:
        raise HTTPException(404, "没有这个案件，或不在您的网格")
    return view


Seen = Annotated[View, Depends(view_of)]


def page(
    desk: Desk, me: Caller | None, here: str, name: str, status: int = 200, **fields: Any
) -> HTMLResponse:
    """A template with the frame around it. Personal data may stand on it: kept nowhere on the way."""
    menu = MENU[me.person.role] if me else ()
    unread = _unread(desk, me) if me and here != "/messages" else 0
    frame = SimpleNamespace(
        menu=[
            SimpleNamespace(href=href, name=text, count=unread if href == "/messages" else 0)
            for href, text in menu
        ],
        name=f"{me.person.post_zh}" if me else "",
        account=me.person.account if me else "",
        csrf=me.session.csrf if me else "",
    )
    text = PAGES.get_template(name).render(me=frame, here=here, fresh=_fresh(desk), **fields)
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


def _unread(desk: Desk, me: Caller) -> int:
    """Messages that still ask for something and were not looked at."""
    waiting = messages.waiting(desk.engine, me.hears(desk.office), me.grids, desk.now())
    return len(waiting - desk.marks.of(me.person.account)) if waiting else 0


def _fresh(desk: Desk) -> SimpleNamespace:
    """数据更新于: real time, whatever time the cases live in."""
    at = desk.caught_up()
    if at is None:
        return SimpleNamespace(words="正在读取数据", stale=True, exact="")
    stale = desk.wall() - at > STALE_AFTER
    return SimpleNamespace(words=f"数据更新于 {clock_face(at)}", stale=stale, exact=exact(at))


def chips(path: str, names: dict[str, str], chosen: str) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(href=f"{path}?show={show}", name=text, on=show == chosen)
        for show, text in names.items()
    ]
