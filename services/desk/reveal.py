"""查看个人信息: a claimant's contact, shown to one person for a reason that is on the log before it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.desk.core.fold import View
from services.desk.place import Send
from services.runtime import audit, reveal
from services.runtime.reveal import Opened
from services.runtime.settings import Settings
from services.runtime.vault import Vault

SOURCE = "urn:anxin:desk"
WANTED = ("name", "phone")
REASONS_ZH = ("核实诉求情况", "通知调解", "通知补正材料", "送达文书", "回访")
"""Offered; any other may be written."""


class NoVault(Exception):  # noqa: N818 - how it was set up
    """The desk was given no key to the vault (docs/adr/0026)."""


@dataclass(frozen=True)
class Revealer:
    """`vault`: opened for each act, so that a key that was renewed is the one that is used."""

    settings: Settings
    able: Callable[[], bool]
    vault: Callable[[], Vault | None]
    send: Send
    now: Callable[[], datetime]

    def __call__(self, view: View, account: str, reason: str) -> list[Opened]:
        who = audit.allowed(self.settings, "reveal", account, reason)
        vault = self.vault()
        if vault is None:
            raise NoVault
        try:
            found = {one.submission_id: one for one in view.sources}
            shown = reveal.opened(vault, found, WANTED)
        finally:
            vault.close()
        fact = reveal.fact(self.settings.district, who, reason, view.case_id, found, WANTED)
        self.send(audit.told(fact, str(view.case_id), self.now(), SOURCE))
        return shown
