"""`anxin notifier dead|resend` over an outbox with letters that were given up."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from services.cli import notifier
from services.notifier.core.robots import Verdict
from services.notifier.outbox import Outbox
from services.notifier.settings import outbox_url
from services.runtime.settings import Settings
from services.runtime.sql import owned
from tests.support.events import AT
from tests.support.notices import UNIT, Log, assigned, case, outbox

CLI = CliRunner()


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.setenv("ANXIN_HOME", str(tmp_path))
    made = outbox(outbox_url(Settings(home=tmp_path)), **{UNIT: "wecom"})
    log = Log()
    made.apply([log.put(assigned(case(n)), AT) for n in range(3)], AT)
    now = AT
    while taken := made.take(now):
        made.mark(taken.id, Verdict("refused", "93000"), now + timedelta(hours=25))
        now += timedelta(hours=27)  # the robot rests after that
    yield made
    made.close()


def ask(*words: str) -> tuple[int, str]:
    said = CLI.invoke(notifier.app, list(words))
    return said.exit_code, said.output


def test_dead_letters_are_listed_and_one_or_all_of_a_robot_sent_again(box):
    code, text = ask("dead", "--json")
    found = json.loads(text)
    assert code == 0
    assert {one["code"] for one in found} == {"93000"}
    first, *rest = [one["letter"] for one in found]
    assert first[:8] in ask("dead")[1]
    assert ask("resend", first[:8]) == (0, "1 letters wait to be posted again\n")
    assert [one.letter for one in box.dead()] == rest
    assert ask("resend", "--robot", UNIT)[0] == 0
    assert box.dead() == []
    assert ask("resend", "--all")[0] == 1


@pytest.mark.parametrize("words", [(), ("x", "--all"), ("--robot", "x", "--all")])
def test_which_ones_must_be_said_once(box, words):
    code, text = ask("resend", *words)
    assert code == 2
    assert "name letters, or one --robot, or --all" in text
    assert box.dead()


def test_letters_are_sent_again_beside_the_notifier_that_owns_the_outbox(box):
    with owned(box.engine):
        assert ask("resend", "--all")[0] == 0
    assert box.dead() == []


@pytest.mark.parametrize(("name", "fitting"), [("", 0), ("nosuch", 0), ("several", 3)])
def test_a_name_that_fits_none_or_several_sends_nothing(box, monkeypatch, name, fitting):
    letters = box.dead()
    alike = [replace(one, letter=f"several-{one.letter}") for one in letters]
    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "dead", lambda _: [*letters, *alike])
        code, text = ask("resend", letters[0].letter, name)
    assert code == 1
    assert f"{fitting} dead letters begin with {name!r}" in text
    assert box.dead() == letters
