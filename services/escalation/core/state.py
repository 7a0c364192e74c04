"""What escalation remembers of a case: one row, no personal data (claimants stay in the events, sealed)."""

from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from schemas.actions import Conclusion
from schemas.escalations import Ground, Owner
from schemas.event import Instant, Model
from schemas.matter import Submission
from services.kernel.deadline import Running

SOURCES_MAX = 64
SUGGESTED_MAX = 16


class Pause(Model):
    """The clock stands still from `begins`; `ends` None = still, at most to `until`."""

    ground: Ground
    begins: Instant
    until: Instant
    ends: Instant | None = None


class Clock(Model):
    """A running clock. `source`: channel/number of a reply clock. `told`: rungs already told, in order.

    `fixed`: a document or a source set the date, not the rule. `asked`, `extension`: in the rule's unit.
    `calendar`: of a provisional end, the version it was counted by.
    """

    id: str
    variant: str = ""
    source: str = ""
    started_at: Instant
    due_at: Instant
    warn_at: tuple[Instant, ...] = ()
    hard: bool = False
    provisional: bool = False
    breached: bool = False
    told: tuple[str, ...] = ()
    steps: int = 0
    next_step_at: Instant | None = None
    fixed: bool = False
    asked: int = 0
    asked_at: Instant | None = None
    extension: int = 0
    pauses: tuple[Pause, ...] = ()
    calendar: str = ""

    @property
    def standing(self) -> tuple[Pause, ...]:
        """Pauses that have not ended: while there is one, nothing warns or lapses."""
        return tuple(one for one in self.pauses if one.ends is None)

    @property
    def running(self) -> Running:
        """What its end is counted from."""
        pauses = tuple((one.begins, one.ends) for one in self.pauses if one.ends is not None)
        return Running(self.started_at, self.due_at, pauses, self.extension)

    @property
    def key(self) -> tuple[str, str]:
        return self.id, self.source

    @property
    def next_at(self) -> datetime | None:
        """The next instant at which something is to be said."""
        if self.standing:
            return min(one.until for one in self.standing)
        if self.warn_at and not self.breached:
            return self.warn_at[0]
        return self.next_step_at if self.breached else self.due_at


class Source(Model):
    """One record of the matter and its answer. `submission` without the claimant; `leaving`: a split is under way."""

    submission: Submission
    owed: bool = False
    replied: bool = False
    leaving: bool = False

    @property
    def name(self) -> str:
        return f"{self.submission.channel}/{self.submission.external_no}"


class Suggested(Model):
    """提示核对: an older case that may be the same matter; `since`: when that came up first."""

    case_id: UUID
    number: str
    since: Instant


class Parked(Model):
    """An event that came before the one it depends on, whole. `until` None = waits for ever (a fact of ours)."""

    id: UUID
    source: str
    time: Instant
    subject: str
    type: str
    data: dict[str, JsonValue]
    traceparent: str = ""
    until: Instant | None = None


class Coming(Model):
    """What comes by the passing of time, and when, unless it is forestalled (`core/coming.py`).

    `calendar`: the version it was counted by; `provisional` 暂定: beyond what that calendar knows.
    """

    mark: str
    at: Instant
    calendar: str = ""
    provisional: bool = False


class Payment(Model):
    """支付. `full` 付清: by the word of who notes it."""

    at: Instant
    fen: int
    full: bool = False


