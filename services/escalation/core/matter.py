"""The case itself: opened, joined, split, amended; routed or declined."""

from collections.abc import Mapping
from datetime import datetime

from schemas.actions import Conclusion
from schemas.cases import (
    CaseDeclined,
    CaseOpened,
    CaseRouted,
    MatterSuggested,
    SubmissionJoined,
    SubmissionSplit,
)
from schemas.employers import GroupClaimRaised
from schemas.escalations import (
    AssignmentMade,
    CaseClosed,
    ReplyOwed,
    SubmissionDetached,
)
from schemas.matter import Sealed, Submission
from schemas.submissions import SubmissionAmended
from services.escalation.core.clocks import RECEIVED, Mark, mark, start, stop, stop_all, swap
from services.escalation.core.coming import MEETING, UNRESOLVED, awaited, forestalled
from services.escalation.core.ladder import owner_of
from services.escalation.core.recount import from_first
from services.escalation.core.standstill import names
from services.escalation.core.state import SOURCES_MAX, SUGGESTED_MAX, Case, Source, Suggested
from services.escalation.core.turn import Turn
from services.kernel.governing import governing

SWAPS = ((("S03", ""), ("S02", "")), (("S04", "normal"), ("S04", "urgent")))
"""Clocks of an ordinary case and those that take their place when it turns out urgent."""
DECLINED_AS: Mapping[str, Conclusion] = {
    "not_labour": "非欠薪",
    "other_district": "不属管辖",
    "time_barred": "不属管辖",
    "in_arbitration": "引导仲裁或诉讼",
}


def opened(turn: Turn, data: CaseOpened) -> Turn:
    """新案: the clocks that run from receipt start here, not at routing."""
    if turn.case.opened_at is not None:
        return turn
    matter = data.submission.matter
    turn = turn.set(
        number=data.number,
        opened_at=turn.cause.time,
        urgent=matter.urgent,
        construction=matter.sector == "construction",
        policy=turn.policy.hash,
    )
    return _received(awaited(turn, UNRESOLVED), data.submission)


def joined(turn: Turn, data: SubmissionJoined) -> Turn:
    """并案: its own reply clock; received after the case was closed, a case of its own (docs/adr/0004)."""
    case, submission = turn.case, data.submission
    if case.of_submission(submission.submission_id):
        return turn
    if case.closed_at is not None and submission.received_at > case.closed_at:
        return turn.say(SubmissionDetached, submission=submission, why="after_closing")
    if len(case.sources) >= SOURCES_MAX:
        return turn.say(SubmissionDetached, submission=submission, why="case_full")
    turn = from_first(_received(turn, submission))
    newly = submission.matter.urgent and not turn.case.urgent and turn.case.open
    return _urgent(turn) if newly else turn


def _urgent(turn: Turn) -> Turn:
    """A record that makes the case urgent: the shorter clocks run from now where they end earlier."""
    turn = turn.set(urgent=True)
    for ordinary, short in SWAPS:
        turn = swap(turn, ordinary, short, turn.cause.time)
    return turn


def claimed(turn: Turn, data: GroupClaimRaised) -> Turn:
    """群体性欠薪: what the group demands of this case. A meeting that was due before it was raised is not due again."""
    case, meeting = turn.case, ("S17", "")
    if not case.open or data.rule in case.groups:
        return turn
    turn = turn.set(groups=(*case.groups, data.rule))
    if data.effect == "urgent":
        return turn if case.urgent else _urgent(turn)
    turn = turn.set(claimed=max(data.since, case.claimed or data.since))
    met = case.deeds.steps.get(MEETING)
    if met and met >= data.since:
        return turn
    begun = start(turn, meeting, data.since)
    clock = begun.case.clock(("S17", ""))
    return begun if clock and clock.due_at > turn.cause.time else turn


def _received(turn: Turn, submission: Submission) -> Turn:
    source = Source(submission=submission.model_copy(update={"claimant": Sealed()}))
    turn = turn.set(sources=(*turn.case.sources, source))
    return mark(turn, Mark(RECEIVED, submission.occurred_at, source))


def split(turn: Turn, data: SubmissionSplit) -> Turn:
    """拆分: the record and its reply clock leave the case; joined into another to the last, it is closed (重复)."""
    gone = [s for s in turn.case.sources if s.submission.submission_id == data.submission_id]
    for source in gone:
        for clock in turn.case.clocks:
            if clock.source == source.name:
                turn = stop(turn, clock, turn.cause.time, "split")
    turn = turn.set(sources=tuple(s for s in turn.case.sources if s not in gone))
    turn = from_first(turn)
    empty = gone and turn.case.open and not turn.case.sources
    return close(turn, turn.cause.time, "重复") if empty else turn


def suggested(turn: Turn, data: MatterSuggested) -> Turn:
    """提示核对: stands on the case, so that a person may join it into the other; no clock moves."""
    one = Suggested(case_id=data.other, number=data.other_number, since=data.since)
    others = tuple(s for s in turn.case.suggested if s.case_id != data.other)
    return turn.set(suggested=(*others, one)[-SUGGESTED_MAX:])


