"""A desk with its login, and a browser at its door."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from httpx import Response
from pydantic import SecretStr

from services.desk.login_settings import address_of, ids_of, providers_of
from services.desk.logins import Http, Logins
from services.desk.place import Desk
from services.runtime.settings import Settings
from tests.support.databases import Database
from tests.support.house import House, opened

ADDRESS = "http://127.0.0.1:8081"
ACCOUNT = "centre-duty"


@dataclass
class Entrance:
    """`http_s`: the clock of what is kept of providers."""

    house: House
    folder: Path
    http_s: float = 0.0

    @property
    def logins(self) -> Logins:
        found: Logins = self.house.client.app.state.desk.logins  # type: ignore[attr-defined]
        return found

    def admit(self, lines: str, ids: str, **more: Any) -> None:
        """As the settings would have it. `ids`: lines of the file without its head."""
        path = self.folder / "ids.csv"
        path.write_text(f"provider,id,account\n{ids}\n", encoding="utf-8")
        settings = Settings(
            logins=SecretStr(lines), login_ids=path, **{"desk_address": ADDRESS} | more
        )
        providers = providers_of(settings)
        state = self.house.client.app.state  # type: ignore[attr-defined]
        logins = Logins(
            self.logins.metrics, lambda: self.house.now, self.logins.used, address_of(settings),
            providers, ids_of(settings, providers), Http(lambda: self.http_s),
        )  # fmt: skip
        state.desk = Desk(**vars(state.desk) | {"logins": logins, "demo": False})

    def get(self, url: str, **headers: str) -> Response:
        """Of our own pages, whatever host stands before them."""
        parts = urlsplit(url)
        asked = parts.path + (f"?{parts.query}" if parts.query else "")
        answer: Response = self.house.client.get(asked, headers=headers)
        return answer

    def count(self, provider: str, outcome: str) -> float:
        return float(self.logins.metrics.logins.labels(provider, outcome)._value.get())

    def inside(self) -> str:
        """The account that is logged in; empty = nobody."""
        desk = self.house.client.app.state.desk  # type: ignore[attr-defined]
        token = self.house.client.cookies.get(desk.cookie, "")
        found = desk.sessions.find(token, self.house.now)
        return found.account if found else ""


@contextmanager
def entrance(database: Database, folder: Path) -> Iterator[Entrance]:
    with opened(database) as house:
        yield Entrance(house, folder)
