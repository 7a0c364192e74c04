"""Lines become instants, records and commands; who acts is read from the facts and the roster."""

import csv
import json
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from schemas.escalations import Owner
from services.demo.core.scenario import (
    VERBS,
    Account,
    Broken,
    Deed,
    ScenarioError,
    Submit,
    actor_of,
    command_of,
    roster_of,
    scenario_of,
)
from services.kernel.ids import submission_id

ROOT = Path(__file__).parents[5]
CASE = UUID(int=7)
FILES = ("acceptance-2025", "extras")


def read(name: str):
    return scenario_of((ROOT / f"demo/{name}.jsonl").read_text(encoding="utf-8").splitlines())


def rows(name: str) -> list[dict]:
    with (ROOT / "policies" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def items(name: str, kind: type) -> list:
    return [one for moment in read(name).moments for one in moment.items if isinstance(one, kind)]


def line(**more: object) -> str:
    usual = {"at": "2025-01-08T09:40:00+08:00", "actor": "grid_officer", "case": 1}
    return json.dumps(usual | more)


OPENED = line(kind="submission", channel="12345", external_no="A1", raw={"order_no": "A1"})


def test_the_year_has_what_its_page_says_and_the_rest_is_counted():
    scenario = read("acceptance-2025")
    assert len(items("acceptance-2025", Submit)) == 26
    kinds = Counter(deed.kind for deed in items("acceptance-2025", Deed))
    assert (kinds["replied"], kinds["paid"], kinds["closed"]) == (24, 22, 22)
    paid = [d.fields for d in items("acceptance-2025", Deed) if d.kind == "paid"]
    assert sum(one["amount_fen"] for one in paid) == 15_000_000
    assert scenario.not_replayed == {
        "patrolled": 160, "risk_found": 3, "warning_issued": 22, "warning_verified": 22, "graded": 30,
    }  # fmt: skip
    replayed = sum(len(moment.items) for moment in scenario.moments)
    assert replayed + sum(scenario.not_replayed.values()) == 433


@pytest.mark.parametrize("name", FILES)
def test_every_deed_is_a_command_that_its_post_may_give(name):
    able = {row["verb"]: row["posts"].split("|") for row in rows("verbs.csv")}
    roster = roster_of(rows("roster.csv"))
    for moment in read(name).moments:
        for deed in moment.items:
            if not isinstance(deed, Deed):
                continue
            actor = actor_of(roster, deed.post, None)
            out = command_of(deed, CASE, actor, moment.at, "420704")
            assert out.topic == "actions"
            assert out.event.time == moment.at
            assert deed.post in able[VERBS[deed.kind].model.VERB], deed
            assert actor.account


def test_extras_touch_nobody_of_the_year():
    """Another person, another employer, another number: or the year's figures would move."""
    year, extra = (json.dumps([one.raw for one in items(n, Submit)]) for n in FILES)
    phones = {str(13800001100 + n) for n in range(300)}
    assert not [phone for phone in phones if phone in extra]
    assert "1380000200" not in year
    assert read("extras").moments[0].at > read("acceptance-2025").moments[-1].at


def test_a_deed_belongs_to_the_first_submission_and_a_receipt_to_its_own():
    second = line(kind="submission", channel="12333", external_no="B1", raw={})
    receipt = line(kind="replied", source="12333", external_no="B1", conclusion="支付完毕")
    made = scenario_of([OPENED, second, line(kind="signed"), receipt])
    (moment,) = made.moments
    assert moment.items[2].of == submission_id("12345", "A1")
    assert moment.items[3].of == submission_id("12333", "B1")
    again = scenario_of([OPENED, second, line(kind="signed"), receipt])
    assert again == made


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (line(kind="danced"), "line 2: unknown kind 'danced'"),
        (line(kind="signed", case=99), "line 2: 99"),
        (line(kind="signed", at="2025-01-07T09:00:00+08:00"), "before the line above"),
        (line(kind="signed", at="2025-01-09T09:00:00"), "line 2"),
        (line(kind="broken", channel="post", external_no="X"), "unknown channel"),
    ],
)
def test_a_line_that_cannot_be_understood_is_named(bad, why):
    with pytest.raises(ScenarioError, match=why):
        scenario_of([OPENED, bad])


def test_broken_lines_are_broken_as_they_say():
    def one(**more: object) -> Broken:
        text = line(kind="broken", channel="12345", external_no="X1", **more)
        return scenario_of([text]).moments[0].items[0]

    assert one().value is None
    assert one(value="{half").value == b"{half"
    assert one(value_base64="/w==").value == b"\xff"
    headers = dict(one(value={"a": 1}, headers={"ce_id": None, "ce_type": "t"}).headers)
    assert "ce_id" not in headers
    assert headers["ce_type"] == b"t"


def test_who_acts():
    roster = [
        Account("sq-1", "town_squad_leader", "U1"),
        Account("sq-2", "town_squad_leader", "U2"),
        Account("head", "centre_head", ""),
    ]
    owner = Owner(rung="R1", post="grid_officer", grid="G", unit_code="U2", account="g-b")
    squad = owner.model_copy(update={"post": "town_squad_leader", "account": "sq-2"})
    assert actor_of(roster, "grid_officer", owner).account == "g-b"
    assert actor_of(roster, "grid_officer", squad).post == "town_squad_leader"
    assert actor_of(roster, "town_squad_leader", owner).account == "sq-2"
    assert actor_of(roster, "centre_head", owner).account == "head"
    assert actor_of(roster, "director", owner).account == ""
