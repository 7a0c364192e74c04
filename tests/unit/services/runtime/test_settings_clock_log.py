from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.clock import ManualClock, SteppedClock, clock_of, write_stepped
from services.runtime.log import refuse_personal
from services.runtime.settings import load_settings

AT = datetime(2025, 8, 28, 1, 5, tzinfo=UTC)


def test_an_unknown_setting_is_named(monkeypatch):
    monkeypatch.setenv("ANXIN_KAFAK", "x")
    with pytest.raises(SystemExit, match="ANXIN_KAFAK") as ended:
        load_settings()
    assert ended.value.code == 78


def test_a_bad_value_is_named_without_its_content(monkeypatch):
    monkeypatch.setenv("ANXIN_PROBE_PORT", "seven")
    with pytest.raises(SystemExit, match="PROBE_PORT"):
        load_settings()


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    path = tmp_path / "key"
    path.write_text("c2VjcmV0\n")
    monkeypatch.setenv("ANXIN_VAULT_KEY_FILE", str(path))
    assert load_settings().vault_key.get_secret_value() == "c2VjcmV0"
    assert "c2VjcmV0" not in repr(load_settings())


def test_a_secret_file_that_is_not_there_is_a_bad_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("ANXIN_VAULT_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match="VAULT_KEY_FILE") as ended:
        load_settings()
    assert ended.value.code == 78


def test_stepped_time_stands_still_until_moved(tmp_path):
    path = tmp_path / "clock"
    write_stepped(path, AT)
    clock = clock_of(f"stepped:{path}")
    assert isinstance(clock, SteppedClock)
    assert clock.now() == clock.now() == AT
    write_stepped(path, AT + timedelta(days=1))
    assert clock.now() == AT + timedelta(days=1)


def test_manual_time_and_bad_clock():
    clock = ManualClock(AT)
    assert clock.advance(timedelta(hours=1)) == clock.now() == AT + timedelta(hours=1)
    with pytest.raises(ValueError, match="ANXIN_CLOCK"):
        clock_of("fast")


def test_logs_refuse_personal_fields():
    assert refuse_personal(None, "info", {"phone": "13800001101", "case_id": "c"}) == {
        "phone": "[sealed]",
        "case_id": "c",
    }
