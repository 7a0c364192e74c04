"""Laws of a group claim: told once, to everybody whom a naive count would tell, and never by repetition."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.employers import EmployerCaseLeft, EmployerCaseNoted
from schemas.event import Data
from services.escalation.groups.group import figures_of, group
from services.escalation.groups.note import employer_key
from services.escalation.groups.state import Group
from services.kernel.ids import derived_id
from tests.support.events import event_of
from tests.support.story import local, policy

EMPLOYER = employer_key("420704", "某店")
START = local("2026-03-02 09:00")
DAYS = {number: number * 40 for number in range(8)}
of_case = st.integers(0, 7)


def _noted(number, person, people, yuan, conclusion) -> Data:
    return EmployerCaseNoted(
        district="420704", case_id=derived_id(EMPLOYER, "case", number), employer=EMPLOYER,
        number=str(number), name="某店", person=person, people=people, amount_fen=yuan * 100,
        opened_at=START + timedelta(days=DAYS[number]), conclusion=conclusion,
    )  # fmt: skip


notes = st.builds(
    _noted,
    of_case,
    st.sampled_from(["", "a", "b", "c"]),
    st.integers(1, 20),
    st.integers(0, 300_000),
    st.sampled_from([None, None, "支付完毕", "不属实"]),
)
lefts = of_case.map(
    lambda n: EmployerCaseLeft(
        district="420704", case_id=derived_id(EMPLOYER, "case", n), employer=EMPLOYER
    )
)


def turn(row: Group | None, data: Data, number: int):
    now = START + timedelta(days=400, minutes=number)
    event = replace(event_of(data, derived_id(EMPLOYER, "turn", number)), time=now)
    step = group(policy(), row, event, now)
    return step.state, [out.event for out in step.events]


@given(st.lists(notes, max_size=30))
def test_each_rule_is_told_once_to_each_case_and_to_all_while_it_is_reached(facts):
    row, told, ids = None, [], []
    for number, data in enumerate(facts):
        row, said = turn(row, data, number)
        told += [(one.data.rule, one.data.case_id) for one in said]
        ids += [one.id for one in said]
        figures = figures_of(policy().groups, row)
        for rule in policy().groups.rules:
            here = [one for one in row.open_cases if rule.id in one.told]
            reached = figures.of(rule.measure) >= rule.at_least
            assert len(here) in (0, len(row.open_cases))
            assert here or not reached or not row.open_cases
    assert len(told) == len(set(told))
    assert len(ids) == len(set(ids))


@given(st.lists(notes | lefts, min_size=1, max_size=20))
def test_the_same_fact_again_says_nothing_and_changes_nothing(facts):
    row = None
    for number, data in enumerate(facts):
        row, _ = turn(row, data, number)
        again, said = turn(row, data, 1000 + number)
        assert (again, said) == (row, [])


@given(st.lists(notes, max_size=20), notes)
def test_one_more_open_case_of_another_person_never_lowers_the_figures(facts, more):
    row = None
    for number, data in enumerate(facts):
        row, _ = turn(row, data, number)
    before = figures_of(policy().groups, row) if row else None
    other = more.model_copy(
        update={"case_id": derived_id(EMPLOYER, "new"), "person": "z", "conclusion": None}
    )
    after = figures_of(policy().groups, turn(row, other, 99)[0])
    if before is not None:
        assert after.people >= before.people
        assert after.amount_fen >= before.amount_fen
