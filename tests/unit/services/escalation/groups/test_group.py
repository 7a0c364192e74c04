"""The row of one employer: who counts, what is reached, who is told, and when it is over."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from schemas.codec import encode
from schemas.employers import EmployerCaseLeft, EmployerCaseNoted, GroupClaimRaised
from schemas.event import RECORD_BYTES_MAX, Data, Out, Refused
from services.escalation.core.check import problems
from services.escalation.core.policy import Policy
from services.escalation.groups.group import NUMBERS_MAX, employer_of, figures_of, group
from services.escalation.groups.note import employer_key
from services.escalation.groups.policy import Rule
from services.escalation.groups.state import CASES_MAX, Group
from services.kernel.ids import case_number, derived_id
from services.runtime.message import Message
from services.runtime.outbox import enclose
from services.runtime.rows import Row, encode_row
from tests.support.events import event_of, examples
from tests.support.story import local, policy

NAME = "甲电子厂"
EMPLOYER = employer_key("420704", NAME)
START = local("2026-03-02 09:00")
RULES = policy().groups.rules


def case_id(number: int) -> UUID:
    return derived_id(EMPLOYER, "case", number)


class Firm:
    """An employer and its cases, a day apart unless said otherwise."""

    def __init__(self, one: Policy | None = None) -> None:
        self.policy = one or policy()
        self.row: Group | None = None
        self.outs: list[Out] = []
        self.turns = 0

    @property
    def said(self) -> list[GroupClaimRaised]:
        return [out.event.data for out in self.outs]

    def case(self, number: int, day: float | None = None, **fields: object) -> "Firm":
        opened = START + timedelta(days=number if day is None else day)
        whole = {
            "person": f"p{number}", "people": 1, "amount_fen": 100, "opened_at": opened,
            "number": case_number(case_id(number), opened), "name": NAME,
        }  # fmt: skip
        data = EmployerCaseNoted(
            district="420704", case_id=case_id(number), employer=EMPLOYER, **(whole | fields)
        )
        return self.give(data, opened)

    def left(self, number: int) -> "Firm":
        data = EmployerCaseLeft(district="420704", case_id=case_id(number), employer=EMPLOYER)
        return self.give(data, START)

    def give(self, data: Data, at: datetime) -> "Firm":
        self.turns += 1
        event = replace(event_of(data, derived_id(EMPLOYER, "turn", self.turns)), time=at)
        step = group(self.policy, self.row, event, at)
        self.row = step.state
        for out in step.events:
            assert (out.topic, out.key) == ("claims", str(out.event.data.case_id))
        self.outs += step.events
        return self

    def told(self) -> list[tuple[str, int]]:
        """Rule and case, in order."""
        numbers = {case_id(number): number for number in range(400)}
        return [(one.rule, numbers[one.case_id]) for one in self.said]


def test_ten_people_are_told_to_each_open_case_once():
    firm = Firm().case(1, people=6).case(2, people=3)
    assert firm.said == []
    firm.case(3, people=1)
    assert firm.told() == [
        ("people_10", 1), ("people_10", 2), ("people_10", 3), ("cases_3", 1), ("cases_3", 2),
        ("cases_3", 3),
    ]  # fmt: skip
    firm.case(2, people=4).case(1, people=6)
    assert len(firm.said) == 6
    assert len({out.event.id for out in firm.outs}) == 6


def test_a_claim_says_what_it_rests_on():
    firm = Firm().case(1, people=6, amount_fen=1_234_567).case(2, people=4, amount_fen=100)
    claim = firm.said[0]
    assert (claim.rule, claim.effect, claim.people, claim.amount_fen) == (
        "people_10", "urgent", 10, 1_234_667,
    )  # fmt: skip
    assert (claim.open_cases, claim.recent_cases, claim.since) == (2, 2, START + timedelta(days=2))
    assert claim.numbers == tuple(
        case_number(case_id(n), START + timedelta(days=n)) for n in (1, 2)
    )
    assert claim.text_zh == (
        "“甲电子厂”涉及 10 人以上：未办结 2 件，10 人，12346.67 元；365 天内共 2 件。按紧急件办理"
    )


def test_a_person_counts_once_by_the_most_they_said():
    firm = Firm().case(1, person="a", people=9, amount_fen=40_000_000)
    firm.case(2, person="a", people=8, amount_fen=45_000_000)
    assert firm.said == []
    firm.case(3, day=500, person="b", amount_fen=5_000_000)
    assert firm.told() == [(rule, n) for rule in ("people_10", "yuan_500000") for n in (1, 2, 3)]


def test_alerts_speak_of_the_same_people_again():
    firm = Firm().case(1, person="", people=9).case(2, person="", people=9)
    firm.case(3, day=500, person="a", people=3)
    assert firm.said == []
    firm.case(4, day=501, person="", people=11)
    assert [rule for rule, _ in firm.told()] == ["people_10"] * 4


def test_the_third_case_within_a_year_counts_closed_ones_too():
    firm = Firm().case(1, conclusion="支付完毕").case(2, day=300)
    firm.case(3, day=366, conclusion=None)
    assert firm.said == []  # the first lies a whole year back
    firm.case(4, day=400)
    assert firm.told() == [("cases_3", 2), ("cases_3", 3), ("cases_3", 4)]


@pytest.mark.parametrize("conclusion", ["不属实", "重复", "不属管辖", "非欠薪"])
def test_what_was_no_case_does_not_count(conclusion):
    assert Firm().case(1, conclusion=conclusion).case(2).case(3).said == []
    assert Firm().case(1, conclusion="支付完毕").case(2).case(3).told() == [
        ("cases_3", 2), ("cases_3", 3),
    ]  # fmt: skip


def test_who_comes_while_the_group_stands_hears_of_it_and_since_when():
    firm = Firm().case(1, people=10)
    firm.case(2, day=500).case(3, day=900)
    assert firm.told() == [("people_10", 1), ("people_10", 2), ("people_10", 3)]
    assert {one.since for one in firm.said} == {START + timedelta(days=1)}


def test_nothing_is_taken_back_when_the_figures_fall():
    firm = Firm().case(1, people=9).case(2, day=500).case(1, people=9, conclusion="支付完毕")
    assert firm.row.standing() == ("people_10",)
    firm.case(3, day=900)
    assert firm.told()[-1] == ("people_10", 3)


def test_a_group_is_over_with_its_last_case_and_must_be_reached_anew():
    firm = Firm().case(1, people=10).case(1, people=10, conclusion="支付完毕")
    assert firm.row.standing() == ()
    firm.case(2, day=500)
    assert firm.told() == [("people_10", 1)]
    firm.case(3, day=501, people=9)
    assert firm.told()[1:] == [("people_10", 2), ("people_10", 3)]
    assert firm.said[-1].since == START + timedelta(days=501)


def test_a_case_that_reopens_has_heard_and_stands_again():
    firm = Firm().case(1, people=10).case(1, people=10, conclusion="支付完毕").case(1, people=1)
    assert firm.told() == [("people_10", 1)]
    assert firm.row.standing() == ("people_10",)


def test_a_case_that_leaves_takes_its_people_with_it():
    firm = Firm().case(1, people=9).left(1)
    assert firm.row is None
    assert firm.left(1).row is None
    assert firm.case(2, people=9).left(7).said == []


def test_beyond_the_bound_closed_cases_go_first_then_the_oldest():
    firm = Firm().case(0, day=0).case(1, day=1, conclusion="支付完毕")
    for number in range(2, CASES_MAX + 1):
        firm.case(number, day=number / 400)
    kept = {one.case_id for one in firm.row.cases}
    assert len(kept) == CASES_MAX
    assert case_id(1) not in kept
    assert case_id(0) in kept
    firm.case(399, day=2)
    assert len(firm.row.cases) == CASES_MAX
    assert case_id(0) not in {one.case_id for one in firm.row.cases}
    assert len(firm.said[-1].numbers) == NUMBERS_MAX
    assert len(firm.told()) == len(set(firm.told()))


def test_the_largest_row_and_all_it_may_say_at_once_fit_one_record():
    """A policy that lowers every threshold at once, an employer with the longest name."""
    high = replace(policy().groups, rules=tuple(replace(r, at_least=10**9) for r in RULES))
    firm = Firm(replace(policy(), groups=high))
    for number in range(CASES_MAX):
        firm.case(number, day=number / 400, person="ab" * 16, name="厂" * 200)
    firm.policy = replace(
        policy(), groups=replace(high, rules=tuple(replace(r, at_least=1) for r in RULES))
    )
    said = len(firm.outs)
    firm.case(0, day=0, people=30_000, amount_fen=10**12, person="ab" * 16, name="厂" * 200)
    messages = []
    for out in firm.outs[said:]:
        headers, value = encode(out.event)
        messages.append(Message(out.topic, out.key.encode(), value, tuple(headers)))
    assert len(messages) == len(RULES) * CASES_MAX
    outbox = sum(len(raw) for _, raw in enclose("employers", 10**9, messages))
    assert outbox + len(encode_row(Row(firm.row, b"x" * 2048))) < RECORD_BYTES_MAX


def test_what_is_no_fact_of_an_employer_is_refused():
    for data in examples():
        if isinstance(data, EmployerCaseNoted | EmployerCaseLeft):
            assert employer_of(data) == str(data.employer)
        else:
            with pytest.raises(Refused):
                employer_of(data)
            with pytest.raises(Refused):
                group(policy(), None, event_of(data), START)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"within_days": 0}, "within_days"),
        ({"unfounded": frozenset({"算了"})}, "no conclusion 算了"),
        ({"rules": policy().groups.rules * 2}, "rule people_10: 2 times"),
        ({"rules": (Rule("a", "", "tears", 1, "urgent", ""),)}, "no measure tears"),
        ({"rules": (Rule("a", "", "people", 1, "panic", ""),)}, "no effect panic"),
        ({"rules": (Rule("a", "", "people", 0, "urgent", ""),)}, "at_least"),
    ],
)
def test_each_kind_of_misfit_of_the_policy_is_named(changes, said):
    broken = replace(policy(), groups=replace(policy().groups, **changes))
    assert any(said in line and "groups.toml" in line for line in problems(broken))


def test_the_figures_of_a_row_are_the_ones_told():
    firm = Firm().case(1, people=6).case(2, people=5)
    assert figures_of(policy().groups, firm.row).people == firm.said[-1].people == 11
