"""What the quarantine commands say before they reach a broker, and where they reach none."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from schemas.audit import QuarantineRedriven
from schemas.event import Record
from services.cli import quarantine
from services.cli.__main__ import app
from services.runtime import audit, quarantine_desk
from services.runtime.publish import NotNow, Position
from services.runtime.quarantine_desk import Entry

RUN = CliRunner()
WHO = ["--by", "platform-admin", "--reason", "程序已修复，重新受理"]
REDRIVE = ["redrive", "inbound-12345-3-17"]
AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--reason", "bad_luck"], "bad_encoding"),
        ([*REDRIVE, *WHO, "--header", "ce_time"], "k=v"),
        ([*REDRIVE, *WHO, "--header", "=x"], "k=v"),
        ([*REDRIVE, *WHO[:2]], "--reason"),
        ([*REDRIVE, *WHO[2:]], "--by"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(words, said):
    done = RUN.invoke(app, ["quarantine", *words])
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize("words", [["list"], ["show", "a-0-1"], ["redrive", "a-0-1", *WHO]])
def test_a_broker_that_is_away_is_said(words, monkeypatch):
    monkeypatch.setenv("ANXIN_KAFKA", "127.0.0.1:1")
    monkeypatch.setattr(quarantine_desk, "BOOTSTRAP_MS_MAX", 200)
    done = RUN.invoke(app, ["quarantine", *words])
    assert done.exit_code == 70
    assert "127.0.0.1:1 does not answer" in done.stderr


@pytest.fixture
def told(monkeypatch) -> list:
    """What the command does at the log, in order."""
    found: list = []

    class Log:
        def __init__(self, _: object) -> None: ...

        def find(self, position: str) -> Entry:
            original = Record("inbound-12345", 3, 17, AT, b"EZ1", b"{}", ())
            return Entry(position, AT, {}, original)

        def send(self, entry: Entry, value: object, headers: object) -> Position:
            found.append((entry.position, value, headers))
            return Position("inbound-12345", 3, 99)

    monkeypatch.setattr(quarantine, "Desk", Log)
    monkeypatch.setattr(audit, "record", lambda _, fact, subject, __: found.append((subject, fact)))
    return found


@pytest.mark.parametrize(
    ("mended", "headers"), [([], []), (["--header", "ce_time=x"], [("ce_time", "x")])]
)
def test_what_is_sent_again_is_on_record_first_under_the_account_that_was_given(
    told, mended, headers
):
    done = RUN.invoke(app, ["quarantine", *REDRIVE, *WHO, *mended])
    assert (done.exit_code, done.stdout) == (0, f"{REDRIVE[1]} is now inbound-12345-3-99\n")
    fact = QuarantineRedriven(
        district="420704", account=WHO[1], post="platform_admin", reason_zh=WHO[3],
        position=REDRIVE[1], repaired=bool(mended),
    )  # fmt: skip
    assert told == [(REDRIVE[1], fact), (REDRIVE[1], None, headers)]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (["--by", "nobody", *WHO[2:]], "花名册中没有账号 nobody"),
        (["--by", "g-420704001-G01-a", *WHO[2:]], "无权进行此操作"),
        ([*WHO[:2], "--reason", "x"], "请写明事由"),
        ([*WHO[:2], "--reason", "请联系13907110000"], "不要写电话"),
    ],
)
def test_who_may_not_or_gives_no_reason_sends_nothing(told, who, said):
    done = RUN.invoke(app, ["quarantine", *REDRIVE, *who])
    assert (done.exit_code, said in done.stderr, told) == (1, True, [])


def test_without_a_record_nothing_is_sent(told, monkeypatch):
    def away(*_: object) -> None:
        raise NotNow("away")

    monkeypatch.setattr(audit, "record", away)
    done = RUN.invoke(app, ["quarantine", *REDRIVE, *WHO])
    assert (done.exit_code, told) == (70, [])
