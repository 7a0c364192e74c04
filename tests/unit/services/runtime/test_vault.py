import multiprocessing
from uuid import UUID

import pytest

from services.runtime.settings import Settings
from services.runtime.vault import Vault, open_vault

ONE, TWO = UUID(int=1), UUID(int=2)


def test_a_key_stays_the_same(database):
    vault = Vault(database("v"), b"k" * 32)
    first = vault.keys([ONE, TWO, ONE])
    assert len(set(first.values())) == 2
    assert Vault(database("v"), b"k" * 32).keys([TWO, ONE]) == first


def test_more_keys_than_one_statement_takes(database):
    vault = Vault(database("v"), b"k" * 32)
    assert len(vault.keys([UUID(int=n) for n in range(1_203)])) == 1_203


def test_the_keys_are_not_in_the_database(tmp_path):
    key = Vault(f"sqlite:///{tmp_path}/v.db", b"k" * 32).keys([ONE])[ONE]
    assert all(key not in file.read_bytes() for file in tmp_path.iterdir())


def test_local_secrets_are_made_once_and_private(tmp_path):
    settings = Settings(home=tmp_path)
    vault, person = open_vault(settings)
    again, same = open_vault(settings)
    assert person == same
    assert vault.keys([ONE]) == again.keys([ONE])
    assert (tmp_path / "vault" / "vault.key").stat().st_mode & 0o077 == 0


def test_a_short_key_is_refused(tmp_path):
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(f"sqlite:///{tmp_path}/v.db", b"short")


def _keys(url, gate, said):
    gate.wait(30)
    vault = Vault(url, b"k" * 32)
    found = {}
    for start in range(0, 400, 20):
        found |= vault.keys([UUID(int=number) for number in range(start, start + 20)])
    said.put(sorted(found.items()))


def test_workers_that_start_at_once_on_an_empty_vault_agree_on_every_key(database):
    fork = multiprocessing.get_context("fork")
    gate, said = fork.Barrier(4), fork.Queue()
    args = (database("vault"), gate, said)
    workers = [fork.Process(target=_keys, args=args) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [said.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(30)
    assert len(found[0]) == 400
    assert found == [found[0]] * 4
