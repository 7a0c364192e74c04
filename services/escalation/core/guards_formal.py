"""What speaks against an act of the formal way: documents, pauses, extensions, the way to the police."""

from datetime import date, timedelta

from schemas import actions as a
from services.escalation.core.guards import Against, precedes
from services.escalation.core.standstill import PAUSES_MAX, held, may_stand
from services.escalation.core.turn import Turn
from services.kernel.calendar import local_day

ORDER_DAYS_MAX = 366


def inspectors(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.File)  # noqa: S101
    return Against("missing_evidence", "inspectors") if command.inspectors < 2 else None


def serve(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Serve)  # noqa: S101
    deeds = turn.case.deeds
    if not command.document.strip():
        return Against("missing_evidence", "document")
    if command.document_kind == "decision":
        if deeds.served:  # the first service is the one from which the periods of others run
            return Against("already_done")
        missing = None if deeds.decided else Against("stage_order", "decided")
        return missing or precedes(turn, deeds.decided, "decided")
    good = not command.due_on or ahead(turn, command.due_on)
    return None if good else Against("bad_date", command.due_on)


def ahead(turn: Turn, text: str) -> bool:
    """A day after the deed, no further than an order may reach."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    done = local_day(turn.policy.calendar, turn.cause.time)
    return done < day <= done + timedelta(days=ORDER_DAYS_MAX)


def may_extend(turn: Turn, command: a.Action) -> Against | None:
    """Asked before it ends, by no more than its row of clocks.csv allows in all."""
    assert isinstance(command, a.AskExtension)  # noqa: S101
    clock = turn.case.clock((command.clock, command.source))
    rule = turn.policy.by_key.get((clock.id, clock.variant)) if clock else None
    if clock is None or rule is None:
        return Against("unknown_clock", command.clock)
    if clock.source and turn.case.closed_at:  # its answer is owed now
        return Against("closed")
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
