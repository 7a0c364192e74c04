"""办理: what a person's command does to the case, once nothing speaks against it."""

from collections.abc import Callable
from datetime import datetime

from schemas import actions as a
from schemas.escalations import (
    AssignmentReturned,
    CaseReopened,
    ReplyConfirmed,
    SubmissionDetached,
)
from services.escalation.core.clocks import Mark, mark, start, start_replies, stop
from services.escalation.core.coming import MEETING, again, recorded
from services.escalation.core.matter import change_source
from services.escalation.core.matter import close as close_case
from services.escalation.core.payments import obeyed_at, payments_of, with_payment
from services.escalation.core.state import Payment
from services.escalation.core.turn import Turn

TRIES_MAX = 3


def done(turn: Turn, name: str) -> Turn:
    """Writes the deed's instant down."""
    return turn.note(**{name: turn.cause.time})


def marked(turn: Turn, name: str, due_on: str = "", at: datetime | None = None) -> Turn:
    return mark(turn, Mark(name, at or turn.cause.time, due_on=due_on))


def step(deed: str, name: str = "") -> Callable[[Turn, a.Action], Turn]:
    """A deed that is written down and marked, and nothing else; `name` of the mark where it is another word."""
    return lambda turn, command: marked(done(turn, deed), name or deed)


def sign(turn: Turn, command: a.Action) -> Turn:
    turn = done(turn, "signed").set(signed_attempt=turn.case.attempt)
    return marked(turn if turn.case.deeds.signed_first else done(turn, "signed_first"), "signed")


def contact(turn: Turn, command: a.Action) -> Turn:
    """Reached, or tried three times: then the attempt itself is the first contact (S04, pausable_by)."""
    assert isinstance(command, a.Contact)  # noqa: S101
    deeds, at = turn.case.deeds, turn.cause.time
    if not command.reached:
        tried = tuple(sorted((*deeds.tried, at))[:TRIES_MAX])
        turn = turn.note(tries=deeds.tries + 1, tried=tried)
        if turn.case.deeds.tries < TRIES_MAX:
            return turn
        at = tried[-1]
    return marked(turn.note(contacted=at), "contacted", at=at)


def return_(turn: Turn, command: a.Action) -> Turn:
    """退单: the router decides anew, once; a second return is a dispute. Clocks from receipt run on."""
    assert isinstance(command, a.Return)  # noqa: S101
    case = turn.case
    if case.returns:
        return dispute(turn, command)
    turn = turn.say(
        AssignmentReturned,
        reason=command.reason,
        returns=case.returns + 1,
        from_grid=case.owner.grid if case.owner else "",
        to_grid=command.to_grid,
    )
    return marked(turn.set(returns=case.returns + 1, owner=None), "returned")


def dispute(turn: Turn, command: a.Action) -> Turn:
    """The common superior rules; until then the owner keeps the case."""
    case = turn.case
    turn = turn.say(
        AssignmentReturned,
        reason="disputed",
        returns=case.returns + 1,
        from_grid=case.owner.grid if case.owner else "",
        disputed=True,
    )
    return marked(turn.set(returns=case.returns + 1, disputed=True), "returned")


def route(turn: Turn, command: a.Action) -> Turn:
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
    return marked(turn, "ruled").set(owner=None)


def mediate(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Mediate)  # noqa: S101
    return marked(done(turn, "mediated"), "mediated_failed") if command.failed else turn


def pay(turn: Turn, command: a.Action) -> Turn:
    """支付. Where an order to pay runs (S13), a part is noted and stops nothing."""
    assert isinstance(command, a.Pay)  # noqa: S101
    case, at = turn.case, turn.cause.time
    payments = with_payment(case, Payment(at=at, fen=command.amount_fen, full=command.full))
    named, ordered = case.deeds.order_fen, case.deeds.ordered
    if named and ordered and at < ordered:  # the order was made over what was owed without it
        named += command.amount_fen
    turn = turn.note(payments=payments, paid=payments[-1].at, order_fen=named).set(
        paid_fen=case.paid_fen + command.amount_fen, workers=case.workers + command.workers
    )
    order = case.clock(("S13", ""))
    return obeyed(turn) if order or ordered else marked(turn, "paid")


