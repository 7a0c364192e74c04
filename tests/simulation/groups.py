"""Group claims of a world, judged from the notes on `employers` alone, by counting all of them anew after each."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from schemas.employers import EmployerCaseLeft, EmployerCaseNoted, EmployerFact, GroupClaimRaised
from tests.simulation.facts import Facts

YEAR = timedelta(days=365)
NO_CASE = {"不属实", "重复", "不属管辖", "非欠薪"}
Noted = dict[UUID, EmployerCaseNoted]


def groups(facts: Facts) -> Iterator[str]:
    """Each rule once to each case that should hear of it, and what was noted last is what the cases are."""
    said = Counter(
        (one.data.employer, one.data.rule, one.data.case_id)  # type: ignore[attr-defined]
        for one in facts.kind("claims", GroupClaimRaised)
    )
    known, expected = _replayed(facts)
    for claim in sorted(said.keys() | expected, key=str):
        if said[claim] != (claim in expected):
            yield f"{claim} said {said[claim]} times, expected {claim in expected}"
    yield from _as_the_cases_are(facts, known)


def _replayed(facts: Facts) -> tuple[dict[UUID, Noted], set[tuple[UUID, str, UUID]]]:
    """Notes of each employer at the end, and who should have been told what."""
    known: dict[UUID, Noted] = {}
    told: set[tuple[UUID, str, UUID]] = set()
    for event, _ in facts.events["employers"].values():
        data = event.data
        assert isinstance(data, EmployerFact)
        notes = known.setdefault(data.employer, {})
        if isinstance(data, EmployerCaseLeft):
            notes.pop(data.case_id, None)
            continue
        assert isinstance(data, EmployerCaseNoted)
        notes[data.case_id] = data
        still = {one.case_id for one in notes.values() if one.conclusion is None}
        for rule in _reached(notes):
            told |= {(data.employer, rule, case) for case in still}
        for _, rule, case in [one for one in told if one[0] == data.employer]:
            if case in still:
                told |= {(data.employer, rule, other) for other in still}
    return known, told


def _reached(notes: Noted) -> list[str]:
    still = [one for one in notes.values() if one.conclusion is None]
    newest = max(one.opened_at for one in notes.values())
    year = [
        one
        for one in notes.values()
        if one.opened_at > newest - YEAR and one.conclusion not in NO_CASE
    ]
    people, fen = (_sum(still, field) for field in ("people", "amount_fen"))
    reached = {
        "people_10": people >= 10,
        "people_30": people >= 30,
        "yuan_500000": fen >= 50_000_000,
        "cases_3": len(year) >= 3,
    }
    return [rule for rule, so in reached.items() if so]


def _sum(notes: list[EmployerCaseNoted], field: str) -> int:
    persons = {one.person for one in notes if one.person}
    own = sum(max(getattr(n, field) for n in notes if n.person == who) for who in persons)
    return max([own, *(getattr(one, field) for one in notes if not one.person)])


def _as_the_cases_are(facts: Facts, known: dict[UUID, Noted]) -> Iterator[str]:
    noted = {case: note for notes in known.values() for case, note in notes.items()}
    for case in facts.cases.values():
        names = {s.submission.matter.employer for s in case.sources} - {None}
        note = noted.pop(case.case_id, None)
        if (note is not None) != bool(case.attempt and names):
            yield f"{case.case_id}: noted {note}, though it is routed {case.attempt} times, {names}"
        elif note is not None:
            said = (note.conclusion, note.people, note.name in {n.normalised for n in names if n})
            most = max(s.submission.matter.people or 1 for s in case.sources)
            if said != (case.conclusion, most, True):
                yield f"{case.case_id} is noted as {note}"
    yield from (f"noted of nothing: {note}" for note in noted.values())
