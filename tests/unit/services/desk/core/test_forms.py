"""A form is what its command asks; a filled-in form is its command or a clear answer."""

from pathlib import Path
from uuid import UUID

import pytest

from schemas import actions as a
from services.desk.core.forms import GIVEN, VERBS, BadForm, command_of, fields_of
from services.desk.wording import read_places, read_wording

POLICIES = Path(__file__).resolve().parents[5] / "policies"
WORDS = read_wording(POLICIES)
CASE = UUID(int=7)
ACTOR = a.Actor(post="grid_officer", account="g")


def command(verb: str, **form: str) -> a.Action:
    return command_of(WORDS, verb, form, CASE, ACTOR, "420704")


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"replied"}))
def test_every_verb_of_the_desk_has_a_form_that_asks_all_its_command_needs(verb):
    asked = {one.name for one in fields_of(WORDS, verb)}
    assert asked == set(VERBS[verb].model_fields) - GIVEN
    offered = {one for verbs in WORDS.groups.values() for one in verbs}
    assert verb in offered


def test_a_payment_in_yuan_becomes_fen():
    said = command("pay", amount_fen="18,000.5", workers="3", full="on", attempt="2")
    assert said == a.Pay(
        district="420704", case_id=CASE, actor=ACTOR, seen_attempt=2, amount_fen=1_800_050,
        workers=3, full=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "form", "field"),
    [
        ("pay", {"amount_fen": "一万八", "workers": "3"}, "amount_fen"),
        ("pay", {"amount_fen": "1.234", "workers": "3"}, "amount_fen"),
        ("pay", {"amount_fen": "0", "workers": "3"}, "amount_fen"),
        ("pay", {"amount_fen": "5", "workers": ""}, "workers"),
        ("close", {"conclusion": "随便"}, "conclusion"),
        ("split", {"submission_id": "1"}, "submission_id"),
        ("comment", {"note": "x" * 2001}, "note"),
    ],
)
def test_a_wrong_answer_names_its_field(verb, form, field):
    with pytest.raises(BadForm) as found:
        command(verb, **form)
    assert found.value.field == field
    assert found.value.told


def test_a_box_not_ticked_is_no():
    assert not command("contact", party="claimant").reached
    assert command("contact", party="claimant", reached="on").reached


def test_every_grid_has_its_tile():
    assert len({one.grid for one in read_places(POLICIES)}) == 129


def test_nobody_types_an_identity_and_what_need_not_be_said_may_stay_open():
    offered = {"into": [(str(CASE), "20261127-ABC")], "source": [("12345/X1", "12345热线 X1")]}
    into = next(one for one in fields_of(WORDS, "join", offered) if one.name == "into")
    assert (into.kind, into.choices) == ("choice", ((str(CASE), "20261127-ABC"),))
    source = next(one for one in fields_of(WORDS, "ask_extension", offered) if one.name == "source")
    assert source.choices[0] == ("", "不填")
    assert command("join", into=str(CASE), attempt="1").into == CASE
