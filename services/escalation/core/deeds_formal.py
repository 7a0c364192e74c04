"""办案: the formal way from acceptance to service, with its pauses and extensions, and the way to the police."""

from schemas import actions as a
from schemas.escalations import Ground
from services.escalation.core.clocks import stop
from services.escalation.core.coming import PERIODS_LAPSED, awaited, recorded
from services.escalation.core.deeds import done, marked, obeyed
from services.escalation.core.matter import filed as owe_on_filing
from services.escalation.core.payments import paid_by
from services.escalation.core.standstill import extend, pause, put, resume
from services.escalation.core.turn import Turn


def file(turn: Turn, command: a.Action) -> Turn:
    """立案. An arbitration holds its clocks from when both are there, however late one of them is told."""
    at, deeds = turn.cause.time, turn.case.deeds
    turn = marked(done(turn, "filed"), "filed")
    if deeds.arbitration_over and at < deeds.arbitration_over[1]:
        begun, ended = deeds.arbitration_over
        turn = resume(pause(turn, "arbitration", max(at, begun)), "arbitration", ended)
    if deeds.arbitrated:
        turn = pause(turn, "arbitration", max(at, deeds.arbitrated))
    return owe_on_filing(turn, at)


def serve(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Serve)  # noqa: S101
    if command.document_kind == "decision":
        return awaited(marked(done(turn, "served"), "served"), PERIODS_LAPSED)
    at, case = turn.cause.time, turn.case
    if case.deeds.ordered and at < case.deeds.ordered:  # the newer order governs
        return turn
    before = case.clock(("S13", ""))
    if before is not None:
        turn = stop(turn, before, at, "served")
    turn = marked(done(turn, "ordered"), "correction_served", due_on=command.due_on)
    clock = turn.case.clock(("S13", ""))
    turn = turn.note(
        order_lapses=clock.due_at if clock else None,
        order_fen=command.amount_fen and paid_by(case, at) + command.amount_fen,
    )
    return obeyed(turn)


def ask_material(turn: Turn, command: a.Action) -> Turn:
    return pause(done(turn, "material_asked"), "material", turn.cause.time)


def take_material(turn: Turn, command: a.Action) -> Turn:
    return resume(turn.note(material_asked=None), "material", turn.cause.time)


def suspend(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Suspend)  # noqa: S101
    return pause(turn, command.ground, turn.cause.time)


def arbitrate(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Arbitrate)  # noqa: S101
    turn = pause(done(turn, "arbitrated"), "arbitration", turn.cause.time)
    if command.kind == "suit":
        return turn
    return marked(recorded(turn, "arbitration_accepted", turn.cause.time), "arbitration_accepted")


def resume_clocks(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Resume)  # noqa: S101
    if command.ground == "arbitration":
        begun = turn.case.deeds.arbitrated
        over = (begun, turn.cause.time) if begun else turn.case.deeds.arbitration_over
        turn = turn.note(arbitrated=None, arbitration_over=over)
        turn = recorded(turn, "arbitration_accepted", None)
    return resume(turn, command.ground, turn.cause.time)


def ask_extension(turn: Turn, command: a.Action) -> Turn:
    """The clock runs on as it is until somebody approves."""
    assert isinstance(command, a.AskExtension)  # noqa: S101
    clock = turn.case.clock((command.clock, command.source))
    if clock is None:
        return turn
    asked = {"asked": command.days, "asked_at": turn.cause.time}
    return put(turn, clock, clock.model_copy(update=asked))


def rule_extension(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.RuleExtension)  # noqa: S101
    clock = turn.case.clock((command.clock, command.source))
    if clock is None:
        return turn
    if command.approved:
        return extend(turn, clock, command.actor, turn.cause.time)
    return put(turn, clock, clock.model_copy(update={"asked": 0}))


def decide_referral(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.DecideReferral)  # noqa: S101
    turn = done(turn, "referral_decided")
    if command.approved:
        return marked(done(turn, "referral_approved"), "refer_decided")
    turn = marked(turn, "refer_decided")
    return turn.note(suspected=None, referral_decided=None)  # other facts may be shown again


def police_reply(turn: Turn, command: a.Action) -> Turn:
    """Filed: ours stands still (移送 accepted). Refused: three days to ask for a review."""
    assert isinstance(command, a.PoliceReply)  # noqa: S101
    turn = marked(turn, "police_replied")
    ground: Ground = "referral"
    if command.filed:
        return pause(marked(turn, "police_filed"), ground, turn.cause.time)
    if turn.case.deeds.review_asked:
        return turn  # they keep to it: what follows is the procuratorate's (立案监督)
    return marked(done(turn, "police_refused"), "police_refused")
