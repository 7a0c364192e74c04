"""提示核对: older cases that may be the matter of a new one, told to people; nothing is joined.

Within one person the person's row sees them. Anonymous reports, alerts, patrols and people with a new phone have no
row in common: each new case is noted in a row of employers whose names begin alike and, if it speaks of several
workers, in one of as many workers in its town; there it is compared with the last ones.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from schemas.cases import Likeness, MatterSuggested
from schemas.event import Event, Out
from schemas.matter import Sealed, Submission
from schemas.submissions import MatterNoted
from services.intake.core.joining import JoinRule
from services.intake.core.likeness import GROUP_MIN, likeness, names_each_other, same_group
from services.intake.core.matters import Known, KnownMatter, matter_of, stands_alone, work_places
from services.intake.core.receive import TOPIC, out
from services.kernel.ids import NAMESPACE
from services.kernel.step import Step

CASES = "cases"


def suggestions(
    rule: JoinRule,
    event: Event,
    case: UUID,
    alike: Sequence[tuple[KnownMatter, Likeness]],
    now: datetime,
) -> list[Out]:
    """`alike`: the likest first."""
    return [
        out(CASES, str(case), event, _suggested(event, case, matter, like), now, ordinal)
        for ordinal, (matter, like) in enumerate(alike[: rule.suggestions_max])
    ]


def _suggested(event: Event, case: UUID, matter: KnownMatter, like: Likeness) -> MatterSuggested:
    return MatterSuggested(
        district=event.data.district,
        case_id=case,
        other=matter.case_id,
        other_number=matter.number,
        since=matter.since or matter.last_at,
        likeness=like,
    )


def note(
    rule: JoinRule, event: Event, case: UUID, number: str, submission: Submission, now: datetime
) -> list[Out]:
    """In the row of its employer and in that of its group; in none where neither is named."""
    district = event.data.district
    blocks = (block_of(rule, district, submission), group_of(district, submission))
    told = submission.model_copy(update={"claimant": Sealed()})
    return [
        out(
            TOPIC, block, event,
            MatterNoted(district=district, block=block, case_id=case, number=number, submission=told),
            now, ordinal,
        )
        for ordinal, block in enumerate(blocks)
        if block and rule.suggestions_max
    ]  # fmt: skip


def block_of(rule: JoinRule, district: str, submission: Submission) -> str:
    """Names that begin alike, as an id: no name stands in a record key. 某 stands for anything, so one more counts."""
    employer = submission.matter.employer
    head = _head(rule, employer.normalised if employer else "")
    return uuid5(NAMESPACE, f"employers/{district}/{head}").hex if head else ""


def _head(rule: JoinRule, name: str) -> str:
    """Empty where nothing or only a trade is named."""
    if len(name) < 2 or name in rule.trades:
        return ""
    return name[: 3 if name[0] == "某" else 2]


def group_of(district: str, submission: Submission) -> str:
    """As many workers in one town, as an id: who speaks for a group may not know what the employer is called."""
    people, units = submission.matter.people or 0, work_places(submission)
    if people < GROUP_MIN or not units:
        return ""
    return uuid5(NAMESPACE, f"groups/{district}/{units[0]}/{people}").hex


def noted(
    rule: JoinRule, known: Known, event: Event, data: MatterNoted, now: datetime
) -> Step[Known]:
    """Compares with what other persons told; a person's own matters were compared in the person's row."""
    if known.of_case(data.case_id):
        return Step(known)
    submission = data.submission
    by_group = data.block == group_of(data.district, submission)
    alike = [
        (matter, like)
        for matter in reversed(known.matters)
        if matter.person != submission.person
        and not (by_group and _same_head(rule, matter, submission))
        and _comparable(rule, matter, submission)
        and (like := likeness(rule, matter, submission, home=False)).band == "suggest"
    ]
    alike.sort(key=lambda one: -one[1].score)
    after = known.having(matter_of(data.case_id, submission, data.number), rule.block_max)
    return Step(after, tuple(suggestions(rule, event, data.case_id, alike, now)))


def _same_head(rule: JoinRule, matter: KnownMatter, submission: Submission) -> bool:
    """The row of their employer has compared them."""
    employer = submission.matter.employer
    head = _head(rule, employer.normalised if employer else "")
    return bool(head) and head == _head(rule, matter.employer)


def _comparable(rule: JoinRule, matter: KnownMatter, submission: Submission) -> bool:
    """Not two people who are known and differ: most of a row are such, and are no suggestion (`person_other`).

    But two who speak for one group.
    """
    who = submission.identity
    marks = {who.phone, who.id_number, who.name} - {""}
    return (
        matter.alone
        or stands_alone(submission)
        or names_each_other(matter, submission)
        or same_group(rule, matter, submission)
        or not marks.isdisjoint((*matter.phones, *matter.id_numbers, *matter.names))
    )
