"""How much of a request's body is read, and for how long: for the door, and for every form of the pages."""

import asyncio
import re
from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_S_MAX = 20.0
PAGE_BODY_BYTES_MAX = 65_536
REPAIR_BODY_BYTES_MAX = 524_288
"""A repaired text of 20 000 characters (core/quarantine.py), each up to twelve bytes in a form, and its headers."""
_REPAIR = re.compile(r"/quarantine/[^/]+/repair")


class TooLarge(Exception):  # noqa: N818 - a fact about a request
    """`said`: by its Content-Length, nothing was read."""

    def __init__(self, *, said: bool) -> None:
        super().__init__()
        self.said = said


class TooSlow(Exception):  # noqa: N818 - a fact about a request
    """It did not come within BODY_S_MAX."""


async def body_of(request: Request, bytes_max: int) -> bytes:
    """Raises TooLarge, TooSlow."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > bytes_max:
        raise TooLarge(said=True)
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_S_MAX):
            async for part in request.stream():
                found += part
                if len(found) > bytes_max:
                    raise TooLarge(said=False)
    except TimeoutError:
        raise TooSlow from None
    return bytes(found)


def bytes_max(path: str) -> int:
    """Of a page's form."""
    return REPAIR_BODY_BYTES_MAX if _REPAIR.fullmatch(path) else PAGE_BODY_BYTES_MAX


def in_utf8(media_type: str) -> bool:
    """Said, or nothing said. Of UTF-7 Python reads text that is no Unicode, and of some names it knows no encoding."""
    parts = media_type.lower().replace('"', "").split("charset")
    return len(parts) == 1 or (len(parts) == 2 and parts[1].strip() == "=utf-8")


class Bounded:
    """Pages get a body that is whole and within its bound, or are not asked. `refused`: answers 413, 408 or 415.

    `elsewhere`: paths that begin so read their own (the door has to tell its refusal as a problem).
    """

    def __init__(
        self, app: ASGIApp, elsewhere: tuple[str, ...], refused: Callable[[int], ASGIApp]
    ) -> None:
        self.app, self.elsewhere, self.refused = app, elsewhere, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self.elsewhere):
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        if not in_utf8(request.headers.get("content-type", "")):
            return await self.refused(415)(scope, receive, send)
        try:
            body = await body_of(request, bytes_max(scope["path"]))
        except TooLarge:
            return await self.refused(413)(scope, receive, send)
        except TooSlow:
            return await self.refused(408)(scope, receive, send)
        except ClientDisconnect:
            return None  # nobody is there to be answered
        return await self.app(scope, _again(body, receive), send)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever else the caller does."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
