"""并案判断: is this record the same matter as that one? A score and a reason a person can check."""

from datetime import timedelta

from rapidfuzz import fuzz

from schemas.cases import Likeness
from schemas.matter import Submission
from services.intake.core.matters import KnownMatter, work_places
from services.intake.core.policy import JoinRule

_WAGES = frozenset({"wages", "min_wage", "overtime"})
_CONTAINED = 0.95
_NAME_CHARS_MIN = 3


def likeness(rule: JoinRule, known: KnownMatter, submission: Submission) -> Likeness | None:
    """None = not the same matter. The person is the same already: the row is theirs."""
    if known.alone or not _in_time(rule, known, submission):
        return None
    if _names_each_other(known, submission):
        return Likeness(score=1.0, reason_zh="同一诉求人，来源编号相互关联")
    if not _alike(known.category, submission.matter.category) or not _overlap(known, submission):
        return None
    employer = submission.matter.employer
    name = employer.normalised if employer else ""
    if known.employer and name:
        return _by_employer(rule, known, submission, name)
    return _without_employer(known, submission)


def _in_time(rule: JoinRule, known: KnownMatter, submission: Submission) -> bool:
    if known.closed_at is not None and submission.received_at >= known.closed_at:
        return False
    return abs(submission.received_at - known.last_at) <= timedelta(days=rule.window_days)


def _names_each_other(known: KnownMatter, submission: Submission) -> bool:
    return bool(set(submission.refs) & set(known.numbers)) or submission.external_no in known.refs


def _by_employer(
    rule: JoinRule, known: KnownMatter, submission: Submission, name: str
) -> Likeness | None:
    ratio = similar(known.employer, name)
    here = work_places(submission)
    apart = bool(here and known.places and not set(here) & set(known.places))
    if ratio < rule.employer_ratio_min or (apart and ratio < 1.0):
        return None
    score = round(0.6 + 0.3 * ratio + (0.0 if apart else 0.1), 2)
    return Likeness(
        score=min(score, 1.0),
        reason_zh=f"同一诉求人，单位相近（相似度 {ratio:.0%}），类别和期间不矛盾",
    )


def similar(one: str, other: str) -> float:
    """0..1 of two normalised names; one inside the other counts nearly whole."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _NAME_CHARS_MIN and shorter in longer:
        return _CONTAINED
    return fuzz.ratio(one, other) / 100


def _without_employer(known: KnownMatter, submission: Submission) -> Likeness | None:
    """One record names no employer: the same sum, or the same unit of work, must stand in for it."""
    amount = submission.matter.amount_fen
    if amount is not None and amount == known.amount_fen:
        return Likeness(score=0.8, reason_zh="同一诉求人，金额相同，一件未写明单位")
    if set(work_places(submission)) & set(known.places):
        return Likeness(score=0.7, reason_zh="同一诉求人，用工地相同，一件未写明单位")
    return None


def _alike(one: str, other: str) -> bool:
    return one == other or {one, other} <= _WAGES


def _overlap(known: KnownMatter, submission: Submission) -> bool:
    """Unknown periods contradict nothing."""
    matter = submission.matter
    if not (known.period_from and known.period_to and matter.period_from and matter.period_to):
        return True
    return known.period_from <= matter.period_to and matter.period_from <= known.period_to
