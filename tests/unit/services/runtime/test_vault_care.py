"""Erasing, rotating, counting; who may ask for it."""

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from schemas.matter import Submission
from services.runtime import audit, erasure, vault_secrets
from services.runtime.clock import write_stepped
from services.runtime.settings import Settings
from services.runtime.vault import Erased, KeyUnknown, Vault, open_vault
from tests.support.databases import Database, files
from tests.support.events import submission

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
AT = datetime(2026, 11, 26, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 27, 1, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32


def vault(database: Database, key: bytes = OLD, old: tuple[bytes, ...] = ()) -> Vault:
    return Vault(database("v"), key, old)


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_what_is_erased_stays_erased_and_says_when(tmp_path):
    one = vault(files(tmp_path))
    key = one.keys([ONE, TWO])[ONE]
    wrapped = aes_key_wrap(OLD, key)
    assert wrapped in bytes_of(tmp_path)
    [gone] = one.erase([ONE], AT)
    assert (gone.key_id, gone.at) == (vault_secrets.key_id(wrapped), AT)
    assert wrapped not in bytes_of(tmp_path)
    assert one.erase([ONE], LATER) == [gone]
    assert one.keys([ONE])[ONE] == one.held([ONE])[ONE] == b""
    assert len(one.keys([TWO])[TWO]) == 32


def test_a_submission_without_a_key_is_erased_before_one_is_made(database):
    one = vault(database)
    assert one.erase([ONE], AT) == [Erased(ONE, "", AT)]
    assert one.keys([ONE])[ONE] == b""


def test_looking_makes_no_key(database):
    one = vault(database)
    assert one.held([ONE]) == {}
    assert one.census().current == 0


def test_rotation_leaves_every_key_what_it_was(database):
    before = vault(database)
    names = [UUID(int=n) for n in range(1, 1_203)]
    keys = before.keys(names)
    before.erase([ONE], AT)
    turned = vault(database, NEW, (OLD,))
    assert turned.keys(names[1:]) == {name: keys[name] for name in names[1:]}  # readable before
    assert turned.rotate() == len(names) - 1
    assert turned.rotate() == 0
    after = vault(database, NEW)
    assert after.keys(names) == keys | {ONE: b""}
    census = after.census()
    assert (census.current, census.old, census.erased) == (len(names) - 1, 0, 1)
    with pytest.raises(KeyUnknown, match="ANXIN_VAULT_KEY"):
        before.keys([TWO])
    assert before.census().unreadable == len(names) - 1


def test_a_new_key_is_wrapped_by_the_current_one(database):
    vault(database, NEW, (OLD,)).keys([ONE])
    assert vault(database, NEW).held([ONE])[ONE]


def test_rotation_stops_at_a_key_nobody_can_read(database):
    vault(database, b"x" * 32).keys([ONE])
    with pytest.raises(KeyUnknown):
        vault(database, NEW, (OLD,)).rotate()


def test_a_local_key_is_renewed_and_the_old_one_waits_until_it_is_retired(tmp_path):
    settings = Settings(home=tmp_path)
    key = open_vault(settings)[0].keys([ONE])
    vault_secrets.renew_local(settings)
    vault_secrets.renew_local(settings)  # the plug was pulled in between: the same renewal goes on
    current, old = vault_secrets.vault_keys(settings)
    turned, _ = open_vault(settings)
    assert turned.held([ONE]) == key
    assert turned.rotate() == 1
    vault_secrets.retire_local(settings)
    assert vault_secrets.vault_keys(settings) == (current,)
    assert open_vault(settings)[0].held([ONE]) == key
    assert old != current
    assert (tmp_path / "vault" / "vault.key").stat().st_mode & 0o077 == 0


def test_given_keys_are_taken_before_local_ones(tmp_path):
    new, old = (base64.b64encode(one).decode() for one in (NEW, OLD))
    settings = Settings(home=tmp_path, vault_key=new, vault_key_old=old)
    assert vault_secrets.vault_keys(settings) == (NEW, OLD)
    assert vault_secrets.vault_keys(Settings(home=tmp_path, vault_key=new)) == (NEW,)


WHO = audit.Who("centre-head", "centre_head", "", "")


def known() -> dict[UUID, Submission]:
    return {ONE: submission(submission_id=ONE)}


def test_a_certificate_names_what_was_erased_and_any_change_shows():
    erased = [Erased(ONE, "0" * 16, AT), Erased(TWO, "", LATER)]
    said = erasure.certificate("420704", WHO, "本人书面申请", erased, known())
    assert [(key.external_no, key.key_id) for key in said.keys] == [
        ("WQ2025-0828-21", "0" * 16),
        ("", ""),
    ]
    assert said.originals_until == LATER + erasure.ORIGINALS
    assert said == erasure.certificate("420704", WHO, "本人书面申请", erased, known())
    assert said.certificate == erasure.digest(said)
    assert erasure.digest(said.model_copy(update={"reason_zh": "别的事由"})) != said.certificate


@pytest.mark.parametrize(
    ("act", "account", "reason", "said"),
    [
        ("erase", "nobody", "本人书面申请", "花名册"),
        ("erase", "centre-duty", "本人书面申请", "无权"),
        ("erase", "centre-head", "", "事由"),
        ("erase", "centre-head", "字" * 201, "事由"),
        ("reveal", "centre-duty", "给13800001234回电", "电话"),
        ("reveal", "centre-duty", "查420704199013321234", "证件"),
        ("reveal", "procuratorate", "了解一下情况", "无权"),
    ],
)
def test_who_may_not_is_told_why(act, account, reason, said):
    with pytest.raises(audit.NotAllowed, match=said):
        audit.allowed(Settings(), act, account, reason)


def test_who_may():
    assert audit.allowed(Settings(), "erase", "centre-head", "本人书面申请") == WHO
    officer = audit.allowed(Settings(), "reveal", "g-420704001-G01-a", "约诉求人调解")
    assert (officer.grid, officer.unit_code) == ("420704001-G01", "420704001")


def test_on_leave_is_not_at_work(tmp_path):
    shutil.copytree(Settings().policies, tmp_path / "policies")
    roster = tmp_path / "policies" / "roster.csv"
    text = roster.read_text(encoding="utf-8")
    away = text.replace("centre-head,centre_head,,,,", "centre-head,centre_head,,,2020-01-01,")
    assert away != text
    roster.write_text(away, encoding="utf-8")
    with pytest.raises(audit.NotAllowed, match="请假"):
        audit.allowed(
            Settings(policies=tmp_path / "policies"), "erase", "centre-head", "本人书面申请"
        )


def test_leave_begins_at_the_offices_midnight_not_at_that_of_utc(tmp_path):
    shutil.copytree(Settings().policies, tmp_path / "policies")
    roster = tmp_path / "policies" / "roster.csv"
    text = roster.read_text(encoding="utf-8")
    roster.write_text(
        text.replace("centre-head,centre_head,,,,", "centre-head,centre_head,,,2026-11-27,"),
        encoding="utf-8",
    )
    clock = tmp_path / "clock"
    settings = Settings(policies=tmp_path / "policies", clock=f"stepped:{clock}")
    write_stepped(clock, datetime(2026, 11, 26, 15, 59, tzinfo=UTC))  # 23:59 at the office
    assert audit.allowed(settings, "erase", "centre-head", "本人书面申请")
    write_stepped(clock, datetime(2026, 11, 26, 16, 1, tzinfo=UTC))  # 00:01
    with pytest.raises(audit.NotAllowed, match="请假"):
        audit.allowed(settings, "erase", "centre-head", "本人书面申请")
