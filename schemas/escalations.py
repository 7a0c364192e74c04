"""Topic `escalations`, key: case id: the facts escalation decided. And `replies`."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import JsonValue

from schemas.actions import Actor, Conclusion
from schemas.event import Data, Instant, Model
from schemas.matter import Channel, Submission

RefusalReason = Literal[
    "unknown_case", "closed", "not_closed", "not_assigned", "not_signed", "already_done",
    "not_allowed_for_post", "not_this_owner", "return_used", "return_late", "missing_evidence",
    "unknown_source", "unknown_grid", "in_the_future", "before_the_case", "not_paid", "reply_open",
    "reopened_before", "too_many_waiting", "not_filed", "stage_order", "last_source",
    "unknown_clock", "no_extension", "extension_late", "extension_too_long", "not_paused",
    "below_threshold", "stale", "bad_date", "cannot_apply", "too_many_pauses",
    "too_early", "unknown_step", "unknown_variant", "not_dated", "not_yet", "overtaken",
    "not_suggested", "not_joinable", "joined_away",
]  # fmt: skip


Ground = Literal["material", "suspended", "assistance", "arbitration", "referral"]
"""Why a clock may stand still: 补正, 中止, 协助查询, 仲裁或诉讼, 移送公安."""


class Owner(Model):
    """Who holds the case at a rung. `fallback_from` = the post that was empty; `deputy_for` = who is away (代理)."""

    rung: str
    post: str
    grid: str = ""
    unit_code: str = ""
    account: str = ""
    fallback_from: str = ""
    deputy_for: str = ""


class CaseFact(Data):
    case_id: UUID


class AssignmentMade(CaseFact):
    """指派. `clock`, `variant`, `source`, `due_at`: what governs the case now (主导期限), empty where nothing runs."""

    TYPE: ClassVar[str] = "cn.anxin.assignment.made.v1"
    attempt: int
    owner: Owner
    urgent: bool = False
    clock: str = ""
    variant: str = ""
    source: str = ""
    due_at: Instant | None = None


class AssignmentReturned(CaseFact):
    """退单: router sends it elsewhere, or a superior rules (`disputed`)."""

    TYPE: ClassVar[str] = "cn.anxin.assignment.returned.v1"
    reason: str
    returns: int
    from_grid: str
    to_grid: str = ""
    disputed: bool = False
    route_grid: str = ""
    route_unit_code: str = ""
    ruled: bool = False


class ActionTaken(CaseFact):
    TYPE: ClassVar[str] = "cn.anxin.action.taken.v1"
    command_id: UUID
    verb: str
    actor: Actor
    acted_at: Instant
    detail: dict[str, JsonValue]


class ActionRefused(CaseFact):
    """A command that changed nothing, and why."""

    TYPE: ClassVar[str] = "cn.anxin.action.refused.v1"
    command_id: UUID
    verb: str
    actor: Actor
    acted_at: Instant
    reason: RefusalReason
    reason_zh: str


class ClockFact(CaseFact):
    """`clock` = id of policies/clocks.csv; `source` = channel/external number of a reply clock, else empty."""

    clock: str
    variant: str = ""
    source: str = ""


class ClockStarted(ClockFact):
    TYPE: ClassVar[str] = "cn.anxin.clock.started.v1"
    started_at: Instant
    due_at: Instant
    warn_at: tuple[Instant, ...]
    hard: bool
    basis: str
    calendar: str
    provisional: bool


class ClockStopped(ClockFact):
    """`kept`: stopped_at <= due_at, by the instants, whatever had been announced before."""

    TYPE: ClassVar[str] = "cn.anxin.clock.stopped.v1"
    stopped_at: Instant
    due_at: Instant
    kept: bool
    breach_withdrawn: bool = False
    why: str


class ClockPaused(ClockFact):
    """中止、补正等: stands still from `paused_at`, at most to `until`. `breach_withdrawn`: it had not lapsed."""

    TYPE: ClassVar[str] = "cn.anxin.clock.paused.v1"
    paused_at: Instant
    until: Instant
    due_at: Instant
    ground: Ground
    basis: str
    breach_withdrawn: bool = False


class ClockResumed(ClockFact):
    """恢复计时: by a person or, where a pause reaches its cap, by itself."""

    TYPE: ClassVar[str] = "cn.anxin.clock.resumed.v1"
    resumed_at: Instant
    ground: Ground
    due_at: Instant
    warn_at: tuple[Instant, ...] = ()
    provisional: bool = False
    why: Literal["person", "cap"]


class ClockExtended(ClockFact):
    """延长: `days` more, in the unit of the clock; asked before it ended."""

    TYPE: ClassVar[str] = "cn.anxin.clock.extended.v1"
    extended_at: Instant
    days: int
    unit: str
    old_due_at: Instant
    due_at: Instant
    warn_at: tuple[Instant, ...] = ()
    provisional: bool = False
    approved_by: Actor
    breach_withdrawn: bool = False


class ClockRecomputed(ClockFact):
    """期限重算: a provisional end under the calendar that is published now; `reason_zh` also where it did not move.

    `started_at`: where the start moved, too: an older record joined the case, or the oldest left it.
    """

    TYPE: ClassVar[str] = "cn.anxin.clock.recomputed.v1"
    started_at: Instant | None = None
    old_due_at: Instant
    due_at: Instant
    warn_at: tuple[Instant, ...] = ()
    provisional: bool
    calendar: str
    reason_zh: str


class DeadlineWarned(ClockFact):
    """预警. `tell_at`: a soft matter waits for the office to open, None = at once (as in CaseEscalated)."""

    TYPE: ClassVar[str] = "cn.anxin.deadline.warned.v1"
    due_at: Instant
    warn_at: Instant
    owner: Owner
    tell_at: Instant | None = None


class DeadlineBreached(ClockFact):
    TYPE: ClassVar[str] = "cn.anxin.deadline.breached.v1"
    due_at: Instant
    hard: bool
    owner: Owner


class CaseEscalated(ClockFact):
    """升级: told to a rung; the lower owner keeps the duty (首接负责)."""

    TYPE: ClassVar[str] = "cn.anxin.case.escalated.v1"
    level: int
    to: Owner
    outcome: Literal["delivered", "fallback", "no_superior"]
    due_at: Instant
    tell_at: Instant | None = None


class ReplyOwed(CaseFact):
    """应答复: goes to `replies` keyed by the source's external number, and to `escalations`."""

    TYPE: ClassVar[str] = "cn.anxin.reply.owed.v1"
    submission_id: UUID
    channel: Channel
    external_no: str
    conclusion: Conclusion
    remark_zh: str
    paid_fen: int = 0
    paid_people: int = 0
    handled_at: Instant


class ReplyConfirmed(CaseFact):
    """The source has its answer."""

    TYPE: ClassVar[str] = "cn.anxin.reply.confirmed.v1"
    channel: Channel
    external_no: str
    receipt_no: str = ""


class CaseClosed(CaseFact):
    TYPE: ClassVar[str] = "cn.anxin.case.closed.v1"
    conclusion: Conclusion
    closed_at: Instant
    persons: tuple[str, ...]
    paid_fen: int = 0
    workers: int = 0
    declined: bool = False


class CaseReopened(CaseFact):
    TYPE: ClassVar[str] = "cn.anxin.case.reopened.v1"
    reopened_at: Instant
    persons: tuple[str, ...]


class SubmissionDetached(CaseFact):
    """拆分 decided: by a person's command, because it came in after the case was closed, or the case is full.

    `joined`: by a person's command it moves `into` another case (人工并案).

    By command the claimant's sealed fields are not repeated: they stand in the event that brought the submission.
    """

    TYPE: ClassVar[str] = "cn.anxin.submission.detached.v1"
    submission: Submission
    why: Literal["command", "after_closing", "case_full", "joined"]
    into: UUID | None = None
