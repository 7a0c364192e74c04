"""The processes of one machine: how they are described, whose they are, and who may be stopped."""

import configparser
import json
import os
import signal

import pytest

from schemas.topics import PARTITIONS
from services.runtime.machine import DEMO_MARK, Machine, Plan, _settings, demo_home
from services.runtime.runner import ALONE, APPS, Runner, RunnerError, Slot, conf_of, slots_of
from services.runtime.signals import held, interruptible


def ports():
    return iter(range(40_000, 50_000)).__next__


def conf(home, slots):
    made = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    made.read_string(conf_of(slots, home, "/usr/bin/python3"))
    return made


def test_one_process_a_worker_each_with_its_instance_and_port(tmp_path):
    slots = slots_of(2, ports())
    assert len(slots) == 2 * len(APPS) - len(ALONE)
    (desk,) = [slot for slot in slots if slot.app == "desk"]
    assert [slot for slot in slots if slot.http] == [desk]
    assert len({slot.port for slot in slots} | {desk.http}) == len(slots) + 1
    made = conf(tmp_path, slots)
    assert made["group:anxin"]["programs"].split(",") == [slot.name for slot in slots]
    program = made["program:router-1"]
    assert program["command"].endswith("-m services.router")
    assert 'ANXIN_INSTANCE="1"' in program["environment"]
    assert program["autorestart"] == "true"
    assert program["stopsignal"] == "TERM"
    assert int(program["startretries"]) >= 1_000_000


def test_a_percent_sign_in_a_path_is_not_an_expansion(tmp_path):
    made = conf(tmp_path / "50%", slots_of(1, ports()))
    assert "50%%/log/intake-0.log" in made["program:intake-0"]["stdout_logfile"]


@pytest.mark.parametrize("workers", [0, -1, PARTITIONS + 1])
def test_workers_without_work_are_refused(workers):
    with pytest.raises(RunnerError, match=f"1 to {PARTITIONS}"):
        slots_of(workers, ports())


def test_a_pid_file_that_names_another_process_stops_nobody(tmp_path):
    runner = Runner(tmp_path)
    runner.run.mkdir()
    (runner.run / "runner.pid").write_text(str(os.getpid()))
    assert runner.pid() is None
    assert runner.stop() is False
    assert Machine(tmp_path, tmp_path).down() == []


def test_slots_are_read_back(tmp_path):
    runner = Runner(tmp_path)
    assert runner.slots() == []
    runner.run.mkdir()
    (runner.run / "ports.json").write_text(
        json.dumps([{"app": "intake", "instance": 0, "port": 1}])
    )
    assert runner.slots() == [Slot("intake", 0, 1)]


def test_a_demo_home_is_emptied_and_nothing_else_is_touched(tmp_path):
    mine, theirs = tmp_path / "demo", tmp_path / "theirs"
    with demo_home(mine, tmp_path):
        (mine / "kafka").mkdir()
        (mine / "report.json").touch()
        with pytest.raises(RunnerError, match="under way"), demo_home(mine, tmp_path):
            pass
    with demo_home(mine, tmp_path):
        assert [entry.name for entry in mine.iterdir()] == [DEMO_MARK]
    theirs.mkdir()
    (theirs / "thesis.doc").touch()
    with pytest.raises(RunnerError, match="nothing in it was touched"), demo_home(theirs, tmp_path):
        pass
    assert (theirs / "thesis.doc").exists()
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(RunnerError, match="not a folder"), demo_home(tmp_path / "link", tmp_path):
        pass


def test_a_demo_never_finds_the_vault_of_an_office(tmp_path):
    given = {"ANXIN_VAULT_URL": "postgresql://real", "ANXIN_POLICIES": "p", "PATH": "bin"}
    demo = _settings(Plan(tmp_path, tmp_path, alone=True), "b:1", given)
    assert "ANXIN_VAULT_URL" not in demo
    assert (demo["ANXIN_POLICIES"], demo["PATH"], demo["ANXIN_KAFKA"]) == ("p", "bin", "b:1")
    assert _settings(Plan(tmp_path, tmp_path), "b:1", given)["ANXIN_VAULT_URL"]


def raise_and_clean_up(cleaned: list[str]) -> None:
    with interruptible():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            cleaned.append("all")


def test_one_interrupt_and_then_the_clean_up_is_undisturbed():
    before, cleaned = signal.getsignal(signal.SIGTERM), []
    with pytest.raises(KeyboardInterrupt):
        raise_and_clean_up(cleaned)
    assert cleaned == ["all"]
    assert signal.getsignal(signal.SIGTERM) is before


def start_and_note(noted: list[str]) -> None:
    with interruptible(), held():
        os.kill(os.getpid(), signal.SIGINT)
        noted.append("pid")


def test_an_interrupt_between_start_and_note_comes_after_the_note():
    noted: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        start_and_note(noted)
    assert noted == ["pid"]


def test_a_supervisor_is_known_from_the_first_moment_and_stops_what_it_runs(tmp_path):
    runner = Runner(tmp_path)
    pid = runner.start([Slot("none", 0, 1)], os.environ)
    try:
        assert runner.pid() == pid
        with pytest.raises(RunnerError, match="run already"):
            runner.start([Slot("none", 0, 1)], os.environ)
        with pytest.raises(RunnerError, match=r"none-0: .*refused"):
            runner.await_ready([Slot("none", 0, 1)], ready_s_max=0.5)
    finally:
        assert runner.stop()
    assert runner.pid() is None
    assert runner.stop() is False
