"""What the router remembers of a case."""

from uuid import UUID

from schemas.cases import CaseRouted, Target
from schemas.escalations import AssignmentReturned
from schemas.event import Model
from services.router.core.weigh import key_of

PARKED_MAX = 16
TRIED_MAX = 16


class RouteRow(Model):
    """`last`: who has it now; `tried`: keys of all who had it; `parked`: returns that came before the case."""

    case_id: UUID
    opened: bool = False
    attempts: int = 0
    last: Target | None = None
    tried: tuple[str, ...] = ()
    alternatives: tuple[Target, ...] = ()
    final: bool = False
    parked: tuple[AssignmentReturned, ...] = ()

    def after(self, routed: CaseRouted) -> "RouteRow":
        changes = {
            "opened": True,
            "parked": (),
            "attempts": routed.attempt,
            "last": routed.target,
            "tried": (*self.tried, key_of(routed.target))[-TRIED_MAX:],
            "alternatives": routed.alternatives,
            "final": routed.final,
        }
        return self.model_copy(update=changes)
