"""代理人: on the days on which a person of the roster is away, the deputy sees and does on the desk what is theirs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas import actions as a
from schemas.audit import PersonalDataRevealed
from services.desk.core.people import Person
from services.desk.core.words import SHANGHAI
from services.desk.wording import read_office
from services.runtime.policy_files import table
from tests.support.attacks import enter
from tests.support.databases import Database
from tests.support.house import POLICIES, House, assigned, office, opened


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def stand_in(house: House, deputy: Person, away: str, days: int = 0) -> None:
    """`away` is away from `days` ago until `days` ago, and has named the deputy."""
    desk = house.client.app.state.desk
    day = desk.now().astimezone(SHANGHAI).date() - timedelta(days=days)
    people = dict(office().people)
    people[away] = replace(people[away], absent_from=day, absent_to=day, deputy=deputy.account)
    house.client.app.state.desk = replace(desk, office=replace(office(), people=people))


def far_from(house: House, post: str = "grid_officer") -> Person:
    unit = assigned(house).owner.unit_code
    return next(
        one for one in office().people.values() if one.post == post and one.unit_code != unit
    )


@pytest.mark.parametrize("verb", ["sign", "contact", "return"])
def test_a_deputy_of_another_grid_finds_the_case_in_the_inbox_and_acts_on_it_by_name(house, verb):
    mine, deputy = assigned(house), far_from(house)
    stand_in(house, deputy, mine.owner.account)
    enter(house, deputy.account)
    inbox = house.client.get("/inbox").text
    assert mine.number in inbox
    unit = office().names.units[mine.owner.unit_code]
    assert f"· 代 {unit} {mine.owner.grid[-3:]}</h1>" in inbox
    form = house.form(f"/cases/{mine.case_id}?act={verb}")
    form |= {"party": "claimant", "reached": "on", "reason": "wrong_grid"}
    assert house.client.post(f"/cases/{mine.case_id}/actions/{verb}", data=form).status_code == 303
    [sent] = house.sent
    assert sent.event.data.actor == a.Actor(post="grid_officer", account=deputy.account)


@pytest.mark.parametrize("days", [1, -1])
def test_on_other_days_it_is_no_case_of_theirs(house, days):
    mine, deputy = assigned(house), far_from(house)
    stand_in(house, deputy, mine.owner.account, days)
    enter(house, deputy.account)
    assert mine.number not in house.client.get("/inbox").text
    assert house.client.get(f"/cases/{mine.case_id}").status_code == 404
    form = {"csrf": house.form("/me")["csrf"], "command_id": house.form("/me")["csrf"]}
    at = f"/cases/{mine.case_id}/actions/sign"
    assert (house.client.post(at, data=form).status_code, house.sent) == (404, [])


def test_what_only_the_post_of_who_is_away_may_do_is_done_in_that_post_and_in_that_town(house):
    """A grid officer for the squad leader of another town: `route` there, and not at home."""
    mine, deputy = assigned(house), far_from(house)
    squad = f"squad-{mine.owner.unit_code}"
    assert not office().may(deputy, "route")
    stand_in(house, deputy, squad)
    enter(house, deputy.account)
    form = house.form(f"/cases/{mine.case_id}?act=route") | {"grid": mine.owner.grid}
    assert house.client.post(f"/cases/{mine.case_id}/actions/route", data=form).status_code == 303
    [sent] = house.sent
    assert sent.event.data.actor == a.Actor(post="town_squad_leader", account=deputy.account)
    assert house.client.get(f"/cases/{mine.case_id}?act=accept").status_code == 404


def test_whoever_looks_at_a_contact_for_another_is_on_record_as_oneself(house):
    mine, deputy = assigned(house), far_from(house)
    stand_in(house, deputy, mine.owner.account)
    csrf = enter(house, deputy.account)
    form = {"csrf": csrf, "reason": "核实诉求情况"}
    assert house.client.post(f"/cases/{mine.case_id}/reveal", data=form).status_code == 200
    [fact] = [out.event.data for out in house.sent]
    assert isinstance(fact, PersonalDataRevealed)
    assert (fact.account, fact.post) == (deputy.account, "grid_officer")


def test_days_away_and_deputies_are_read_from_the_roster(tmp_path):
    for path in POLICIES.iterdir():
        (tmp_path / path.name).symlink_to(path)
    roster = tmp_path / "roster.csv"
    roster.unlink()
    first = table(POLICIES / "roster.csv")[0]["account"]
    head, row, *rest = (POLICIES / "roster.csv").read_text().splitlines()
    assert row.startswith(first)
    away = f"{first},grid_officer,420704001-G01,420704001,2026-09-21,2026-09-25,own,g-x"
    lines = [f"{head},deputy", away, *(f"{line}," for line in rest)]
    roster.write_text("\n".join(lines) + "\n")
    person = read_office(tmp_path).people[first]
    assert (person.absent_from, person.absent_to, person.deputy) == (
        date(2026, 9, 21), date(2026, 9, 25), "g-x",
    )  # fmt: skip
