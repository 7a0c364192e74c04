"""Who is logged in: a random token in a cookie, its hash in SQL, so that an operator can end any of them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, delete, insert, select

from services.runtime.sql import create_tables

LASTS = timedelta(hours=10)
"""A working day; then a person logs in again."""
_META = MetaData()
_SESSIONS = Table(
    "sessions",
    _META,
    Column("token_sha256", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("csrf", String(43), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf`: stands in every form of this session and in no other."""

    account: str
    csrf: str

    def owns(self, csrf: str) -> bool:
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class Sessions:
    """Blocking."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        create_tables(engine, _META)

    def open(self, account: str, now: datetime) -> str:
        """The token for the cookie; it is kept nowhere else."""
        token = secrets.token_urlsafe(32)
        row = {
            "token_sha256": _hash(token),
            "account": account,
            "csrf": secrets.token_urlsafe(32),
            "ends_at": now + LASTS,
        }
        with self.engine.begin() as link:
            link.execute(delete(_SESSIONS).where(_SESSIONS.c.ends_at <= now))
            link.execute(insert(_SESSIONS).values(row))
        return token

    def find(self, token: str, now: datetime) -> Session | None:
        with self.engine.connect() as link:
            row = link.execute(
                select(_SESSIONS).where(
                    _SESSIONS.c.token_sha256 == _hash(token), _SESSIONS.c.ends_at > now
                )
            ).first()
        return None if row is None else Session(row.account, row.csrf)

    def close(self, token: str) -> None:
        with self.engine.begin() as link:
            link.execute(delete(_SESSIONS).where(_SESSIONS.c.token_sha256 == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
