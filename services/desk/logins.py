"""Talks with identity providers over HTTP: bounded in time, size and number; redirects are not followed."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import httpx
from fastapi.concurrency import run_in_threadpool

from services.desk.core.login import Answer, Ask, Attempt, NoLogin, Provider, Talk, resumed
from services.desk.metrics import LoginMetrics
from services.desk.nonces import Nonces
from services.runtime.clock import elapsed_s

ANSWER_S_MAX = 10.0
ANSWER_BYTES_MAX = 262_144
RENEW_S_MIN = 60.0
"""What was kept is asked for anew at most so often, whatever comes in."""
TALKS_MAX = 32
T = TypeVar("T")


class Http:
    """Asks, and keeps in memory what may be kept. `elapsed_s`: a clock that only goes on."""

    def __init__(self, clock_s: Callable[[], float] = elapsed_s) -> None:
        # it would write addresses, and with them codes and secrets, on the level info
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._trust = httpx.create_ssl_context()
        self._clock_s = clock_s
        self._kept: dict[str, tuple[float, Answer]] = {}

    async def hold(self, talk: Talk[T]) -> T:
        """To its end. Raises NoLogin; what the talk could not use is not kept."""
        asked: list[str] = []
        try:
            ask = next(talk)
            while True:
                asked.append(ask.url)
                ask = talk.send(await self._answer(ask))
        except StopIteration as end:
            found: T = end.value
            return found
        except NoLogin as error:
            # a refusal may have come with status 200: the last answer is never kept, none where one of them lied
            for url in asked if error.outcome == "answer" else asked[-1:]:
                self._kept.pop(url, None)
            raise

    async def _answer(self, ask: Ask) -> Answer:
        at_s, kept = self._kept.get(ask.url, (float("-inf"), None))
        if kept and self._clock_s() - at_s < (RENEW_S_MIN if ask.renew else ask.keep_s):
            return kept
        made = await self._ask(ask)
        if ask.keep_s and made.status == 200:
            self._kept[ask.url] = (self._clock_s(), made)
        return made

    async def _ask(self, ask: Ask) -> Answer:
        method = "GET" if ask.form is None and ask.json is None else "POST"
        # compressed, a small answer could be a large one
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **ask.headers}
        try:
            async with (
                asyncio.timeout(ANSWER_S_MAX),
                httpx.AsyncClient(verify=self._trust, timeout=ANSWER_S_MAX) as client,
                client.stream(
                    method, ask.url, data=ask.form, json=ask.json, headers=headers
                ) as got,
            ):
                return Answer(got.status_code, await _body(got))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NoLogin("away", type(error).__name__) from None  # its text may repeat the address


async def _body(got: httpx.Response) -> bytes:
    found = bytearray()
    async for part in got.aiter_raw():
        found += part
        if len(found) > ANSWER_BYTES_MAX:
            raise NoLogin("answer", "too-large")
    return bytes(found)


@dataclass
class Logins:
    """The providers of the settings. `address`: where people open the desk; `ids`: (provider, id) -> account."""

    metrics: LoginMetrics
    wall: Callable[[], datetime]
    used: Nonces
    address: str = ""
    providers: Mapping[str, Provider] = field(default_factory=dict)
    ids: Mapping[tuple[str, str], str] = field(default_factory=dict)
    http: Http = field(default_factory=Http)
    talks: int = 0

    async def begin(self, provider: str, back_to: str, *, inside: bool) -> tuple[str, Attempt]:
        """Where the browser goes, and what it must bring back. Raises NoLogin."""
        attempt = Attempt(provider, secrets.token_urlsafe(32), self._now_s(), back_to)
        talk = self.providers[provider].begin(attempt, self._back(provider), inside=inside)
        with self._seat():
            return await self.http.hold(talk), attempt

    async def finish(
        self, provider: str, cookie: str, query: Mapping[str, str]
    ) -> tuple[str, Attempt]:
        """The provider's id of the person. Each attempt comes back once. Raises NoLogin."""
        attempt = resumed(cookie, provider, query.get("state", ""), self._now_s())
        if not await run_in_threadpool(self.used.take, "login", attempt.state, self._now_s()):
            raise NoLogin("state", "used")
        talk = self.providers[provider].identify(
            attempt, self._back(provider), query, self._now_s()
        )
        with self._seat():
            return await self.http.hold(talk), attempt

    @contextmanager
    def _seat(self) -> Iterator[None]:
        if self.talks >= TALKS_MAX:
            raise NoLogin("busy")
        self.talks += 1  # one loop: nothing waits between the look and this
        try:
            yield
        finally:
            self.talks -= 1

    def _back(self, provider: str) -> str:
        """An address for each provider: a code of one is never taken to another (RFC 9700, 4.4.2.2)."""
        return f"{self.address}/login/{provider}/callback"

    def _now_s(self) -> int:
        return int(self.wall().timestamp())
