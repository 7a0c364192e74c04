"""读模型: what the pages know of a case, folded from its events. Each field comes from one topic only.

Order is kept within a topic and a case, not across topics; so the view is the same however topics interleave.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas import cases as c
from schemas import escalations as e
from schemas.actions import Conclusion
from schemas.employers import GroupClaimRaised
from schemas.escalations import Ground, Owner
from schemas.event import Data, Event, Instant, Model
from schemas.matter import Submission
from schemas.submissions import SubmissionAmended
from services.kernel.governing import governing

FORMAL = ("accept", "refuse", "file", "end_investigation", "decide")
STATES = {
    "accept": "accepted", "refuse": "refused", "file": "filed",
    "end_investigation": "investigated", "decide": "decided", "serve": "served",
}  # fmt: skip
FURTHEST = ("serve", "decide", "end_investigation", "file", "refuse", "accept")
TOLD_MAX = 64


class ClockView(Model):
    """A running clock (期限)."""

    clock: str
    variant: str = ""
    source: str = ""
    started_at: Instant
    due_at: Instant
    hard: bool
    provisional: bool
    basis: str
    breached: bool = False
    standing: tuple[Ground, ...] = ()
    extended_days: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.clock, self.source


class Told(Model):
    """Whom a lapse or a warning was told (督办)."""

    at: Instant
    clock: str
    variant: str = ""
    to: Owner
    outcome: str = ""


class Answer(Model):
    """What a source is to be answered (应答复)."""

    submission_id: UUID
    channel: str
    external_no: str
    conclusion: Conclusion
    owed_at: Instant


class View(Model):
    """`verbs`: deeds that count for the state. `claims`: what its employer's cases reached together.

    `received`: sources (channel/number) that have their answer.
    """

    case_id: UUID
    district: str
    # of `cases`
    number: str = ""
    opened_at: Instant | None = None
    sources: tuple[Submission, ...] = ()
    split_from: UUID | None = None
    suggested: c.MatterSuggested | None = None
    # of `routings`
    routed: c.CaseRouted | None = None
    declined: c.CaseDeclined | None = None
    # of `claims`
    claims: tuple[GroupClaimRaised, ...] = ()
    # of `escalations`
    attempt: int = 0
    owner: Owner | None = None
    assigned_urgent: bool = False
    signed_attempt: int = 0
    contacted: bool = False
    returns: int = 0
    disputed: bool = False
    verbs: tuple[str, ...] = ()
    clocks: tuple[ClockView, ...] = ()
    told: tuple[Told, ...] = ()
    answers: tuple[Answer, ...] = ()
    received: tuple[str, ...] = ()
    paid_fen: int = 0
    workers: int = 0
    closed_at: Instant | None = None
    conclusion: Conclusion | None = None
    reopened_at: Instant | None = None

    @property
    def state(self) -> str:
        """One word of policies/texts.zh.toml [state]: the furthest that was reached."""
        if self.closed_at:
            return "closed"
        if self.routed and self.routed.rule_kind == "triage":
            return "triage"
        reached = next((verb for verb in FURTHEST if verb in self.verbs), None)
        if reached:
            return STATES[reached]
        if self.owner is None:
            return "waiting"
        return "signed" if self.signed else "assigned"

    @property
    def signed(self) -> bool:
        """By who holds it now."""
        return 0 < self.signed_attempt == self.attempt

    @property
    def urgent(self) -> bool:
        """By a record, a group claim, or as it was assigned."""
        told = any(one.effect == "urgent" for one in self.claims)
        return self.assigned_urgent or told or any(s.matter.urgent for s in self.sources)

    @property
    def governing(self) -> ClockView | None:
        """The clock that governs: the earliest hard one that runs, else the earliest soft one."""
        return governing(self.clocks)

    @property
    def next_due(self) -> ClockView | None:
        """What ends first, hard or soft: what somebody must do now."""
        running = (one for one in self.clocks if not one.standing)
        return min(running, key=lambda one: (one.due_at, one.key), default=None)

    def clock(self, data: e.ClockFact) -> ClockView | None:
        found = (o for o in self.clocks if (o.clock, o.source) == (data.clock, data.source))
        return next(found, None)


def case_of(data: Data) -> UUID | None:
    found = getattr(data, "case_id", None)
    return found if isinstance(found, UUID) else None


def fold(view: View | None, event: Event) -> View | None:
    """The view after one event of its case; None = not an event of a case."""
    case = case_of(event.data)
    if case is None:
        return view
    view = view or View(case_id=case, district=event.data.district)
    apply = APPLY.get(type(event.data))
    return view if apply is None else view.model_copy(update=apply(view, event.data, event.time))


Change = dict[str, Any]


def _opened(view: View, data: c.CaseOpened, at: datetime) -> Change:
    return {
        "number": data.number,
        "opened_at": at,
        "sources": (data.submission, *view.sources),
        "split_from": data.split_from,
    }


def _joined(view: View, data: c.SubmissionJoined, at: datetime) -> Change:
    return {"sources": (*view.sources, data.submission)}


def _amended(view: View, data: SubmissionAmended, at: datetime) -> Change:
    same = data.submission.submission_id
    return {
        "sources": tuple(data.submission if s.submission_id == same else s for s in view.sources)
    }


def _split(view: View, data: c.SubmissionSplit, at: datetime) -> Change:
    return {"sources": tuple(s for s in view.sources if s.submission_id != data.submission_id)}


def _suggested(view: View, data: c.MatterSuggested, at: datetime) -> Change:
    return {"suggested": data}


def _routed(view: View, data: c.CaseRouted, at: datetime) -> Change:
    return {"routed": data}


def _declined(view: View, data: c.CaseDeclined, at: datetime) -> Change:
    return {"declined": data}


def _claimed(view: View, data: GroupClaimRaised, at: datetime) -> Change:
    return {"claims": (*(one for one in view.claims if one.rule != data.rule), data)}


def _assigned(view: View, data: e.AssignmentMade, at: datetime) -> Change:
    return {
        "attempt": data.attempt,
        "owner": data.owner,
        "assigned_urgent": data.urgent,
        "disputed": False,
    }


def _returned(view: View, data: e.AssignmentReturned, at: datetime) -> Change:
    gone = not data.disputed or data.ruled
    return {
        "returns": data.returns,
        "disputed": data.disputed and not data.ruled,
        "owner": None if gone else view.owner,
    }


def _taken(view: View, data: e.ActionTaken, at: datetime) -> Change:
    change: Change = {}
    if data.verb == "sign":
        change["signed_attempt"] = view.attempt
    if data.verb == "contact":
        change["contacted"] = view.contacted or bool(data.detail.get("reached", True))
    served = data.verb == "serve" and data.detail.get("document_kind") == "decision"
    if data.verb in FORMAL or served:
        change["verbs"] = tuple(dict.fromkeys((*view.verbs, data.verb)))
    if data.verb == "replied" and (not view.reopened_at or data.acted_at >= view.reopened_at):
        name = f"{data.detail.get('channel')}/{data.detail.get('external_no')}"
        change["received"] = tuple(dict.fromkeys((*view.received, name)))
    if data.verb == "pay":
        change["paid_fen"] = view.paid_fen + _whole(data.detail.get("amount_fen"))
        change["workers"] = view.workers + _whole(data.detail.get("workers"))
    return change


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _started(view: View, data: e.ClockStarted, at: datetime) -> Change:
    clock = ClockView(
        clock=data.clock,
        variant=data.variant,
        source=data.source,
        started_at=data.started_at,
        due_at=data.due_at,
        hard=data.hard,
        provisional=data.provisional,
        basis=data.basis,
    )
    return {"clocks": (*_others(view, data), clock)}


def _stopped(view: View, data: e.ClockStopped, at: datetime) -> Change:
    return {"clocks": _others(view, data)}


def _others(view: View, data: e.ClockFact) -> tuple[ClockView, ...]:
    return tuple(o for o in view.clocks if (o.clock, o.source) != (data.clock, data.source))


def _clock(view: View, data: e.ClockFact, **change: object) -> Change:
    now = view.clock(data)
    if now is None:
        return {}
    after = now.model_copy(update=change)
    return {"clocks": tuple(after if one is now else one for one in view.clocks)}


def _paused(view: View, data: e.ClockPaused, at: datetime) -> Change:
    now = view.clock(data)
    standing = (*(now.standing if now else ()), data.ground)
    breached = bool(now and now.breached and not data.breach_withdrawn)
    return _clock(view, data, standing=standing, due_at=data.due_at, breached=breached)


def _resumed(view: View, data: e.ClockResumed, at: datetime) -> Change:
    now = view.clock(data)
    standing = tuple(one for one in (now.standing if now else ()) if one != data.ground)
    return _clock(view, data, standing=standing, due_at=data.due_at, provisional=data.provisional)


def _extended(view: View, data: e.ClockExtended, at: datetime) -> Change:
    now = view.clock(data)
    return _clock(
        view,
        data,
        due_at=data.due_at,
        provisional=data.provisional,
        breached=bool(now and now.breached and not data.breach_withdrawn),
        extended_days=(now.extended_days if now else 0) + data.days,
    )


def _recomputed(view: View, data: e.ClockRecomputed, at: datetime) -> Change:
    began = {"started_at": data.started_at} if data.started_at else {}
    return _clock(view, data, due_at=data.due_at, provisional=data.provisional, **began)


def _breached(view: View, data: e.DeadlineBreached, at: datetime) -> Change:
    return _clock(view, data, breached=True)


def _escalated(view: View, data: e.CaseEscalated, at: datetime) -> Change:
    one = Told(at=at, clock=data.clock, variant=data.variant, to=data.to, outcome=data.outcome)
    return {"told": (*view.told, one)[-TOLD_MAX:]}


def _owed(view: View, data: e.ReplyOwed, at: datetime) -> Change:
    one = Answer(
        submission_id=data.submission_id,
        channel=data.channel,
        external_no=data.external_no,
        conclusion=data.conclusion,
        owed_at=at,
    )
    kept = (a for a in view.answers if a.submission_id != data.submission_id)
    return {"answers": (*kept, one)}


def _closed(view: View, data: e.CaseClosed, at: datetime) -> Change:
    return {"closed_at": data.closed_at, "conclusion": data.conclusion}


def _reopened(view: View, data: e.CaseReopened, at: datetime) -> Change:
    return {
        "closed_at": None,
        "conclusion": None,
        "reopened_at": data.reopened_at,
        "answers": (),
        "received": (),
    }


APPLY: Mapping[type[Data], Callable[[View, Any, datetime], Change]] = {
    c.CaseOpened: _opened,
    c.SubmissionJoined: _joined,
    SubmissionAmended: _amended,
    c.SubmissionSplit: _split,
    c.MatterSuggested: _suggested,
    c.CaseRouted: _routed,
    c.CaseDeclined: _declined,
    GroupClaimRaised: _claimed,
    e.AssignmentMade: _assigned,
    e.AssignmentReturned: _returned,
    e.ActionTaken: _taken,
    e.ClockStarted: _started,
    e.ClockStopped: _stopped,
    e.ClockPaused: _paused,
    e.ClockResumed: _resumed,
    e.ClockExtended: _extended,
    e.ClockRecomputed: _recomputed,
    e.DeadlineBreached: _breached,
    e.CaseEscalated: _escalated,
    e.ReplyOwed: _owed,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
}