def amended(turn: Turn, data: SubmissionAmended) -> Turn:
    """诉求变更: shown on the case, never a new clock."""
    new = data.submission.model_copy(update={"claimant": Sealed()})
    return turn.set(
        sources=tuple(
            s.model_copy(update={"submission": new})
            if s.submission.submission_id == new.submission_id
            else s
            for s in turn.case.sources
        )
    )


def routed(turn: Turn, data: CaseRouted) -> Turn:
    """派单: an owner, by name; an empty post falls back to its superior."""
    case, at = turn.case, turn.cause.time
    if data.attempt <= case.attempt or not case.open:
        return turn
    triage = data.rule_kind == "triage"
    owner = owner_of(
        turn.policy, data.target.post, data.target.grid, data.target.unit_code, turn.now
    )
    began = case.sources[0].submission.received_at if data.attempt == 1 else at
    turn = turn.set(
        owner=owner, attempt=data.attempt, assigned_at=at, final=data.final, disputed=False,
        triage=triage,
    ).note(routed=case.deeds.routed or at)  # fmt: skip
    turn = mark(turn, Mark("CaseRouted", at))
    if triage:
        turn = start(turn, ("S01", "triage"), began)
    turn = mark(turn, Mark("AssignmentMade", at))
    first = governing(turn.case.clocks)
    return turn.say(
        AssignmentMade,
        attempt=data.attempt,
        owner=owner,
        urgent=case.urgent,
        **({**names(first), "due_at": first.due_at} if first else {}),
    )


def declined(turn: Turn, data: CaseDeclined) -> Turn:
    """不属职责: closed with the advice, told to every source (首问负责)."""
    if not turn.case.open:
        return turn
    remark = turn.policy.texts["remark"]["declined"].format(
        advice=data.advice_zh, channel=data.channel_zh
    )
    turn = turn.set(declined=True)
    turn = mark(turn, Mark("CaseDeclined", turn.cause.time))
    return close(turn, turn.cause.time, DECLINED_AS.get(data.verdict, "不属管辖"), remark)


def close(turn: Turn, at: datetime, conclusion: Conclusion, remark: str = "") -> Turn:
    """办结: clocks end, everybody concerned is told; what is owed follows at the end of the turn (`owe`)."""
    turn = turn.set(closed_at=at, conclusion=conclusion, remark=remark)
    turn = mark(turn, Mark("closed", at))
    turn = _late(stop_all(forestalled(turn, UNRESOLVED), at, "closed"), at)
    case = turn.case
    return turn.say(
        CaseClosed,
        conclusion=conclusion,
        closed_at=at,
        persons=case.persons,
        paid_fen=case.paid_fen,
        workers=case.workers,
        declined=case.declined,
    )


def _late(turn: Turn, at: datetime) -> Turn:
    """Records received after the closing's instant that joined before its command came: sent away all the same."""
    for source in turn.case.sources[1:]:
        if source.submission.received_at > at and not source.leaving:
            turn = turn.say(SubmissionDetached, submission=source.submission, why="after_closing")
            turn = change_source(turn, source, leaving=True)
    return turn


def filed(turn: Turn, at: datetime) -> Turn:
    """立案: a hotline's order ends before an investigation can, so its answer is owed now (policies/replies.toml)."""
    for source in _waiting(turn.case, turn.policy.replies["on_filing"]):
        turn = _owe(turn, source, at, "已立案", turn.policy.texts["remark"]["filed"])
    return turn


def owe(turn: Turn) -> Turn:
    """应答复: a closed case owes one answer to every source that waits and has none yet, however late it joined.

    Last in a turn: a receipt that was given before the closing and came early counts first.
    """
    case = turn.case
    if case.closed_at is None or case.conclusion is None:
        return turn
    for source in _waiting(case, turn.policy.replies["on_closing"]):
        turn = _owe(turn, source, case.closed_at, case.conclusion, case.remark or _remark(turn))
    return turn


def _waiting(case: Case, channels: tuple[str, ...]) -> list[Source]:
    return [
        one
        for one in case.sources
        if one.submission.channel in channels and not (one.owed or one.replied or one.leaving)
    ]


def _owe(turn: Turn, source: Source, at: datetime, conclusion: Conclusion, remark: str) -> Turn:
    case, submission = turn.case, source.submission
    fact = ReplyOwed(
        district=case.district,
        case_id=case.case_id,
        submission_id=submission.submission_id,
        channel=submission.channel,
        external_no=submission.external_no,
        conclusion=conclusion,
        remark_zh=remark,
        paid_fen=case.paid_fen,
        paid_people=case.workers,
        handled_at=at,
    )
    turn = turn.emit("escalations", str(case.case_id), fact)
    turn = turn.emit("replies", submission.external_no, fact)
    return change_source(turn, source, owed=True)


def change_source(turn: Turn, source: Source, **fields: object) -> Turn:
    new = source.model_copy(update=fields)
    return turn.set(sources=tuple(new if s.name == source.name else s for s in turn.case.sources))


def _remark(turn: Turn) -> str:
    case, texts = turn.case, turn.policy.texts["remark"]
    paid = f"{case.paid_fen / 100:.2f}".rstrip("0").rstrip(".")
    name = "closed_paid" if case.paid_fen else "closed"
    return texts[name].format(conclusion=case.conclusion, yuan=paid, workers=case.workers)
