"""What the quarantine commands say before they reach a broker, and where they reach none."""

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.runtime import quarantine_desk

RUN = CliRunner()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--reason", "bad_luck"], "bad_encoding"),
        (["redrive", "inbound-12345-0-1", "--header", "ce_time"], "k=v"),
        (["redrive", "inbound-12345-0-1", "--header", "=x"], "k=v"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(words, said):
    done = RUN.invoke(app, ["quarantine", *words])
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize("words", [["list"], ["show", "a-0-1"], ["redrive", "a-0-1"]])
def test_a_broker_that_is_away_is_said(words, monkeypatch):
    monkeypatch.setenv("ANXIN_KAFKA", "127.0.0.1:1")
    monkeypatch.setattr(quarantine_desk, "BOOTSTRAP_MS_MAX", 200)
    done = RUN.invoke(app, ["quarantine", *words])
    assert done.exit_code == 70
    assert "127.0.0.1:1 does not answer" in done.stderr
