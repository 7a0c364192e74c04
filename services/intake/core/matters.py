"""What is remembered of one person's recent matters, bounded, without anything personal."""

from datetime import datetime
from uuid import UUID

from schemas.event import Model
from schemas.matter import Submission

INSIDE = ("village", "unit", "grid")


class KnownMatter(Model):
    """One case this person takes part in. `closed_at` None = open; `numbers`: external numbers of its records.

    `person`, `since`: of its first record; `phones`, `id_numbers`, `names`: keyed hashes of those who told it.
    `moved`: records that had a case of their own before a person joined them to this one.
    """

    case_id: UUID
    number: str = ""
    person: str = ""
    phones: tuple[str, ...] = ()
    id_numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    since: datetime | None = None
    employer: str = ""
    uscc: str = ""
    category: str
    period_from: str | None = None
    period_to: str | None = None
    amount_fen: int | None = None
    people: int | None = None
    places: tuple[str, ...] = ()
    submissions: tuple[UUID, ...] = ()
    numbers: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    moved: tuple[UUID, ...] = ()
    alone: bool = False
    last_at: datetime
    closed_at: datetime | None = None


class Known(Model):
    """The row of one person, or of employers whose names begin alike; oldest matter first.

    `alias`: this row is an ID number's only, and its person's matters stand in that one.
    """

    matters: tuple[KnownMatter, ...] = ()
    alias: str = ""

    @property
    def shared(self) -> bool:
        """Several persons by ID number or by name: a family's phone, an agent's."""
        ids = {one for matter in self.matters for one in matter.id_numbers}
        names = {one for matter in self.matters for one in matter.names}
        return len(ids) > 1 or len(names) > 1

    def of_submission(self, submission: UUID) -> KnownMatter | None:
        return next((one for one in self.matters if submission in one.submissions), None)

    def of_case(self, case: UUID) -> KnownMatter | None:
        return next((one for one in self.matters if one.case_id == case), None)

    def having(self, matter: KnownMatter, matters_max: int) -> "Known":
        """With this matter new or replaced; beyond the bound the oldest closed one goes, else the oldest."""
        others = tuple(one for one in self.matters if one.case_id != matter.case_id)
        while len(others) >= matters_max:
            gone = next((one for one in others if one.closed_at), others[0])
            others = tuple(one for one in others if one is not gone)
        return self.model_copy(update={"matters": (*others, matter)})


def matter_of(case: UUID, submission: Submission, number: str = "") -> KnownMatter:
    matter, who = submission.matter, submission.identity
    return KnownMatter(
        case_id=case,
        number=number,
        person=submission.person,
        phones=_given(who.phone),
        id_numbers=_given(who.id_number),
        names=_given(who.name),
        since=submission.occurred_at,
        employer=matter.employer.normalised if matter.employer else "",
        uscc=matter.employer.uscc if matter.employer else "",
        category=matter.category,
        period_from=matter.period_from,
        period_to=matter.period_to,
        amount_fen=matter.amount_fen,
        people=matter.people,
        places=work_places(submission),
        submissions=(submission.submission_id,),
        numbers=(submission.external_no,),
        refs=submission.refs,
        alone=stands_alone(submission),
        last_at=submission.received_at,
    )


def _given(mark: str) -> tuple[str, ...]:
    return (mark,) if mark else ()


def work_places(submission: Submission) -> tuple[str, ...]:
    """Unit codes of the places of work."""
    codes = (
        one.unit_code
        for one in submission.matter.places
        if one.kind in INSIDE and one.role != "home" and one.unit_code
    )
    return tuple(sorted(set(codes)))


def stands_alone(submission: Submission) -> bool:
    """Never joined automatically: anonymous, machine alerts of the province, patrols."""
    return submission.anonymous or submission.channel in ("provincial", "patrol")


def grown(known: KnownMatter, submission: Submission, records_max: int) -> KnownMatter:
    """The matter with one more record; what was unknown is filled in, what was known stays."""
    fresh = matter_of(known.case_id, submission)
    have = submission.submission_id in known.submissions
    starts = [one for one in (known.period_from, fresh.period_from) if one]
    ends = [one for one in (known.period_to, fresh.period_to) if one]
    return known.model_copy(
        update={
            "employer": known.employer or fresh.employer,
            "uscc": known.uscc or fresh.uscc,
            "period_from": min(starts, default=None),
            "period_to": max(ends, default=None),
            "amount_fen": known.amount_fen or fresh.amount_fen,
            "people": known.people or fresh.people,
            "places": known.places or fresh.places,
            "submissions": known.submissions
            if have
            else (*known.submissions, *fresh.submissions)[-records_max:],
            "numbers": known.numbers if have else (*known.numbers, *fresh.numbers)[-records_max:],
            "refs": _union(known.refs, fresh.refs, records_max),
            "phones": _union(known.phones, fresh.phones, records_max),
            "id_numbers": _union(known.id_numbers, fresh.id_numbers, records_max),
            "names": _union(known.names, fresh.names, records_max),
            "last_at": max(known.last_at, fresh.last_at),
        }
    )


def _union(old: tuple[str, ...], new: tuple[str, ...], records_max: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))[-records_max:]
