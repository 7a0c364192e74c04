"""Topics `cases` (writer intake) and `routings` (writer router), key: case id."""

from typing import ClassVar, Literal
from uuid import UUID

from schemas.event import Data, Instant, Model
from schemas.matter import Ratio, Span, Submission, Verdict

RuleKind = Literal[
    "coordinates", "grid", "village", "unit", "employer_address", "manual", "triage",
    "returned", "ruled", "construction",
]  # fmt: skip


Band = Literal["join", "suggest", "new"]
"""自动并案, 提示人工核对, 另立新案."""


class Point(Model):
    """得分项: one thing compared, a rule of policies/matters.toml; `at_most` where it bounds the band."""

    rule: str
    points: int
    text_zh: str
    at_most: Band = "join"


class Likeness(Model):
    """Why a submission was joined or not: score 0..1 (points of 100), the reason in Chinese, each point."""

    score: Ratio
    reason_zh: str
    band: Band = "join"
    points: tuple[Point, ...] = ()


class CaseOpened(Data):
    """新案: the first submission of a matter. `number` is what people say aloud."""

    TYPE: ClassVar[str] = "cn.anxin.case.opened.v1"
    case_id: UUID
    number: str
    submission: Submission
    likeness: Likeness | None = None
    split_from: UUID | None = None


class SubmissionJoined(Data):
    """并案: another record of the same matter."""

    TYPE: ClassVar[str] = "cn.anxin.submission.joined.v1"
    case_id: UUID
    submission: Submission
    likeness: Likeness


class MatterSuggested(Data):
    """疑似同一事项: this case may be the matter of `other`, the older one; a person looks, nothing is joined.

    `since`: when the older matter came up first.
    """

    TYPE: ClassVar[str] = "cn.anxin.matter.suggested.v1"
    case_id: UUID
    other: UUID
    other_number: str
    since: Instant
    likeness: Likeness


class SubmissionSplit(Data):
    """拆分: the submission has left this case and stands in `into`."""

    TYPE: ClassVar[str] = "cn.anxin.submission.split.v1"
    case_id: UUID
    submission_id: UUID
    into: UUID


class Evidence(Model):
    """依据: one reason for a grid or a verdict."""

    rule: str
    text_zh: str
    span: Span | None = None
    weight: Ratio = 1.0


class Target(Model):
    """Where a case goes. `grid` empty = no single grid: `post` of the unit or the centre takes it."""

    grid: str = ""
    unit_code: str = ""
    unit: str = ""
    village_code: str = ""
    village: str = ""
    post: str
    confidence: Ratio


class CaseRouted(Data):
    """派单. `attempt` counts from 1; `final` after a ruling: no further return (退单)."""

    TYPE: ClassVar[str] = "cn.anxin.case.routed.v1"
    case_id: UUID
    attempt: int
    target: Target
    rule_kind: RuleKind
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[Target, ...] = ()
    verdict: Verdict = "accept"
    triage_reason: str = ""
    final: bool = False
    grid_map: str = ""


class CaseDeclined(Data):
    """不属职责: declined with the channel to turn to (首问负责, 724号 §10)."""

    TYPE: ClassVar[str] = "cn.anxin.case.declined.v1"
    case_id: UUID
    verdict: Verdict
    exit: str
    evidence: tuple[Evidence, ...] = ()
    channel_zh: str
    advice_zh: str
