"""Robots of the settings: what is refused, and that neither address nor secret is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.notifier.core.policy import problems
from services.notifier.settings import link_of, load_policy, outbox_url, robots_of
from services.runtime.settings import BadSetting, Settings
from tests.support.notices import POLICY, UNIT

KEY = "key=693a91f6-7xxx"
GOOD = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?{KEY}"


def test_a_line_a_robot():
    text = f"# of the centre\ncentre wecom {GOOD}\n\n{UNIT} dingtalk https://x.example/a SEC1\n"
    found = robots_of(text, POLICY)
    assert {(one.robot, one.kind, one.secret) for one in found.values()} == {
        ("centre", "wecom", ""),
        (UNIT, "dingtalk", "SEC1"),
    }
    assert robots_of("", POLICY) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"center wecom {GOOD}", "no robot of robots.toml"),
        (f"unit-999999999 wecom {GOOD}", "no robot of robots.toml"),
        (f"centre wechat {GOOD}", "no kind: wecom, dingtalk, feishu, sms"),
        (f"centre {GOOD}", "must be"),
        (f"centre wecom {GOOD} a b", "must be"),
        (f"centre wecom ftp://x.example/?{KEY}", "must begin with https"),
        (f"centre wecom http://x.example/?{KEY}", "https only"),
        (f"sms sms https://x.example/?{KEY}", "needs a secret"),
        (f"centre wecom {GOOD}\ncentre wecom {GOOD}", "line 2: centre a second time"),
    ],
)
def test_a_bad_line_is_named_and_its_secret_is_not(text, said, capsys):
    with pytest.raises(BadSetting) as refused:
        robots_of(text, POLICY)
    assert refused.value.code == 78
    told = capsys.readouterr().err
    assert said in told
    assert KEY not in told


def test_a_link_is_an_address_or_nothing():
    assert link_of(Settings(desk_address="https://a.example/")) == "https://a.example"
    assert link_of(Settings()) == ""
    with pytest.raises(BadSetting):
        link_of(Settings(desk_address="a.example"))


def test_the_policy_names_a_chat_for_everybody_who_may_be_told():
    policy = load_policy(Path(__file__).resolve().parents[4] / "policies")
    assert problems(policy) == []
    assert len(policy.units) == 14
    assert {"unit-420704001", "centre", "sms"} <= policy.robot_ids
    fewer = replace(policy, robots=policy.robots[1:])
    assert "no robot tells grid_officer" in problems(fewer)
    assert "nobody is no post of ladder.csv" in problems(replace(policy, vacant="nobody"))


def test_the_outbox_is_a_file_unless_a_server_is_named(tmp_path):
    settings = Settings(home=tmp_path / "home")
    assert outbox_url(settings) == f"sqlite:///{tmp_path}/home/notifier.db"
    url = "postgresql://anxin@db/anxin"
    assert outbox_url(settings.model_copy(update={"notifier_url": url})) == url