class Deeds(Model):
    """Instants of what was done, by the time of the deed.

    `signed`: by the present holder. `tried`: when nobody was reached, the earliest three. `paid`: of the latest
    payment. `order_fen`: the case's payments in all by which the order is obeyed, 0 = not named.
    `arbitration_over`: from when to when the arbitration lasted that was ended last. `steps`: of policies/steps.csv,
    those that hold, at most STEPS_MAX.
    """

    routed: Instant | None = None
    signed: Instant | None = None
    signed_first: Instant | None = None
    contacted: Instant | None = None
    tries: int = 0
    tried: tuple[Instant, ...] = ()
    accepted: Instant | None = None
    refused: Instant | None = None
    filed: Instant | None = None
    investigated: Instant | None = None
    decided: Instant | None = None
    served: Instant | None = None
    mediated: Instant | None = None
    material_asked: Instant | None = None
    ordered: Instant | None = None
    order_lapses: Instant | None = None
    order_fen: int = 0
    paid: Instant | None = None
    payments: tuple[Payment, ...] = ()
    arbitrated: Instant | None = None
    arbitration_over: tuple[Instant, Instant] | None = None
    suspected: Instant | None = None
    referral_decided: Instant | None = None
    referral_approved: Instant | None = None
    referred: Instant | None = None
    police_refused: Instant | None = None
    review_asked: Instant | None = None
    revisited: Instant | None = None
    steps: dict[str, Instant] = Field(default_factory=dict)


class Case(Model):
    """`attempt` of the assignment, 0 = not routed, made at `assigned_at`. `owner` None = waits for the router.

    `fired`: timers told so far.
    `policy`: hash of the bundle it was opened under, empty = before there were any. `groups`: rules of
    policies/groups.toml that its employer's cases have reached together; `claimed`: since when such a group is to be
    met about. `noted`: its employer's row has heard of it.
    """

    case_id: UUID
    district: str
    number: str = ""
    opened_at: Instant | None = None
    sources: tuple[Source, ...] = ()
    urgent: bool = False
    construction: bool = False
    triage: bool = False
    owner: Owner | None = None
    attempt: int = 0
    assigned_at: Instant | None = None
    final: bool = False
    returns: int = 0
    disputed: bool = False
    signed_attempt: int = 0
    deeds: Deeds = Deeds()
    clocks: tuple[Clock, ...] = ()
    paid_fen: int = 0
    workers: int = 0
    closed_at: Instant | None = None
    conclusion: Conclusion | None = None
    remark: str = ""
    declined: bool = False
    reopened: int = 0
    reopened_at: Instant | None = None
    parked: tuple[Parked, ...] = ()
    fired: int = 0
    policy: str = ""
    groups: tuple[str, ...] = ()
    claimed: Instant | None = None
    suggested: tuple[Suggested, ...] = ()
    noted: bool = False
    coming: tuple[Coming, ...] = ()

    @property
    def open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @property
    def claimed_fen(self) -> int:
        """The most that a record says is owed; 0 = none says."""
        return max((one.submission.matter.amount_fen or 0 for one in self.sources), default=0)

    @property
    def persons(self) -> tuple[str, ...]:
        return tuple(sorted({one.submission.person for one in self.sources}))

    def clock(self, key: tuple[str, str]) -> Clock | None:
        return next((one for one in self.clocks if one.key == key), None)

    def source(self, name: str) -> Source | None:
        return next((one for one in self.sources if one.name == name), None)

    def of_submission(self, submission: UUID) -> Source | None:
        found = (one for one in self.sources if one.submission.submission_id == submission)
        return next(found, None)


def next_due(case: Case) -> datetime | None:
    """The row's earliest armed instant: a warning, a breach, a rung, what comes, the end of a parked wait."""
    found = [at for clock in case.clocks if (at := clock.next_at) is not None]
    found += [one.at for one in case.coming]
    found += [parked.until for parked in case.parked if parked.until is not None]
    return min(found, default=None)


def state_of(case: Case) -> str:
    """Where the case stands, one word of `STATES`: the furthest that was reached."""
    deeds = case.deeds
    reached = (
        ("unknown", case.opened_at is None),
        ("closed", case.closed_at is not None),
        ("triage", case.triage),
        ("served", deeds.served is not None),
        ("decided", deeds.decided is not None),
        ("investigated", deeds.investigated is not None),
        ("filed", deeds.filed is not None),
        ("refused", deeds.refused is not None),
        ("accepted", deeds.accepted is not None),
        ("waiting", case.owner is None),
        ("signed", case.signed_attempt == case.attempt),
    )
    return next((word for word, so in reached if so), "assigned")