def obeyed(turn: Turn) -> Turn:
    """An order that is obeyed in time has not lapsed, neither for the police nor for the list."""
    case, order = turn.case, turn.case.clock(("S13", ""))
    since = case.deeds.ordered or (order.started_at if order else None)
    lapses = order.due_at if order else case.deeds.order_lapses
    owed_fen = case.deeds.order_fen or case.claimed_fen
    at = obeyed_at(payments_of(case), since, owed_fen) if since else None
    if at is None:
        return turn
    if lapses and at <= lapses:
        turn = turn.note(ordered=None, order_lapses=None)
    return marked(turn, "paid", at=at)


def close(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Close)  # noqa: S101
    return close_case(turn, turn.cause.time, command.conclusion)


def revisit(turn: Turn, command: a.Action) -> Turn:
    assert isinstance(command, a.Revisit)  # noqa: S101
    turn = marked(done(turn, "revisited"), "revisited")
    return turn if command.satisfied else marked(turn, "revisited_unsatisfied")


def reopen(turn: Turn, command: a.Action) -> Turn:
    """重办, once: every source keeps the answer it has and is owed a new one at the end."""
    case = turn.case
    sources = tuple(s.model_copy(update={"owed": False, "replied": False}) for s in case.sources)
    for clock in case.clocks:
        if clock.id == "S16":
            turn = stop(turn, clock, turn.cause.time, "reopened")
    turn = turn.note(revisited=None).set(
        closed_at=None,
        reopened_at=turn.cause.time,
        conclusion=None,
        remark="",
        reopened=case.reopened + 1,
        sources=sources,
    )
    turn = turn.say(CaseReopened, reopened_at=turn.cause.time, persons=case.persons)
    turn = start(again(turn), ("S16b", ""), turn.cause.time)
    if not (case.deeds.accepted or case.deeds.refused or case.declined):
        turn = start(turn, ("S09", ""), turn.cause.time)
    return start_replies(turn, turn.cause.time)


def split(turn: Turn, command: a.Action) -> Turn:
    """拆分: intake opens the new case; the record leaves when intake says so."""
    assert isinstance(command, a.Split)  # noqa: S101
    gone = turn.case.of_submission(command.submission_id)
    if gone is None:
        return turn
    turn = turn.say(SubmissionDetached, submission=gone.submission, why="command")
    return change_source(turn, gone, leaving=True)


def join(turn: Turn, command: a.Action) -> Turn:
    """人工并案: intake moves each record; this case ends when the last has left."""
    assert isinstance(command, a.Join)  # noqa: S101
    for source in turn.case.sources:
        if not source.leaving:
            turn = turn.say(
                SubmissionDetached, submission=source.submission, why="joined", into=command.into
            )
            turn = change_source(turn, source, leaving=True)
    return turn


def noted(turn: Turn, command: a.Action) -> Turn:
    """备注, 撤回诉求: stands on the case and moves nothing."""
    return turn


def replied(turn: Turn, command: a.Action) -> Turn:
    """回执: stops this source's reply clock, and no other."""
    assert isinstance(command, a.Replied)  # noqa: S101
    source = turn.case.source(f"{command.channel}/{command.external_no}")
    if source is None:
        return turn
    for clock in turn.case.clocks:
        if clock.source == source.name and clock.started_at <= turn.cause.time:
            turn = stop(turn, clock, turn.cause.time, "replied")
    turn = turn.say(
        ReplyConfirmed,
        channel=command.channel,
        external_no=command.external_no,
        receipt_no=command.receipt_no,
    )
    since = turn.case.reopened_at
    if since is not None and turn.cause.time < since:  # of the answer before the reopening
        return turn
    return change_source(turn, source, replied=True)


def met(turn: Turn, command: a.Action) -> Turn:
    """联席会议, at any time of an open case. One from before a group claim is not about the group."""
    held, claimed = turn.cause.time, turn.case.claimed
    latest = max(held, turn.case.deeds.steps.get(MEETING, held))
    turn = recorded(turn, MEETING, latest)
    return turn if claimed and held < claimed else marked(turn, MEETING)
