"""What speaks against a command: the first reason, with the words for the person who gave it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas import actions as a
from schemas.escalations import RefusalReason
from services.escalation.core.policy import later
from services.escalation.core.standstill import PAUSES_MAX, held, may_stand
from services.escalation.core.state import Case
from services.escalation.core.turn import Turn
from services.kernel.calendar import local_day
from services.kernel.calendar_zh import moment_zh
from services.kernel.deadline import Span

FUTURE_S_MAX = 300  # clocks of phones differ
PAID_CONCLUSIONS = ("支付完毕", "部分支付")
ORDER_DAYS_MAX = 366
OF_AN_ASSIGNMENT = ("sign", "return", "dispute")
RETURN_WITHIN = Span(1, "wd")  # S05 object


@dataclass(frozen=True, slots=True)
class Against:
    """`what`, `since`: fill the text of the catalogue."""

    reason: RefusalReason
    what: str = ""
    since: datetime | None = None


def text_of(turn: Turn, command: a.Action, found: Against) -> str:
    texts, calendar = turn.policy.texts, turn.policy.calendar
    owner = turn.case.owner
    return texts["refused"][found.reason].format(
        what=texts["what"].get(found.what, found.what),
        verb=turn.policy.verbs_zh[command.VERB],
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
    first = min((s.submission.occurred_at for s in case.sources), default=at)
    return Against("before_the_case") if at < first else None


def precedes(turn: Turn, since: object, what: str) -> Against | None:
    """A deed dated before what it needs; clocks of phones differ. `since` no instant = nobody knows it."""
    if not isinstance(since, datetime):
        return None
    early = turn.cause.time < since - timedelta(seconds=FUTURE_S_MAX)
    return Against("too_early", what, since) if early else None


def power(turn: Turn, command: a.Action) -> Against | None:
    """The post must have the power, and an account of the roster must hold the post it acts as.

    `verb/ground` of verbs.csv goes before `verb`: what one post ordered is not lifted by one below.
    """
    powers, actor = turn.policy.powers, command.actor
    ground = getattr(command, "ground", "")
    able = powers.get(f"{command.VERB}/{ground}") or powers[command.VERB]
    officer = turn.policy.accounts.get(actor.account)
    if officer is not None and officer.post != actor.post:
        return Against("not_allowed_for_post")
    return None if "*" in able or actor.post in able else Against("not_allowed_for_post")


def place(turn: Turn, command: a.Action) -> Against | None:
    """A grid officer acts on the cases of the own grid, a town's post on those of its unit, the rest on any.

    Who holds the case acts on it from wherever: a deputy may be of another grid.
    """
    officer = turn.policy.accounts.get(command.actor.account)
    owner = turn.case.owner
    if officer is None or owner is None or command.VERB == "comment":
        return None
    if officer.account == owner.account:
        return None
    grid_fits = officer.grid in ("", owner.grid)
    unit_fits = officer.unit_code in ("", owner.unit_code)
    return None if grid_fits and unit_fits else Against("not_this_owner")


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
    if signed and turn.cause.time > later(turn.policy, signed, RETURN_WITHIN):
        return Against("return_late")
    return None


def route(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Route)  # noqa: S101
    known = command.grid in turn.policy.grids or (
        not command.grid and command.unit_code in turn.policy.units
    )
    if not known:
        return Against("unknown_grid")
    rules = command.actor.post in ("centre_head", "deputy_director", "city_bureau")
    return Against("stage_order", "ruling") if turn.case.disputed and not rules else None


def inspectors(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.File)  # noqa: S101
    return Against("missing_evidence", "inspectors") if command.inspectors < 2 else None


def serve(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Serve)  # noqa: S101
    deeds = turn.case.deeds
    if not command.document.strip():
        return Against("missing_evidence", "document")
    if command.document_kind == "decision":
        missing = None if deeds.decided else Against("stage_order", "decided")
        return missing or precedes(turn, deeds.decided, "decided")
    good = not command.due_on or _ahead(turn, command.due_on)
    return None if good else Against("bad_date", command.due_on)


def _ahead(turn: Turn, text: str) -> bool:
    """A day after the service, no further than an order may reach."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    served = local_day(turn.policy.calendar, turn.cause.time)
    return served < day <= served + timedelta(days=ORDER_DAYS_MAX)


def conclusion(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Close)  # noqa: S101
    case = turn.case
    if command.conclusion in PAID_CONCLUSIONS and not case.paid_fen:
        return Against("not_paid")
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


def replied(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Replied)  # noqa: S101
    source = turn.case.source(f"{command.channel}/{command.external_no}")
    if source is None:
        return Against("unknown_source")
    return Against("already_done") if source.replied else None


def may_extend(turn: Turn, command: a.Action) -> Against | None:
    """Asked before it ends, by no more than its row of clocks.csv allows in all."""
    assert isinstance(command, a.AskExtension)  # noqa: S101
    clock = turn.case.clock((command.clock, command.source))
    rule = turn.policy.by_key.get((clock.id, clock.variant)) if clock else None
    if clock is None or rule is None:
        return Against("unknown_clock", command.clock)
    if not rule.extension:
        return Against("no_extension", command.clock)
    if clock.asked:
        return Against("already_done")
    if turn.cause.time > clock.due_at and not clock.standing:
        return Against("extension_late", command.clock)
    left = int(rule.extension) - clock.extension
    return Against("extension_too_long", str(left)) if command.days > left else None


def asked(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.RuleExtension)  # noqa: S101
    clock = turn.case.clock((command.clock, command.source))
    if clock is None:
        return Against("unknown_clock", command.clock)
    if not clock.asked:
        return Against("stage_order", "extension")
    return precedes(turn, clock.asked_at, "extension")


def standing(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Resume)  # noqa: S101
    found = (held(clock, command.ground, turn.cause.time) for clock in turn.case.clocks)
    begun = min((pause.begins for pause in found if pause), default=None)
    if command.ground == "arbitration":  # from before the filing it holds no clock yet
        begun = turn.case.deeds.arbitrated or begun
    return precedes(turn, begun, "pause") if begun else Against("not_paused")


def running(turn: Turn, command: a.Action) -> Against | None:
    """There is a clock to stop, and it does not stand still on this ground already."""
    assert isinstance(command, a.Suspend)  # noqa: S101
    clocks = [c for c in turn.case.clocks if may_stand(turn, c, command.ground, turn.cause.time)]
    if not clocks:
        return Against("unknown_clock", command.ground)
    grounds = {one.ground for clock in clocks for one in clock.standing}
    return Against("already_done") if command.ground in grounds else pauses_left(turn, command)


def pauses_left(turn: Turn, command: a.Action) -> Against | None:
    """A row is bounded."""
    full = any(len(clock.pauses) >= PAUSES_MAX for clock in turn.case.clocks)
    return Against("too_many_pauses") if full else None


def crime(turn: Turn, command: a.Action) -> Against | None:
    """责令支付 served and lapsed, and a threshold reached (法释〔2013〕3号; policies/crime.toml)."""
    assert isinstance(command, a.SuspectCrime)  # noqa: S101
    lapses = turn.case.deeds.order_lapses
    if lapses is None or turn.cause.time <= lapses:
        return Against("missing_evidence", "order_lapsed")
    reached = any(
        command.workers >= one.workers
        and command.months >= one.months
        and command.amount_fen >= one.amount_fen
        for one in turn.policy.crime
    )
    return None if reached else Against("below_threshold")


def called(turn: Turn, command: a.Action) -> Against | None:
    """A meeting was due (S17)."""
    return None if turn.case.clock(("S17", "")) else Against("unknown_clock", "S17")
