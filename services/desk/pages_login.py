"""登录: by the office's identity provider or chat app; in the demo by a click. Who comes must stand in the roster."""

from types import SimpleNamespace
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.desk import read
from services.desk.core.login import (
    ATTEMPT_S_MAX,
    OUTCOMES,
    NoLogin,
    account_of,
    inside_of,
    local,
)
from services.desk.core.people import Person
from services.desk.place import At, Desk, Me, by_itself, logged_in, page

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()
DEMO_POSTS = (
    "grid_officer", "town_squad_leader", "centre_duty", "brigade_leader", "director", "platform_admin",
)  # fmt: skip
ASK_POST = "platform_admin"
"""Who enters people into the roster."""
NO_WAY = "还没有设置登录方式，请联系管理员"
Next = Annotated[str, Query(alias="next", max_length=2_000)]


@router.get("/login")
def login(
    request: Request, desk: At, onward: Next = "/", left: Annotated[str, Query(max_length=8)] = ""
) -> Response:
    """`left`: the person wants to see this page, not to be sent on by it."""
    back_to, providers = local(onward), desk.logins.providers
    inside = inside_of(request.headers.get("user-agent", ""), providers)
    if inside and not left and not _scripted(request):
        return RedirectResponse(_way(inside, back_to), 303)
    if not desk.demo and not providers:
        raise HTTPException(404, NO_WAY)
    ways = [
        SimpleNamespace(href=_way(one, back_to), name=it.name_zh) for one, it in providers.items()
    ]
    people = _demo_people(desk) if desk.demo else []
    return page(desk, None, "/login", "login.html", ways=ways, people=people)


@router.post("/login")
def enter(request: Request, desk: At, account: Annotated[str, Form(max_length=64)]) -> Response:
    """Without a password: in the demo only, and only for the posts it offers (who of them is busiest changes)."""
    person = desk.office.people.get(account)
    if not desk.demo or person is None or person.post not in DEMO_POSTS:
        raise HTTPException(404, NO_WAY)
    desk.logins.metrics.said("demo", "in")
    return logged_in(request, desk, account, "/")


@router.get("/login/{provider}")
async def begin(request: Request, desk: At, provider: str, onward: Next = "/") -> Response:
    """To the provider, with what binds the way back to this browser."""
    _known(desk, provider)
    agent = request.headers.get("user-agent", "")
    inside = inside_of(agent, {provider: desk.logins.providers[provider]}) == provider
    try:
        url, attempt = await desk.logins.begin(provider, local(onward), inside=inside)
    except NoLogin as error:
        return _refused(desk, provider, error)
    answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    answer.set_cookie(
        _cookie(desk), attempt.cookie, max_age=ATTEMPT_S_MAX, httponly=True, samesite="lax",
        path="/", secure=desk.secure,
    )  # fmt: skip
    return answer


@router.get("/login/{provider}/callback")
async def callback(request: Request, desk: At, provider: str) -> Response:
    """RFC 6749, 4.1.2."""
    _known(desk, provider)
    cookie = request.cookies.get(_cookie(desk), "")
    try:
        subject, attempt = await desk.logins.finish(provider, cookie, request.query_params)
        account = account_of(desk.logins.ids, provider, subject)
        if account not in desk.office.people:
            raise NoLogin("person", subject=subject)
    except NoLogin as error:
        answer: Response = _refused(desk, provider, error)
    else:
        desk.logins.metrics.said(provider, "in")
        log.info("login", provider=provider, account=account)
        answer = await run_in_threadpool(logged_in, request, desk, account, attempt.back_to)
    answer.headers["Cache-Control"] = "no-store"
    answer.delete_cookie(_cookie(desk), path="/", secure=desk.secure, httponly=True, samesite="lax")
    return answer


@router.post("/logout")
def leave(request: Request, desk: At, me: Me, csrf: Annotated[str, Form()]) -> Response:
    me.owns(csrf)
    desk.sessions.close(request.cookies[desk.cookie])
    return RedirectResponse("/login?left=1", 303)


def _known(desk: Desk, provider: str) -> None:
    if provider not in desk.logins.providers:
        raise HTTPException(404, NO_WAY)


def _refused(desk: Desk, provider: str, error: NoLogin) -> HTMLResponse:
    """What the provider said of it goes to the log, and only a code of it; the person reads our words."""
    desk.logins.metrics.said(provider, error.outcome)
    log.warning("no_login", provider=provider, outcome=error.outcome, detail=error.detail)
    status, words = OUTCOMES[error.outcome]
    names = {
        "name": desk.logins.providers[provider].name_zh,
        "who": desk.office.names.posts.get(ASK_POST, "管理员"),
    }
    return page(
        desk, None, "/login", "no_login.html", status, words=words.format(**names),
        subject=error.subject,
    )  # fmt: skip


def _way(provider: str, back_to: str) -> str:
    return f"/login/{provider}" + (f"?{urlencode({'next': back_to})}" if back_to != "/" else "")


def _cookie(desk: Desk) -> str:
    return f"{desk.cookie}-login"


def _scripted(request: Request) -> bool:
    """A script cannot follow to another host, and reads off this page that the session has ended (desk.js)."""
    return by_itself(request) or request.headers.get("x-requested-with") == "desk"


def _demo_people(desk: Desk) -> list[SimpleNamespace]:
    """One of each post; of grid officers the one with the most to do."""
    busiest = read.busiest_account(desk.engine)
    found: dict[str, Person] = {}
    for person in desk.office.people.values():
        if person.post in DEMO_POSTS and (person.post not in found or person.account == busiest):
            found[person.post] = person
    ordered = sorted(found.values(), key=lambda one: DEMO_POSTS.index(one.post))
    units = desk.office.names.units
    return [
        SimpleNamespace(
            account=one.account,
            name=" · ".join(
                part
                for part in (
                    one.post_zh,
                    f"{units.get(one.unit_code, '')} {one.grid.rpartition('-')[2]}".strip(),
                )
                if part
            ),
        )
        for one in ordered
    ]
