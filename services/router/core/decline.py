"""不属职责: which verdict, and to whom to turn (首问负责, 724号 §10)."""

from schemas.cases import CaseDeclined, CaseOpened, Evidence
from schemas.matter import Hint, Matter
from services.router.core.policy import DECLINED, EXIT_OF, Policy


def ground(matter: Matter) -> Hint | None:
    """The gravest sign against our competence; `needs_more_info` is none: that is ours to ask for."""
    found = [hint for hint in matter.hints if hint.verdict in DECLINED]
    return min(found, key=lambda hint: DECLINED.index(hint.verdict), default=None)


def declined(policy: Policy, data: CaseOpened, hint: Hint) -> CaseDeclined:
    """With the exit the hint names, where that one tells anything; else the verdict's own."""
    named = policy.exits.get(hint.exit, {})
    row = named if named.get("exit_advice_zh") else policy.exits[EXIT_OF[hint.verdict]]
    return CaseDeclined(
        district=data.district,
        case_id=data.case_id,
        verdict=hint.verdict,
        exit=row["code"],
        evidence=(Evidence(rule=hint.rule, text_zh=row["name_zh"], span=hint.span),),
        channel_zh=row["exit_channel_zh"],
        advice_zh=row["exit_advice_zh"],
    )
