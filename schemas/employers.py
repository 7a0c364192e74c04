"""Topics `employers` (key: employer) and `claims` (key: case id), both written and read by escalation: 群体性欠薪."""

from typing import ClassVar, Literal
from uuid import UUID

from schemas.actions import Conclusion
from schemas.escalations import CaseFact
from schemas.event import Instant

Effect = Literal["urgent", "meeting"]
"""What a group demands of each of its cases: 按紧急件办理, or 联席会议 (S17)."""


class EmployerFact(CaseFact):
    """`employer`: the key of the employer in its district, derived from the normalised name (docs/adr/0015)."""

    employer: UUID


class EmployerCaseNoted(EmployerFact):
    """单位案件现状: what a case says of its employer now; each replaces the one before. `conclusion` None = open.

    `person`: keyed hash of the complainant; empty = a machine alert or a patrol, which speaks of the whole employer.
    """

    TYPE: ClassVar[str] = "cn.anxin.employer_case.noted.v1"
    number: str
    name: str
    person: str = ""
    people: int = 1
    amount_fen: int = 0
    opened_at: Instant
    conclusion: Conclusion | None = None


class EmployerCaseLeft(EmployerFact):
    """The case names another employer now, or none (改名、更正)."""

    TYPE: ClassVar[str] = "cn.anxin.employer_case.left.v1"


class GroupClaimRaised(EmployerFact):
    """群体性欠薪: the employer's cases together reached a threshold; told once a threshold to each open case.

    `since`: when the group that stands now reached it. Figures are of the instant of telling: `people` and
    `amount_fen` over open cases, each person once; `recent_cases` within the policy's days, closed ones too.
    `numbers`: 案号 of the open cases, the newest, bounded.
    """

    TYPE: ClassVar[str] = "cn.anxin.group_claim.raised.v1"
    name: str
    rule: str
    effect: Effect
    since: Instant
    people: int
    amount_fen: int
    open_cases: int
    recent_cases: int
    numbers: tuple[str, ...] = ()
    basis: str
    text_zh: str
