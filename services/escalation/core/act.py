"""办理: a person's command becomes a fact or a refusal with a reason, never silence."""

from collections.abc import Callable, Mapping

from schemas import actions as a
from schemas.escalations import (
    ActionRefused,
    ActionTaken,
    AssignmentReturned,
    CaseReopened,
    ReplyConfirmed,
    SubmissionDetached,
)
from services.escalation.core.clocks import Mark, mark, stop
from services.escalation.core.guards import Against, against, text_of
from services.escalation.core.matter import change_source, close, filed
from services.escalation.core.turn import Turn

TRIES_MAX = 3
COMMON = frozenset({"district", "case_id", "actor"})
Deed = Callable[[Turn, a.Action], Turn]


def act(turn: Turn, command: a.Action) -> Turn:
    """ActionTaken and what follows, or ActionRefused."""
    found = against(turn, command)
    if found:
        return refuse(turn, command, found)
    turn = turn.say(
        ActionTaken,
        **_names(turn, command),
        detail=command.model_dump(mode="json", exclude=set(COMMON), exclude_defaults=True),
    )
    return DEEDS[command.VERB](turn, command)


def refuse(turn: Turn, command: a.Action, found: Against) -> Turn:
    return turn.say(
        ActionRefused,
        **_names(turn, command),
        reason=found.reason,
        reason_zh=text_of(turn, command, found),
    )


def _names(turn: Turn, command: a.Action) -> dict[str, object]:
    return {
        "command_id": turn.cause.id,
        "verb": command.VERB,
        "actor": command.actor,
        "acted_at": turn.cause.time,
    }


def _done(turn: Turn, name: str, **fields: object) -> Turn:
    """Writes the deed's instant down and marks it."""
    deeds = turn.case.deeds.model_copy(update={name: turn.cause.time})
    return turn.set(deeds=deeds, **fields)


def _mark(turn: Turn, name: str, due_on: str = "") -> Turn:
    return mark(turn, Mark(name, turn.cause.time, due_on=due_on))


def _sign(turn: Turn, command: a.Action) -> Turn:
    return _mark(_done(turn, "signed", signed_attempt=turn.case.attempt), "signed")


def _contact(turn: Turn, command: a.Action) -> Turn:
    """Reached, or tried three times: then the attempt itself is the first contact (S04, pausable_by)."""
    assert isinstance(command, a.Contact)  # noqa: S101
    deeds = turn.case.deeds
    tries = deeds.tries + (not command.reached)
    turn = turn.set(deeds=deeds.model_copy(update={"tries": tries}))
    if not command.reached and tries < TRIES_MAX:
        return turn
    return _mark(_done(turn, "contacted"), "contacted")


def _return(turn: Turn, command: a.Action) -> Turn:
    """退单: the router decides anew, once; a second return is a dispute. Clocks from receipt run on."""
    assert isinstance(command, a.Return)  # noqa: S101
    case = turn.case
    if case.returns:
        return _dispute(turn, command)
    turn = turn.say(
        AssignmentReturned,
        reason=command.reason,
        returns=case.returns + 1,
        from_grid=case.owner.grid if case.owner else "",
        to_grid=command.to_grid,
    )
    return _mark(turn.set(returns=case.returns + 1, owner=None), "returned")


def _dispute(turn: Turn, command: a.Action) -> Turn:
    """The common superior rules; until then the owner keeps the case."""
    case = turn.case
    turn = turn.say(
        AssignmentReturned,
        reason="disputed",
        returns=case.returns + 1,
        from_grid=case.owner.grid if case.owner else "",
        disputed=True,
    )
    return _mark(turn.set(returns=case.returns + 1, disputed=True), "returned")


def _route(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Route)  # noqa: S101
    case = turn.case
    turn = turn.say(
        AssignmentReturned,
        reason="ruled" if case.disputed else "by_hand",
        returns=case.returns,
        from_grid=case.owner.grid if case.owner else "",
        disputed=case.disputed,
        route_grid=command.grid,
        route_unit_code=command.unit_code,
        ruled=case.disputed,
    )
    return _mark(turn, "ruled").set(owner=None)


