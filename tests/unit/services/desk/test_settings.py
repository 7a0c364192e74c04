"""Keys of channels: where they come from, and what the desk refuses to start with."""

import base64
import stat

import pytest
from pydantic import SecretStr

from schemas.matter import CHANNELS
from services.desk.settings import EXAMPLE_KEY, channel_keys, door_url, keys_of
from services.runtime.settings import BadSetting, Settings

ONE, TWO, THREE = (base64.b64encode(letter * 32).decode() for letter in (b"1", b"2", b"3"))
EXAMPLE = base64.b64encode(EXAMPLE_KEY).decode()


def test_two_keys_a_channel_so_that_it_can_change_them():
    text = f"# changed in May\n12345 {ONE}\n\n12345 {TWO}  # the next one\nwindow {THREE}\n"
    assert keys_of(text) == {"12345": (b"1" * 32, b"2" * 32), "window": (b"3" * 32,)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"12345 {ONE}\n12345 {TWO}\n12345 {THREE}", "line 3"),
        (f"12345 {ONE}\nwindow {ONE}", "the same key twice"),
        (f"hotline {ONE}", "line 1"),
        (ONE, "line 1"),
        ("12345 not*base64", "not base64"),
        ("12345 " + base64.b64encode(b"short").decode(), "needs 32 bytes, this has 5"),
    ],
)
def test_a_bad_line_is_named_and_its_key_is_not_shown(text, said, capsys):
    with pytest.raises(BadSetting) as refused:
        keys_of(text)
    assert refused.value.code == 78
    told = capsys.readouterr().err
    assert said in told
    assert ONE not in told


def test_without_given_keys_a_machine_makes_its_own_once(tmp_path):
    settings = Settings(home=tmp_path)
    made = channel_keys(settings)
    assert made.keys() == set(CHANNELS)
    assert len({key for keys in made.values() for key in keys}) == len(CHANNELS)
    assert channel_keys(settings) == made
    assert stat.S_IMODE((tmp_path / "desk/channel.keys").stat().st_mode) == 0o600
    assert [one.name for one in (tmp_path / "desk").iterdir()] == ["channel.keys"]


def test_the_key_of_the_documentation_opens_the_demo_and_nothing_else(tmp_path):
    demo = Settings(home=tmp_path, demo=True)
    assert set(channel_keys(demo).values()) == {(EXAMPLE_KEY,)}
    with pytest.raises(BadSetting, match="example key"):
        channel_keys(Settings(home=tmp_path, channel_keys=SecretStr(f"12345 {EXAMPLE}")))
    with pytest.raises(BadSetting, match="ANXIN_HTTP_HOST"):
        channel_keys(Settings(home=tmp_path, demo=True, http_host="0.0.0.0"))  # noqa: S104


def test_people_and_channels_are_served_on_this_machine_only_unless_told(tmp_path):
    settings = Settings(home=tmp_path)
    assert (settings.http_host, settings.probe_host) == ("127.0.0.1", "127.0.0.1")
    assert door_url(settings) == f"sqlite:///{tmp_path}/desk/door.db"
