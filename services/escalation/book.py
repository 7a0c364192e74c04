"""Policies by hash: a case is computed by the one it was opened under (docs/adr/0014, 0016)."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.escalation.core.policy import Policy, pinned
from services.escalation.core.state import Case
from services.escalation.settings import read_policy
from services.runtime.policy_bundle import bundle_of, folder_of, pack, unpack
from services.runtime.policy_reader import bundles, publish
from services.runtime.settings import Settings
from services.runtime.stage import CannotDecide


@dataclass
class Book:
    """`now`: for new cases. `then`: those before, as they bind a case today."""

    now: Policy
    then: dict[str, Policy] = field(default_factory=dict)

    def of(self, case: Case | None) -> Policy:
        """Raises CannotDecide where it is not here: started again, the worker reads it from the topic."""
        if case is None or case.policy in ("", self.now.hash):
            return self.now
        found = self.then.get(case.policy)
        if found is None:
            raise CannotDecide(f"case {case.case_id} is pinned to policy {case.policy}")
        return found

    def fill(self, settings: Settings, at: datetime) -> None:
        """Before the first record: ours is on the topic, so that whoever takes our cases over can compute them."""
        own, found = bundle_of(settings.policies), bundles(settings)
        if own.hash not in found:
            publish(settings, own, at)
        ours = unpack(own.content)  # stands in for files that there were not yet
        others = {
            name: read_policy(folder_of(pack(ours | unpack(one.content))))
            for name, one in found.items()
        }
        calendars = {one.calendar.version: one.calendar for one in (*others.values(), self.now)}
        self.now = replace(self.now, calendars=calendars)
        self.then = {
            name: replace(pinned(self.now, one), hash=name) for name, one in others.items()
        }
