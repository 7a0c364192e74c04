"""实时: tells an open page that the read model has moved. A tick and no data: the page asks again as its own person."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.desk import read
from services.desk.place import At, Desk, Me

router = APIRouter(include_in_schema=False)
LOOK_EVERY_S = 1.0
TICK_EVERY_S = 3.0
"""At least, between two ticks of one page: it asks for all of itself. Held back here, since a page that lets a tick go
by may have let the last one go by."""
SESSION_LOOKS = 20
"""After so many looks the session is asked for where nothing moves, too: an ended one keeps no place."""
PAGES_MAX = 100
"""Open pages: half of the server's connections. One more asks every minute instead (board.html)."""


@dataclass
class Audience:
    """Who listens: one question to the read model a look, however many they are."""

    mark: int = -1
    looked_s: float = float("-inf")
    pages: int = 0
    key: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def place(self, mark: int) -> str:
        """How far the read model was, so that it can be told from elsewhere and not be counted: that is not for all."""
        return hashlib.blake2b(str(mark).encode(), key=self.key, digest_size=8).hexdigest()

    async def mark_of(self, desk: Desk) -> int:
        """How many records the read model has applied; at most LOOK_EVERY_S old."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self.looked_s >= LOOK_EVERY_S:
            self.looked_s = now_s
            self.mark = await run_in_threadpool(read.applied_count, desk.engine)
        return self.mark


def since(request: Request, desk: Desk) -> str:
    """How far the read model is now, for a page that will listen. Blocking."""
    people: Audience = request.app.state.audience
    return people.place(read.applied_count(desk.engine))


async def seat(request: Request) -> AsyncIterator[Audience]:
    """A place among the listeners until the answer has ended. Raises 503 where all are taken."""
    found: Audience = request.app.state.audience
    if found.pages >= PAGES_MAX:
        raise HTTPException(503, "同时打开的页面太多，请稍后刷新")
    found.pages += 1  # nothing waits between the look and this
    try:
        yield found
    finally:
        found.pages -= 1


@router.get("/live", response_class=EventSourceResponse)
async def live(
    request: Request, desk: At, me: Me, people: Annotated[Audience, Depends(seat)], since: str = ""
) -> AsyncIterator[ServerSentEvent]:
    """`moved` whenever there is something new. Ends with the session, and when the desk is asked to stop.

    `since`: the `place` at which the page was made; what moved before the page listened is told at the first look.
    """
    token, seen = request.cookies[desk.cookie], since
    looks, pause_s = 0, LOOK_EVERY_S
    while not request.app.state.leaving:
        await asyncio.sleep(pause_s)
        looks, pause_s = looks + 1, LOOK_EVERY_S
        place = people.place(await people.mark_of(desk))
        if (place != seen or looks % SESSION_LOOKS == 0) and not await _known(desk, token):
            return
        if place != seen:
            seen, pause_s = place, TICK_EVERY_S
            yield ServerSentEvent(raw_data="-", event="moved")


async def _known(desk: Desk, token: str) -> bool:
    found = await run_in_threadpool(desk.sessions.find, token, desk.wall(), seen=False)
    return found is not None
