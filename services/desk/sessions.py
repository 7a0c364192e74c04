"""Who is logged in: a random token in a cookie, its hash in SQL, so that an operator can end any of them.

They lie beside the door's nonces and not in the read model: a new shape of that logs nobody out.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    delete,
    insert,
    or_,
    select,
    update,
)

from services.runtime.sql import create_tables, utc

LASTS = timedelta(hours=10)
"""A working day; then a person logs in again."""
IDLE = timedelta(hours=2)
"""Without a sign of the person; a lunch break is shorter."""
SEEN_EVERY = timedelta(minutes=5)
"""One write in so long, however much is clicked; a session may end that much before IDLE is over."""
META = MetaData()
SESSIONS = Table(
    "sessions",
    META,
    Column("token_sha256", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("csrf", String(43), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
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
        create_tables(engine, META)

    def open(self, account: str, now: datetime) -> str:
        """The token for the cookie; it is kept nowhere else."""
        token = secrets.token_urlsafe(32)
        row = {
            "token_sha256": _hash(token),
            "account": account,
            "csrf": secrets.token_urlsafe(32),
            "seen_at": now,
            "ends_at": now + LASTS,
        }
        over = or_(SESSIONS.c.ends_at <= now, SESSIONS.c.seen_at <= now - IDLE)
        with self.engine.begin() as link:
            link.execute(delete(SESSIONS).where(over))
            link.execute(insert(SESSIONS).values(row))
        return token

    def find(self, token: str, now: datetime, *, seen: bool = True) -> Session | None:
        """`seen`: a person asks, not a page by itself."""
        mine = SESSIONS.c.token_sha256 == _hash(token)
        with self.engine.connect() as link:
            row = link.execute(
                select(SESSIONS).where(
                    mine, SESSIONS.c.ends_at > now, SESSIONS.c.seen_at > now - IDLE
                )
            ).first()
        if row is None:
            return None
        if seen and now - utc(row.seen_at) >= SEEN_EVERY:
            with self.engine.begin() as link:
                link.execute(update(SESSIONS).where(mine).values(seen_at=now))
        return Session(row.account, row.csrf)

    def close(self, token: str) -> None:
        """One that is not there is closed already."""
        with self.engine.begin() as link:
            link.execute(delete(SESSIONS).where(SESSIONS.c.token_sha256 == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
