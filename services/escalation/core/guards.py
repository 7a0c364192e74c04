"""What speaks against a command: the first reason, with the words for the person who gave it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from schemas import actions as a
from schemas.escalations import RefusalReason
from services.escalation.core.due import later
from services.escalation.core.state import Case
from services.escalation.core.turn import Turn
from services.kernel.deadline import Span

FUTURE_S_MAX = 300  # clocks of phones differ
PAID_CONCLUSIONS = ("支付完毕", "部分支付")
FILED_CONCLUSIONS = ("已立案", "已移送公安")
RETURN_WITHIN = Span(1, "wd")  # S05 object
ANY_TIME = ("comment", "replied", "split", "revisit", "reopen")
"""Verbs that need no owner and may come after closing."""


@dataclass(frozen=True, slots=True)
class Against:
    """`what`: fills the text of the catalogue."""

    reason: RefusalReason
    what: str = ""


Guard = Callable[[Turn, a.Action], Against | None]


def against(turn: Turn, command: a.Action) -> Against | None:
    """None = nothing speaks against it."""
    for guard in (_instant, _power, _state, _place, BY_VERB.get(command.VERB, _nothing)):
        found = guard(turn, command)
        if found:
            return found
    return None


def text_of(turn: Turn, command: a.Action, found: Against) -> str:
    texts = turn.policy.texts
    owner = turn.case.owner
    return texts["refused"][found.reason].format(
        what=texts["what"].get(found.what, found.what),
        verb=turn.policy.verbs_zh[command.VERB],
        post=turn.policy.post_zh(command.actor.post),
        grid=owner.grid if owner else "",
        conclusion=getattr(command, "conclusion", ""),
    )


def _nothing(turn: Turn, command: a.Action) -> Against | None:
    return None


def _instant(turn: Turn, command: a.Action) -> Against | None:
    at, case = turn.cause.time, turn.case
    if at > turn.now + timedelta(seconds=FUTURE_S_MAX):
        return Against("in_the_future")
    first = min((s.submission.occurred_at for s in case.sources), default=at)
    return Against("before_the_case") if at < first else None


def _power(turn: Turn, command: a.Action) -> Against | None:
    """The post must have the power, and an account of the roster must hold the post it acts as."""
    able, actor = turn.policy.powers[command.VERB], command.actor
    officer = turn.policy.accounts.get(actor.account)
    if officer is not None and officer.post != actor.post:
        return Against("not_allowed_for_post")
    return None if "*" in able or actor.post in able else Against("not_allowed_for_post")


def _state(turn: Turn, command: a.Action) -> Against | None:
    case = turn.case
    if case.closed_at is not None:
        return None if command.VERB in ANY_TIME else Against("closed")
    return Against("not_closed") if command.VERB in ("revisit", "reopen") else None


def _place(turn: Turn, command: a.Action) -> Against | None:
    """A grid officer acts on the cases of the own grid, a town's post on those of its unit, the rest on any."""
    officer = turn.policy.accounts.get(command.actor.account)
    owner = turn.case.owner
    if officer is None or owner is None or command.VERB == "comment":
        return None
    grid_fits = officer.grid in ("", owner.grid)
    unit_fits = officer.unit_code in ("", owner.unit_code)
    return None if grid_fits and unit_fits else Against("not_this_owner")


def _sign(turn: Turn, command: a.Action) -> Against | None:
    case = turn.case
    return Against("already_done") if case.signed_attempt == case.attempt else None


def _signed(turn: Turn, command: a.Action) -> Against | None:
    return None if turn.case.deeds.signed else Against("not_signed")


def _return(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Return)  # noqa: S101
    case = turn.case
    if command.to_grid and command.to_grid not in turn.policy.grids:
        return Against("unknown_grid")
    if case.disputed or case.final:
        return Against("return_used")
    signed = case.deeds.signed if case.signed_attempt == case.attempt else None
    if signed and turn.cause.time > later(turn.policy, signed, RETURN_WITHIN):
        return Against("return_late")
    return None


def _dispute(turn: Turn, command: a.Action) -> Against | None:
    return Against("return_used") if turn.case.final or turn.case.disputed else None


def _route(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Route)  # noqa: S101
    known = command.grid in turn.policy.grids or (
        not command.grid and command.unit_code in turn.policy.units
    )
    if not known:
        return Against("unknown_grid")
    rules = command.actor.post in ("centre_head", "deputy_director", "city_bureau")
    return Against("stage_order", "ruling") if turn.case.disputed and not rules else None


def _accept(turn: Turn, command: a.Action) -> Against | None:
    deeds = turn.case.deeds
    return Against("already_done") if deeds.accepted or deeds.refused else None


def _file(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.File)  # noqa: S101
    deeds = turn.case.deeds
    if deeds.filed:
        return Against("already_done")
    if not deeds.accepted:
        return Against("stage_order", "accept")
    return Against("missing_evidence", "inspectors") if command.inspectors < 2 else None


def _end_investigation(turn: Turn, command: a.Action) -> Against | None:
    deeds = turn.case.deeds
    if not deeds.filed:
        return Against("not_filed")
    return Against("already_done") if deeds.investigated else None


def _decide(turn: Turn, command: a.Action) -> Against | None:
    deeds = turn.case.deeds
    if not deeds.investigated:
        return Against("stage_order", "investigation")
    return Against("already_done") if deeds.decided else None


def _serve(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Serve)  # noqa: S101
    deeds = turn.case.deeds
    if not deeds.filed:
        return Against("not_filed")
    if not command.document.strip():
        return Against("missing_evidence", "document")
    if command.document_kind == "decision" and not deeds.decided:
        return Against("stage_order", "decision")
    return None


def _close(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Close)  # noqa: S101
    case = turn.case
    if not case.deeds.signed:
        return Against("not_signed")
    if command.conclusion in PAID_CONCLUSIONS and not case.paid_fen:
        return Against("not_paid")
    if command.conclusion in FILED_CONCLUSIONS and not case.deeds.filed:
        return Against("not_filed")
    return _stages(case)


def _stages(case: Case) -> Against | None:
    """立案 opens a formal way that ends with a decision that was served (监察条例 §17)."""
    if case.deeds.filed and not case.deeds.decided:
        return Against("stage_order", "decision")
    if case.deeds.decided and not case.deeds.served:
        return Against("stage_order", "service")
    return None


def _revisit(turn: Turn, command: a.Action) -> Against | None:
    return Against("already_done") if turn.case.deeds.revisited else None


def _reopen(turn: Turn, command: a.Action) -> Against | None:
    return Against("reopened_before") if turn.case.reopened else None


def _split(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Split)  # noqa: S101
    source = turn.case.of_submission(command.submission_id)
    if source is None:
        return Against("unknown_source")
    if source.leaving:
        return Against("already_done")
    staying = sum(not one.leaving for one in turn.case.sources)
    return Against("last_source") if staying < 2 else None


def _replied(turn: Turn, command: a.Action) -> Against | None:
    assert isinstance(command, a.Replied)  # noqa: S101
    source = turn.case.source(f"{command.channel}/{command.external_no}")
    if source is None:
        return Against("unknown_source")
    return Against("already_done") if source.replied else None


BY_VERB: Mapping[str, Guard] = {
    "sign": _sign,
    "return": _return,
    "dispute": _dispute,
    "route": _route,
    "mediate": _signed,
    "accept": _accept,
    "refuse": _accept,
    "file": _file,
    "end_investigation": _end_investigation,
    "decide": _decide,
    "serve": _serve,
    "close": _close,
    "revisit": _revisit,
    "reopen": _reopen,
    "split": _split,
    "replied": _replied,
}
