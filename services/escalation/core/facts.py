"""What a case is or has, by name: the words in which the tables of its life say what must hold and what must not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.escalation.core.clocks import UNOBEYED
from services.escalation.core.guards import Against
from services.escalation.core.state import Case

OUT_OF_ORDER, DONE = Against("stage_order"), Against("already_done")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a case is or has; `holds` gives the instant since when, where there is one.

    `missing`, `there`: what is told where it must hold, or must not. `by`: the verb that makes it, where a verb that
    needs no owner needs it.
    """

    holds: Callable[[Case], object]
    missing: Against = OUT_OF_ORDER
    there: Against = DONE
    by: str = ""


FACTS: Mapping[str, Fact] = {
    "open": Fact(lambda c: c.closed_at is None, Against("closed")),
    "closed": Fact(lambda c: c.closed_at, Against("not_closed"), by="close"),
    "unsettled": Fact(lambda c: c.conclusion in UNOBEYED, Against("closed")),
    "assigned": Fact(lambda c: c.owner and (c.assigned_at or c.attempt), Against("not_assigned")),
    "signed": Fact(lambda c: c.deeds.signed_first or c.deeds.signed, Against("not_signed")),
    "signed by its holder": Fact(lambda c: 0 < c.attempt == c.signed_attempt),
    "final": Fact(lambda c: c.final, there=Against("return_used")),
    "disputed": Fact(lambda c: c.disputed, there=Against("return_used")),
    "material asked": Fact(
        lambda c: c.deeds.material_asked, Against("stage_order", "material asked")
    ),
    "accepted": Fact(lambda c: c.deeds.accepted, Against("stage_order", "accepted")),
    "refused": Fact(lambda c: c.deeds.refused),
    "filed": Fact(lambda c: c.deeds.filed, Against("not_filed")),
    "investigated": Fact(lambda c: c.deeds.investigated, Against("stage_order", "investigated")),
    "decided": Fact(lambda c: c.deeds.decided, Against("stage_order", "decided")),
    "served": Fact(lambda c: c.deeds.served, Against("stage_order", "served")),
    "ordered": Fact(lambda c: c.deeds.ordered, Against("stage_order", "ordered")),
    "arbitrated": Fact(lambda c: c.deeds.arbitrated, Against("stage_order", "arbitrated")),
    "arbitration": Fact(
        lambda c: c.deeds.arbitrated or (c.deeds.arbitration_over or (None,))[0],
        Against("stage_order", "arbitrated"),
    ),
    "suspected": Fact(lambda c: c.deeds.suspected, Against("stage_order", "suspected")),
    "referral decided": Fact(lambda c: c.deeds.referral_decided),
    "referral approved": Fact(
        lambda c: c.deeds.referral_approved, Against("stage_order", "referral approved")
    ),
    "referred": Fact(lambda c: c.deeds.referred, Against("stage_order", "referred"), by="refer"),
    "police refused": Fact(
        lambda c: c.deeds.police_refused,
        Against("stage_order", "police refused"),
        by="police_reply",
    ),
    "review asked": Fact(lambda c: c.deeds.review_asked),
    "revisited": Fact(lambda c: c.deeds.revisited),
    "reopened": Fact(lambda c: c.reopened, there=Against("reopened_before")),
}
