"""Nonces that were used, in SQL: a restart does not let a recorded request in again."""

from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, delete, insert
from sqlalchemy.exc import IntegrityError

from services.desk.core.signature import NONCE_KEPT_S
from services.runtime.sql import alone, create_tables

META = MetaData()
NONCES = Table(
    "door_nonces", META,
    Column("channel", String(16), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("until_s", BigInteger, nullable=False, index=True),
)  # fmt: skip


TIDY_EVERY_S = 10


class Nonces:
    """Blocking. A power cut may lose the last of them: whoever sends such a request again sends the same submission."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self._tidied_s = engine, 0
        create_tables(engine, META)

    def take(self, channel: str, nonce: str, now_s: int) -> bool:
        """False = it was taken before. Kept for NONCE_KEPT_S."""
        row = {"channel": channel, "nonce": nonce, "until_s": now_s + NONCE_KEPT_S}
        try:
            with alone(self.engine) as link:
                if now_s >= self._tidied_s + TIDY_EVERY_S:
                    link.execute(delete(NONCES).where(NONCES.c.until_s < now_s))
                    self._tidied_s = now_s
                link.execute(insert(NONCES).values(row))
        except IntegrityError:
            return False
        return True
