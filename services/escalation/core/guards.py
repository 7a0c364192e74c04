"""What speaks against a command: the first reason, with the words for the person who gave it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas import actions as a
from schemas.escalations import RefusalReason
from services.escalation.core.payments import payments_of
from services.escalation.core.policy import Officer
from services.escalation.core.state import Case
from services.escalation.core.turn import Turn
from services.kernel.calendar import local_day
from services.kernel.calendar_zh import moment_zh
from services.kernel.deadline import deadline_of
from services.kernel.deputies import stood_in_for

FUTURE_S_MAX = 300  # clocks of phones differ
PAID_CONCLUSIONS = ("支付完毕", "部分支付")
RULING = "route/ruling"
"""Of verbs.csv: who rules a disputed return, the common superior."""
OF_AN_ASSIGNMENT = ("sign", "return", "dispute")


@dataclass(frozen=True, slots=True)
class Against:
    """`what`, `since`, `day`: fill the text of the catalogue."""

    reason: RefusalReason
    what: str = ""
    since: datetime | None = None
    day: date | None = None


def text_of(turn: Turn, command: a.Action, found: Against) -> str:
    texts, calendar = turn.policy.texts, turn.policy.calendar
    owner, steps = turn.case.owner, turn.policy.steps
    step = steps.get(command.step) if isinstance(command, a.NoteStep) else None
    named = steps[found.what].name_zh if found.what in steps else found.what
    return texts["refused"][found.reason].format(
        what=texts["what"].get(found.what, named),
        day=found.day,
        verb=step.name_zh if step else turn.policy.verbs_zh[command.VERB],
        post=turn.policy.post_zh(command.actor.post),
        grid=owner.grid if owner else "",
        conclusion=getattr(command, "conclusion", ""),
        at=moment_zh(calendar, turn.cause.time),
        since=moment_zh(calendar, found.since) if found.since else "",
    )


def instant(turn: Turn, command: a.Action) -> Against | None:
    at, case = turn.cause.time, turn.case
    if at > turn.now + timedelta(seconds=FUTURE_S_MAX):
        return Against("in_the_future")
    began = [source.submission.occurred_at for source in case.sources]  # the first may have left
    first = min((*began, case.opened_at or at), default=at)
    return Against("before_the_case") if at < first else None


def precedes(turn: Turn, since: object, what: str) -> Against | None:
    """A deed dated before what it needs; clocks of phones differ. `since` no instant = nobody knows it."""
    if not isinstance(since, datetime):
        return None
    early = turn.cause.time < since - timedelta(seconds=FUTURE_S_MAX)
    return Against("too_early", what, since) if early else None


def power(turn: Turn, command: a.Action) -> Against | None:
    """The post must have the power, and an account of the roster must hold the post it acts as, or deputise for it.

    `verb/ground` of verbs.csv goes before `verb`: what one post ordered is not lifted by one below.
    """
    powers, actor = turn.policy.powers, command.actor
    ground = getattr(command, "ground", "")
    able = powers.get(f"{command.VERB}/{ground}") or powers[command.VERB]
    officer = turn.policy.accounts.get(actor.account)
    if officer is not None and not _acts_as(turn, officer, actor.post):
        return Against("not_allowed_for_post")
    return None if "*" in able or actor.post in able else Against("not_allowed_for_post")


def _acts_as(turn: Turn, officer: Officer, post: str) -> list[Officer]:
    """Who of that post acts here: the officer, and whom the officer stands in for on the day of the deed (代理人)."""
    day = local_day(turn.policy.calendar, turn.cause.time)
    away = stood_in_for(turn.policy.accounts.values(), officer.account, day)
    return [one for one in (officer, *away) if one.post == post]


def place(turn: Turn, command: a.Action) -> Against | None:
    """A grid officer acts on the cases of the own grid, a town's post on those of its unit, the rest on any.

    Who holds the case acts on it from wherever: a deputy may be of another grid. On those of whom they stand in for
    deputies act as that one would; a post of that one's is none on cases elsewhere.
    """
    officer = turn.policy.accounts.get(command.actor.account)
    owner = turn.case.owner
    if officer is None or owner is None or command.VERB == "comment":
        return None
    if officer.account == owner.account:
        return None
    fits = any(
        one.grid in ("", owner.grid) and one.unit_code in ("", owner.unit_code)
        for one in _acts_as(turn, officer, command.actor.post)
    )
    return None if fits else Against("not_this_owner")


def stale(turn: Turn, command: a.Action) -> Against | None:
    """Done on a screen that showed an assignment which no longer stands; who names none saw the one of that instant."""
    case = turn.case
    old = command.seen_attempt not in (0, case.attempt)
    if not command.seen_attempt and command.VERB in OF_AN_ASSIGNMENT and case.attempt > 1:
        old = case.assigned_at is not None and turn.cause.time < case.assigned_at
    return Against("stale") if old and command.VERB != "comment" else None


def return_(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Return)  # noqa: S101
    case = turn.case
    if command.to_grid and command.to_grid not in turn.policy.grids:
        return Against("unknown_grid")
    signed = case.deeds.signed if case.signed_attempt == case.attempt else None
    if signed is None or turn.policy.objection is None:
        return None
    until = deadline_of(turn.policy.objection, signed, turn.policy.calendar).due
    return Against("return_late", since=until) if turn.cause.time > until else None


def route(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Route)  # noqa: S101
    known = command.grid in turn.policy.grids or (
        not command.grid and command.unit_code in turn.policy.units
    )
    if not known:
        return Against("unknown_grid")
    rules = command.actor.post in turn.policy.powers[RULING]
    return Against("stage_order", "ruling") if turn.case.disputed and not rules else None


def conclusion(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Close)  # noqa: S101
    case = turn.case
    if command.conclusion in PAID_CONCLUSIONS:
        paid = [one.at for one in payments_of(case)]
        if not case.paid_fen:
            return Against("not_paid")
        since = paid[-1] if command.conclusion == "支付完毕" else paid[0]
        if early := precedes(turn, since, "paid"):
            return early
    if command.conclusion == "已立案" and not case.deeds.filed:
        return Against("not_filed")
    if command.conclusion == "已移送公安" and not case.deeds.referred:
        return Against("stage_order", "referred")
    return (
        _stages(case)
        or precedes(turn, case.deeds.served, "served")
        or precedes(turn, case.reopened_at, "reopened")
    )


def _stages(case: Case) -> Against | None:
    """立案 opens a formal way that ends with a decision that was served (监察条例 §17)."""
    if case.deeds.filed and not case.deeds.decided:
        return Against("stage_order", "decided")
    if case.deeds.decided and not case.deeds.served:
        return Against("stage_order", "served")
    if case.deeds.suspected and not case.deeds.referral_decided:
        return Against("stage_order", "referral approved")
    if case.deeds.referral_approved and not case.deeds.referred:
        return Against("stage_order", "referred")
    return None


def split(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Split)  # noqa: S101
    source = turn.case.of_submission(command.submission_id)
    if source is None:
        return Against("unknown_source")
    if source.leaving:
        return Against("already_done")
    staying = sum(not one.leaving for one in turn.case.sources)
    return Against("last_source") if staying < 2 else None


def join(turn: Turn, command: a.Action) -> Against | None:
    """Into a case that was shown, and only while nothing was done that would be lost with this one.

    The other one's legal clocks run from its first record: no record here may be older (主导期限).
    """
    assert isinstance(command, a.Join)  # noqa: S101
    case = turn.case
    into = next((one for one in case.suggested if one.case_id == command.into), None)
    if into is None:
        return Against("not_suggested")
    if any(one.leaving for one in case.sources):
        return Against("already_done")
    older = any(one.submission.occurred_at < into.since for one in case.sources)
    answered = any(one.owed or one.replied for one in case.sources)
    begun = case.paid_fen or case.deeds.steps or any(one.extension for one in case.clocks)
    return Against("not_joinable") if older or answered or begun else None


def not_joined_away(turn: Turn, command: a.Action) -> Against | None:
    """A case whose records are in another is at its end."""
    return None if turn.case.sources else Against("joined_away")


def replied(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Replied)  # noqa: S101
    source = turn.case.source(f"{command.channel}/{command.external_no}")
    if source is None:
        return Against("unknown_source")
    return Against("already_done") if source.replied else None