def _mediate(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Mediate)  # noqa: S101
    return _mark(turn, "mediated_failed") if command.failed else turn


def _accept(turn: Turn, command: a.Action) -> Turn:
    return _mark(_done(turn, "accepted"), "accepted")


def _refuse(turn: Turn, command: a.Action) -> Turn:
    return _mark(_done(turn, "refused"), "refused")


def _file(turn: Turn, command: a.Action) -> Turn:
    turn = _mark(_done(turn, "filed"), "filed")
    return filed(turn, turn.cause.time)


def _end_investigation(turn: Turn, command: a.Action) -> Turn:
    return _mark(_done(turn, "investigated"), "investigation_ended")


def _decide(turn: Turn, command: a.Action) -> Turn:
    return _mark(_done(turn, "decided"), "decided")


def _serve(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Serve)  # noqa: S101
    if command.document_kind == "decision":
        return _mark(_done(turn, "served"), "served")
    return _mark(turn, "correction_served", command.due_on)


def _pay(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Pay)  # noqa: S101
    case = turn.case
    turn = turn.set(
        paid_fen=case.paid_fen + command.amount_fen, workers=case.workers + command.workers
    )
    return _mark(turn, "paid")


def _close(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Close)  # noqa: S101
    return close(turn, turn.cause.time, command.conclusion)


def _revisit(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Revisit)  # noqa: S101
    turn = _mark(_done(turn, "revisited"), "revisited")
    return turn if command.satisfied else _mark(turn, "revisited_unsatisfied")


def _reopen(turn: Turn, command: a.Action) -> Turn:
    """重办, once: every source keeps the answer it has and is owed a new one at the end."""
    case = turn.case
    deeds = case.deeds.model_copy(update={"revisited": None})
    sources = tuple(s.model_copy(update={"owed": False, "replied": False}) for s in case.sources)
    turn = turn.set(
        closed_at=None,
        conclusion=None,
        remark="",
        reopened=case.reopened + 1,
        deeds=deeds,
        sources=sources,
    )
    return turn.say(CaseReopened, reopened_at=turn.cause.time, persons=case.persons)


def _split(turn: Turn, command: a.Action) -> Turn:
    """拆分: intake opens the new case; the record leaves when intake says so."""
    assert isinstance(command, a.Split)  # noqa: S101
    gone = turn.case.of_submission(command.submission_id)
    if gone is None:
        return turn
    turn = turn.say(SubmissionDetached, submission=gone.submission, why="command")
    return change_source(turn, gone, leaving=True)


def _comment(turn: Turn, command: a.Action) -> Turn:
    return turn


def _replied(turn: Turn, command: a.Action) -> Turn:
    """回执: stops this source's reply clock, and no other."""
    assert isinstance(command, a.Replied)  # noqa: S101
    source = turn.case.source(f"{command.channel}/{command.external_no}")
    if source is None:
        return turn
    for clock in turn.case.clocks:
        if clock.source == source.name:
            turn = stop(turn, clock, turn.cause.time, "replied")
    turn = turn.say(
        ReplyConfirmed,
        channel=command.channel,
        external_no=command.external_no,
        receipt_no=command.receipt_no,
    )
    return change_source(turn, source, replied=True)


DEEDS: Mapping[str, Deed] = {
    "sign": _sign,
    "contact": _contact,
    "return": _return,
    "dispute": _dispute,
    "route": _route,
    "mediate": _mediate,
    "accept": _accept,
    "refuse": _refuse,
    "file": _file,
    "end_investigation": _end_investigation,
    "decide": _decide,
    "serve": _serve,
    "pay": _pay,
    "close": _close,
    "revisit": _revisit,
    "reopen": _reopen,
    "split": _split,
    "comment": _comment,
    "replied": _replied,
}
