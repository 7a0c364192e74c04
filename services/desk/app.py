"""The desk's wiring: pages, static files, the door for channels, security headers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint

from services.desk import (
    live,
    openapi,
    pages,
    pages_board,
    pages_case,
    pages_indicators,
    pages_login,
    pages_messages,
    pages_quarantine,
)
from services.desk.bounded import Bounded
from services.desk.core import invalid
from services.desk.core.problem import MEDIA_TYPE, Problem
from services.desk.edge import Edge
from services.desk.place import MENU, PAGES, Desk

NAME = "desk"
STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


FOR_PROGRAMS = ("/v1/", "/open311/")
"""Below these an answer is JSON, and so is what is wrong."""
REFUSED = {
    413: "提交的内容太长，没有收下", 408: "网络太慢，内容没有传完，请再试一次", 415: "表单只收 UTF-8 文字",
}  # fmt: skip
MISREAD = "网址或表单里有不对的地方，没有办成"
HTML = "text/html; charset=utf-8"
NAMED = {href: name for menu in MENU.values() for href, name in menu}
PAGE_PARTS = (
    pages,
    pages_login,
    pages_messages,
    pages_case,
    pages_board,
    pages_indicators,
    pages_quarantine,
    live,
)
BY_STATUS = {404: "not_found", 405: "bad_method"}


def build(desk: Desk | None, door: Edge | None = None) -> FastAPI:
    """Pages, where there is a desk; the door for channels, where there is one."""
    app = FastAPI(
        title="安薪 Anxin", docs_url=None, redoc_url=None, openapi_url=None,
        redirect_slashes=False,  # its redirects name the host that the caller says
    )  # fmt: skip
    app.state.desk, app.state.edge = desk, door
    app.state.audience, app.state.leaving = live.Audience(), False
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    routers = [part.router for part in PAGE_PARTS] if desk else []
    for one in (*routers, *(openapi.ROUTERS if door else ())):
        app.include_router(one)
    if door:
        app.add_api_route("/openapi.json", _openapi, include_in_schema=False)
    # inside _guarded, whose headers stand on its refusals, too
    app.add_middleware(Bounded, elsewhere=FOR_PROGRAMS, refused=_refused)
    app.middleware("http")(_guarded)
    app.exception_handler(Problem)(_problem)
    app.exception_handler(HTTPException)(_told)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(Exception)(_broken)
    return app


async def _guarded(request: Request, call: RequestResponseEndpoint) -> Response:
    return _with_headers(request, await call(request))


def _with_headers(request: Request, answer: Response) -> Response:
    """What is no file of ours may hold personal data or be of one session: it is kept nowhere on the way."""
    kept = {} if request.scope["path"].startswith("/static/") else {"Cache-Control": "no-store"}
    for name, value in (HEADERS | kept).items():
        answer.headers.setdefault(name, value)
    return answer


async def _broken(request: Request, _: Exception) -> Response:
    """A fault of ours. It is answered outside of _guarded."""
    if request.scope["path"].startswith(FOR_PROGRAMS):
        text = json.dumps({"type": "about:blank", "title": "Internal Server Error", "status": 500})
        answer = Response(text, 500, media_type=MEDIA_TYPE)
    else:
        answer = _said(500, "系统出了故障，这一步没有办成，请稍后再试")
    return _with_headers(request, answer)


async def _told(request: Request, error: HTTPException) -> Response:
    """A page that says what is wrong, or the way to the login; to a program, a problem."""
    if request.scope["path"].startswith(FOR_PROGRAMS) and error.status_code in BY_STATUS:
        return _answer(Problem(BY_STATUS[error.status_code]), error.headers)
    if error.headers and error.headers.keys() & {"Location", "HX-Redirect"}:
        return Response(status_code=error.status_code, headers=error.headers)
    return _said(error.status_code, error.detail)


def _said(
    status: int, words: str, faults: Sequence[str] = (), back: tuple[str, str] = ("/", "首页")
) -> Response:
    text = PAGES.get_template("told.html").render(
        status=status, words=words, faults=faults, back=back
    )
    return Response(text, status, media_type=HTML)


def _refused(status: int) -> Response:
    """Of a form that Bounded did not take."""
    return _said(status, REFUSED[status])


async def _problem(request: Request, problem: Problem) -> Response:
    door: Edge = request.app.state.edge
    door.metrics.answered(getattr(request.state, "channel", ""), problem.code)
    return _answer(problem)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    """A page with what is wrong and the way back, or a part of a page; to a program, a problem."""
    path = request.scope["path"]
    if path.startswith(FOR_PROGRAMS):
        return _answer(Problem("bad_parameter", str(error.errors()[0]["loc"][-1])))
    faults = invalid.faults(error.errors())
    if "hx-request" in request.headers:
        text = PAGES.get_template("told_part.html").render(words=MISREAD, faults=faults)
        return Response(text, 422, media_type=HTML)
    return _said(422, MISREAD, faults, invalid.back(path, NAMED))


def _answer(problem: Problem, more: Any = None) -> Response:
    text = json.dumps(problem.body(), ensure_ascii=False)
    return Response(text, problem.status, {**(more or {}), **problem.headers})


async def _openapi() -> Response:
    return FileResponse(openapi.FILE, media_type="application/json")
