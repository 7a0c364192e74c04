"""隔离: an original shown, or sent again, for a reason that is on the log before either happens."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from schemas.audit import AuditFact
from schemas.event import Record
from services.desk.core.quarantine import BadRepair, edited, headers_of, mendable
from services.desk.place import Mended, Send
from services.desk.reveal import SOURCE
from services.runtime import audit, quarantine_desk, reveal
from services.runtime.publish import NotNow, Position
from services.runtime.quarantine_desk import Log
from services.runtime.settings import Settings

REASONS_ZH = ("查找无法处理的原因", "更正后重新受理", "程序已修复，重新受理", "与来源核对")
"""Offered; any other may be written."""
WAIT_S_MAX = 20.0


@dataclass(frozen=True)
class Keeper:
    """One act at a time: pressed twice, the second finds the mark that the first one left. Blocking."""

    settings: Settings
    log: Log
    send: Send
    now: Callable[[], datetime]
    gate: threading.Lock = field(default_factory=threading.Lock)

    def see(self, position: str, account: str, reason: str) -> Record:
        who = audit.allowed(self.settings, "quarantine", account, reason)
        with self._alone():
            entry = self.log.find(position)
            self._tell(reveal.original_fact(self.settings.district, who, reason, position))
        return entry.original

    def redrive(
        self, position: str, account: str, reason: str, mended: Mended | None = None
    ) -> Position:
        fact = quarantine_desk.asked(self.settings, position, account, reason)
        with self._alone():
            return quarantine_desk.redrive(
                self.log, fact, lambda original: _changed(original, mended), self._tell
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self.gate.acquire(timeout=WAIT_S_MAX):
            raise NotNow("another act at the quarantine is still under way")
        try:
            yield
        finally:
            self.gate.release()

    def _tell(self, fact: AuditFact) -> None:
        position = str(getattr(fact, "position", ""))
        self.send(audit.told(fact, position, self.now(), SOURCE))


def _changed(
    original: Record, mended: Mended | None
) -> tuple[bytes | None, tuple[tuple[str, str], ...]]:
    if mended is None:
        return None, ()
    if not mendable(original.topic):
        raise BadRepair("系统内部的记录不能改，只能原样重投")
    return edited(original, mended.text), headers_of(mended.headers)
