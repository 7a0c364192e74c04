"""A bundle has one name whatever saved it, comes back whole, and loads as the folder it was made of."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.policies import PolicyPublished
from services.escalation.settings import policy_in as escalation_policy
from services.intake.settings import policy_in as intake_policy
from services.router.settings import policy_in as router_policy
from services.runtime.policy_bundle import (
    BUNDLE_BYTES_MAX,
    FILES_MAX,
    Bundle,
    bundle,
    bundle_of,
    files_in,
    folder_of,
    hash_of,
    in_force,
    pack,
    sealed,
    unpack,
    unsealed,
)
from services.runtime.policy_files import policy_hash
from services.runtime.settings import Settings
from tests.support.events import examples

HERE = Settings().policies
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1)
FOLDERS = st.dictionaries(NAMES, st.binary(max_size=40), max_size=5)


def manifest(folder: Path, text: str) -> Path:
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return folder


@given(FOLDERS)
def test_what_was_packed_comes_back(files):
    content = pack(files)
    lines = {name: text.replace(b"\r\n", b"\n") for name, text in files.items()}
    assert unpack(content) == lines
    assert unsealed(sealed(content)) == content


def test_the_bytes_and_the_name_stay_what_they_are():
    """A case is pinned to a name for ever: golden, as schemas/examples."""
    text = 'version = "2027.1"\neffective_from = 2027-01-01\nnote = "示例"\n'
    content = pack({"manifest.toml": text.encode()})
    assert content == b"manifest.toml\x0063\x00" + text.encode()
    assert hash_of(content) == "7727cae4dcf463189bd3a41e3c51384d"
    (example,) = (one for one in examples() if isinstance(one, PolicyPublished))
    assert (example.hash, unsealed(example.content)) == (hash_of(content), content)


@given(FOLDERS, FOLDERS)
def test_two_folders_have_one_name_only_if_they_are_one(these, those):
    same = unpack(pack(these)) == unpack(pack(those))
    assert (hash_of(pack(these)) == hash_of(pack(those))) == same


@given(FOLDERS)
def test_order_does_not_matter(files):
    assert pack(dict(reversed(files.items()))) == pack(files)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_or_are_a_bundle(content):
    try:
        files = unpack(content)
    except ValueError:
        return
    assert pack(files) == content


@pytest.mark.parametrize("text", ["", "%%%", "AAAA", sealed(b"x" * 1000)[:20]])
def test_what_is_not_whole_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        unsealed(text)


def test_a_bomb_is_not_unpacked():
    with pytest.raises(ValueError, match="more than"):
        unsealed(sealed(b"\0" * (BUNDLE_BYTES_MAX + 1)))
    with pytest.raises(ValueError, match="at most"):
        pack({"a.csv": b"\0" * BUNDLE_BYTES_MAX})


def test_line_ends_and_what_editors_leave_do_not_change_the_name(tmp_path):
    copy = Path(shutil.copytree(HERE, tmp_path / "policies"))
    clocks = copy / "clocks.csv"
    clocks.write_bytes(clocks.read_bytes().replace(b"\n", b"\r\n"))
    (copy / "clocks.csv~").write_text("an editor's copy")
    (copy / ".~lock.clocks.csv").write_text("a spreadsheet's lock")
    assert bundle_of(copy) == bundle_of(HERE)
    clocks.write_bytes(clocks.read_bytes().replace(b"S01", b"S00", 1))
    assert bundle_of(copy).hash != bundle_of(HERE).hash


def test_linked_folders_are_folders_and_a_loop_or_a_heap_of_files_ends(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    for one in HERE.iterdir():
        (folder / one.name).symlink_to(one)
    assert bundle_of(folder).hash == bundle_of(HERE).hash
    (folder / "loop").symlink_to(folder)
    with pytest.raises(ValueError, match="a link that leads to itself"):
        bundle_of(folder)
    (folder / "loop").unlink()
    (folder / "more").mkdir()
    for number in range(FILES_MAX):
        (folder / "more" / f"{number}.csv").touch()
    with pytest.raises(ValueError, match=f"more than {FILES_MAX}"):
        bundle_of(folder)


def test_a_bundle_in_memory_loads_as_the_folder_does():
    memory = folder_of(bundle_of(HERE).content)
    assert escalation_policy(memory) == escalation_policy(HERE)
    assert router_policy(memory) == router_policy(HERE)
    ours, theirs = (intake_policy(f, "420704", b"nobody") for f in (memory, HERE))
    assert (ours.columns, ours.join) == (theirs.columns, theirs.join)
    assert files_in(memory) == unpack(bundle_of(HERE).content)
    assert policy_hash(memory) == policy_hash(HERE) == int(bundle_of(HERE).hash[:12], 16)


def test_the_manifest_is_read(tmp_path):
    said = 'version = "2027.1"\neffective_from = 2027-01-01\nnote = "n"\nstatutory_change = " "'
    one = bundle_of(manifest(tmp_path, said))
    assert (one.version, one.effective_from, one.note, one.statutory_change) == (
        "2027.1",
        date(2027, 1, 1),
        "n",
        "",
    )
    assert bundle(one.content) == one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "version"),
        ('version = " "\neffective_from = 2027-01-01', "version"),
        ('version = "1"\neffective_from = "2027-01-01"', "effective_from"),
        ('version = "1"\neffective_from = 2027-01-01T00:00:00', "effective_from"),
        ('version = "1"\neffective_from = 2027-01-01\nnote = 3', "note"),
        ("version = ", "Invalid value"),
    ],
)
def test_a_manifest_that_lacks_something_is_refused(tmp_path, text, said):
    with pytest.raises(ValueError, match=said):
        bundle_of(manifest(tmp_path, text))


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path):
    with pytest.raises(ValueError, match=r"manifest\.toml: the file is missing"):
        bundle_of(tmp_path)


def test_in_force_is_the_newest_in_effect_and_of_two_the_later_published():
    def one(name: str, day: date) -> Bundle:
        return Bundle(name, name, day, "", "", b"")

    old, new, again = (
        one("old", date(2026, 1, 1)),
        one("new", date(2027, 1, 1)),
        one("again", date(2027, 1, 1)),
    )
    assert in_force([old, new, again], date(2025, 12, 31)) is None
    assert in_force([new, old], date(2026, 12, 31)) == old
    assert in_force([new, again, old], date(2027, 1, 1)) == again
