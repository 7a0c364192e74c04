"""A case is computed by the policy it was opened under; what is not here stops the process."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas import actions as a
from services.escalation import book as module
from services.escalation.book import Book
from services.escalation.core.policy import pinned
from services.runtime.policy_bundle import bundle_of
from services.runtime.settings import load_settings
from services.runtime.stage import CannotDecide
from tests.support.story import Story, office, policy

AT = datetime(2026, 9, 21, 1, tzinfo=UTC)


def slower():
    """Signing within 8 working hours instead of 4, under another hash."""
    rules = [replace(r, limit=8.0) if r.id == "S03" else r for r in policy().rules]
    return replace(policy(), rules=tuple(rules), hash="b" * 32)


def test_a_case_keeps_its_policy_and_a_new_one_takes_the_newest():
    book = Book(slower(), {policy().hash: pinned(slower(), policy())})
    old = Story().opened()
    assert old.row.policy == policy().hash
    old.policy = book.of(old.row)
    assert office(old.routed().clock("S03").due_at) == "09-21 15:30"
    new = Story(one=book.of(None)).opened().routed()
    assert new.row.policy == "b" * 32
    assert office(new.clock("S03").due_at) == "09-22 10:30"


def test_people_and_powers_are_of_today():
    now = replace(policy(), powers=policy().powers | {"sign": frozenset({"centre_duty"})})
    story = Story().opened().routed()
    story.policy = pinned(now, policy())
    story.does(a.Sign)
    assert story.refused() == ["not_allowed_for_post"]


def test_a_case_of_before_is_computed_by_the_policy_of_today():
    row = Story().opened().row.model_copy(update={"policy": ""})
    assert Book(slower()).of(row).hash == "b" * 32


def test_a_policy_that_is_not_here_stops_the_process():
    with pytest.raises(CannotDecide, match="pinned"):
        Book(slower()).of(Story().opened().row)


def test_ours_is_published_once_and_every_calendar_is_known(monkeypatch):
    topic = {}
    monkeypatch.setattr(module, "bundles", lambda settings: dict(topic))
    monkeypatch.setattr(
        module, "publish", lambda settings, one, at: topic.setdefault(one.hash, one)
    )
    settings = load_settings()
    for _ in range(2):
        book = Book(policy())
        book.fill(settings, AT)
    assert list(topic) == [bundle_of(settings.policies).hash] == [policy().hash]
    assert book.now.calendars.keys() == {policy().calendar.version}
    assert book.then[policy().hash].rules == policy().rules


def test_a_bundle_of_before_is_not_held_to_the_checks_of_today(monkeypatch, tmp_path):
    """It lacks a word, a verb and a file that there were not yet: only its clocks bind anybody."""
    settings = load_settings()
    folder = shutil.copytree(settings.policies, tmp_path / "policies")
    (folder / "groups.toml").unlink()
    for name, word in (("texts.zh.toml", "stale ="), ("verbs.csv", "meet,")):
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(word)]
        (folder / name).write_text("".join(kept), encoding="utf-8")
    old = bundle_of(folder)
    monkeypatch.setattr(module, "bundles", lambda settings: {old.hash: old})
    monkeypatch.setattr(module, "publish", lambda *_: None)
    book = Book(policy())
    book.fill(settings, AT)
    assert book.then[old.hash].hash == old.hash


def test_a_bundle_from_before_there_were_steps_binds_its_cases(monkeypatch, tmp_path):
    """No steps.csv, no meeting_after, and S17 begins on other words: its case calls the meeting all the same."""
    settings = load_settings()
    folder = shutil.copytree(settings.policies, tmp_path / "policies")
    (folder / "steps.csv").unlink()
    for name, old, new in (
        ("groups.toml", "meeting_after", "# "),
        ("clocks.csv", "unresolved|group_claimed", "unresolved 20 wd|people ≥ 30"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    old = bundle_of(folder)
    monkeypatch.setattr(module, "bundles", lambda settings: {old.hash: old})
    monkeypatch.setattr(module, "publish", lambda *_: None)
    book = Book(policy())
    book.fill(settings, AT)
    story = Story(one=book.then[old.hash]).opened().routed().does(a.Sign)
    assert story.row.policy == old.hash
    story.does(a.NoteStep, "hotline_liaison", step="petition_received")
    story.until("2026-10-26 17:30")
    assert {"S17", "L11"} <= story.running()
