"""案件的一生: one row a verb. Who may is in policies/verbs.csv; what it starts and stops, in policies/clocks.csv.

docs/case-life.md is printed from this table.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from schemas import actions as a
from services.escalation.core import deeds as d
from services.escalation.core import deeds_formal as f
from services.escalation.core import guards as g
from services.escalation.core import guards_formal as h
from services.escalation.core import procedure as p
from services.escalation.core.facts import FACTS
from services.escalation.core.guards import Against
from services.escalation.core.state import Case
from services.escalation.core.turn import Turn

Deed = Callable[[Turn, a.Action], Turn]
Guard = Callable[[Turn, a.Action], Against | None]


def nothing(turn: Turn, command: a.Action) -> Against | None:
    return None


@dataclass(frozen=True, slots=True)
class Life:
    """`needs`: facts that must hold; `never`: that must not; `guard`: what no table can say.

    `marks`: what it may be called in clocks.csv (starts_on, stops_on); `leads`: the state it opens (from `origin`).
    `waits`: for an owner, although it may come after closing.
    """

    verb: str
    does: Deed
    needs: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    guard: Guard = nothing
    marks: tuple[str, ...] = ()
    leads: str = ""
    origin: str = ""
    waits: bool = False

    @property
    def of_owner(self) -> bool:
        """While the case is open and nobody holds it, the command waits."""
        return self.waits or "open" in self.needs

    def against(self, case: Case) -> Against | None:
        return self.among(frozenset(name for name, fact in FACTS.items() if fact.holds(case)))

    def among(self, facts: frozenset[str]) -> Against | None:
        """Whether the case is open or closed comes first, then what was done, then what is missing."""
        missing = [name for name in self.needs if name not in facts]
        if "open" in missing or "closed" in missing:
            return FACTS[missing[0]].missing
        there = next((FACTS[name].there for name in self.never if name in facts), None)
        return there or (FACTS[missing[0]].missing if missing else None)

    def too_early(self, turn: Turn) -> Against | None:
        """Each fact needed is older than the deed, by the instants."""
        since = ((name, FACTS[name].holds(turn.case)) for name in self.needs)
        return next((found for name, at in since if (found := g.precedes(turn, at, name))), None)


O = ("open",)  # noqa: E741 - most rows begin with it
HELD = ("open", "assigned")
FORMAL = ("open", "filed")
LIFE: tuple[Life, ...] = (
    Life("sign", d.sign, HELD, ("signed by its holder",), marks=("signed",), leads="signed"),
    Life("contact", d.contact, O, marks=("contacted",)),
    Life("return", d.return_, HELD, ("final", "disputed"), g.return_, ("returned",), "waiting"),
    Life("dispute", d.dispute, HELD, ("final", "disputed"), marks=("returned",)),
    Life("route", d.route, O, (), g.route, ("ruled",), "waiting"),
    Life("mediate", d.mediate, (*O, "signed"), marks=("mediated_failed",)),
    Life("withdraw", d.noted, O),
    Life("ask_material", f.ask_material, O, ("accepted", "refused", "material asked"), h.pauses_left),
    Life("take_material", f.take_material, (*O, "material asked")),
    Life("accept", d.step("accepted"), O, ("accepted", "refused"), marks=("accepted",), leads="accepted"),
    Life("refuse", d.step("refused"), O, ("accepted", "refused"), marks=("refused",), leads="refused"),
    Life("file", f.file, (*O, "accepted"), ("filed",), h.inspectors, ("filed",), "filed"),
    Life("suspend", f.suspend, FORMAL, ("investigated",), h.running),
    Life("arbitrate", f.arbitrate, O, ("arbitrated",), h.pauses_left, ("arbitration_accepted",)),
    Life("resume", f.resume_clocks, O, guard=h.standing),
    Life("ask_extension", f.ask_extension, guard=h.may_extend, waits=True),
    Life("rule_extension", f.rule_extension, guard=h.asked, waits=True),
    Life("end_investigation", d.step("investigated", "investigation_ended"), FORMAL, ("investigated",),
         marks=("investigation_ended",), leads="investigated"),
    Life("decide", d.step("decided"), (*O, "investigated"), ("decided",), marks=("decided",), leads="decided"),
    Life("serve", f.serve, FORMAL, (), h.serve, ("served", "correction_served"), "served", "decided"),
    Life("suspect_crime", d.step("suspected", "crime_suspected"), FORMAL, ("suspected",), h.crime,
         ("crime_suspected",)),
    Life("decide_referral", f.decide_referral, (*O, "suspected"), ("referral decided",),
         marks=("refer_decided",)),
    Life("refer", d.step("referred"), (*O, "referral approved"), ("referred",), marks=("referred",)),
    Life("police_reply", f.police_reply, ("referred",),
         marks=("police_replied", "police_refused", "police_filed")),
    Life("ask_review", d.step("review_asked"), ("police refused",), ("review asked",), marks=("review_asked",)),
    Life("meet", d.met, O, marks=("meeting_held",)),
    Life("note_step", p.note_step, guard=p.may_note, waits=True),
    Life("pay", d.pay, ("unsettled",), marks=("paid",), waits=True),
    Life("close", d.close, (*O, "signed"), (), g.conclusion, ("closed",), "closed"),
    Life("revisit", d.revisit, ("closed",), ("revisited",),
         marks=("revisited", "revisited_unsatisfied")),
    Life("reopen", d.reopen, ("closed",), ("reopened",), g.not_joined_away, leads="signed"),
    Life("split", d.split, guard=g.split),
    Life("join", d.join, O, ("accepted", "refused", "material asked", "arbitration"), g.join),
    Life("comment", d.noted),
    Life("replied", d.replied, guard=g.replied),
)  # fmt: skip
OPEN = ("open", "unsettled")
ROUTED = (*OPEN, "assigned")
SIGNED = (*ROUTED, "signed", "signed by its holder")
STATES: Mapping[str, frozenset[str]] = {
    "waiting": frozenset(OPEN),
    "triage": frozenset(ROUTED),
    "assigned": frozenset(ROUTED),
    "signed": frozenset(SIGNED),
    "accepted": frozenset((*SIGNED, "accepted")),
    "refused": frozenset((*SIGNED, "refused")),
    "filed": frozenset((*SIGNED, "accepted", "filed")),
    "investigated": frozenset((*SIGNED, "accepted", "filed", "investigated")),
    "decided": frozenset((*SIGNED, "accepted", "filed", "investigated", "decided")),
    "served": frozenset((*SIGNED, "accepted", "filed", "investigated", "decided", "served")),
    "closed": frozenset(("closed", *SIGNED[2:])),
}
"""The words of `state_of` on the ordinary way, and what holds there. In `waiting` a command waits for its owner."""
BY_VERB: Mapping[str, Life] = {one.verb: one for one in LIFE}
ANY_TIME = frozenset(one.verb for one in LIFE if not one.of_owner)
"""Verbs that need no owner."""


def behind(case: Case, verb: str, waiting: Collection[str]) -> Against | None:
    """What a verb of any time lacks and an act of the `waiting` verbs may still bring."""
    lacks = [FACTS[name] for name in BY_VERB[verb].needs if not FACTS[name].holds(case)]
    return next((one.missing for one in lacks if one.by in waiting), None)


def against(turn: Turn, command: a.Action) -> Against | None:
    """The first thing that speaks against a command; None = nothing."""
    life = BY_VERB[command.VERB]
    return (
        g.instant(turn, command)
        or g.power(turn, command)
        or life.against(turn.case)
        or g.place(turn, command)
        or g.stale(turn, command)
        or life.too_early(turn)
        or life.guard(turn, command)
    )
