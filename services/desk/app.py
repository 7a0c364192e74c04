"""The desk's wiring: pages, static files, security headers."""

from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint

from services.desk import pages, pages_board, pages_case
from services.desk.place import PAGES, Desk

NAME = "desk"
STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def build(desk: Desk) -> FastAPI:
    app = FastAPI(title="安薪 Anxin", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for part in (pages, pages_case, pages_board):
        app.include_router(part.router)
    app.middleware("http")(_guarded)
    app.exception_handler(HTTPException)(_told)
    return app


async def _guarded(request: Request, call: RequestResponseEndpoint) -> Response:
    answer = await call(request)
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


async def _told(_: Request, error: HTTPException) -> Response:
    """A page that says what is wrong, or the way to the login."""
    if error.headers and "Location" in error.headers:
        return Response(status_code=error.status_code, headers=error.headers)
    text = PAGES.get_template("told.html").render(status=error.status_code, words=error.detail)
    return Response(text, error.status_code, media_type="text/html; charset=utf-8")
