"""What the desk refuses to start with, and that no secret stands in what it says."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.desk.login_settings import ids_of, providers_of
from services.runtime.settings import BadSetting, Settings, load_settings

SECRET = "kV3-9fQz0_b71LmXw2cTyR5u"  # noqa: S105 - opens nothing
OIDC = f"oidc issuer=https://id.example.gov.cn/realms/gov client_id=anxin secret={SECRET}"
DESK = "https://anxin.example.gov.cn"


def settings(lines: str, **more: Any) -> Settings:
    return Settings(logins=SecretStr(lines), **{"desk_address": DESK} | more)


def test_nothing_is_asked_of_who_gives_nothing():
    assert providers_of(Settings()) == {}
    assert ids_of(Settings(), {}) == {}


def test_a_line_is_a_provider_with_its_names():
    found = providers_of(
        settings(f"# 统一身份认证\n\n{OIDC} claim=employee_no name=政务统一认证\n")
    )
    one = found["oidc"]
    assert (one.issuer, one.client_id) == ("https://id.example.gov.cn/realms/gov", "anxin")
    assert (one.secret, one.claim, one.name_zh) == (SECRET, "employee_no", "政务统一认证")
    assert providers_of(settings(OIDC))["oidc"].claim == "sub"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("saml issuer=x", "line 1: no provider of that name"),
        (f"\n{OIDC}\n{OIDC}", "line 3: oidc a second time"),
        (f"oidc issuer=https://id.example secret={SECRET}", "lacks client_id"),
        (f"oidc issuer=https://id.example client_id= secret={SECRET}", "lacks client_id"),
        ("oidc issuer=https://id.example client_id=a", "lacks secret"),
        (f"{OIDC} scope=all", "takes each of these once"),
        (f"{OIDC} secret=another-one-of-32-characters-000", "takes each of these once"),
        (OIDC.replace("https://", "http://"), "issuer must begin with https://"),
        (OIDC.replace("https://id.", "ftp://id."), "issuer must begin with https://"),
        (OIDC.replace("https://", "https://u:p@"), "issuer must begin with https://"),
        (OIDC.replace(SECRET, "short"), "16 characters"),
        (f"wecom corp=ww1 secret={SECRET}", "lacks agent"),
        (f"dingtalk secret={SECRET}", "lacks client_id"),
        ("feishu client_id=cli_1", "lacks secret"),
        (f"feishu client_id=cli_1 secret={SECRET} api=http://gov.example", "api must begin"),
        (f"feishu client_id=cli_1 secret={SECRET} name=x", "takes each of these once"),
        (OIDC.replace(SECRET, "example-secret-of-the-docs"), "one of an example"),
        (OIDC.replace(SECRET, "ChangeMeChangeMeChangeMe"), "one of an example"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_its_values_are_not_shown(lines, said, capsys):
    with pytest.raises(BadSetting) as refused:
        providers_of(settings(lines))
    assert refused.value.code == 78
    told = capsys.readouterr().err
    assert said in told
    assert SECRET not in told
    assert "id.example" not in told


@pytest.mark.parametrize(
    "address",
    ["", "http://anxin.example.gov.cn", "anxin.example.gov.cn", f"{DESK}/desk", f"{DESK}?a=b"],
)
def test_where_people_open_the_desk_must_be_known_and_safe(address):
    with pytest.raises(BadSetting, match="ANXIN_DESK_ADDRESS"):
        providers_of(settings(OIDC, desk_address=address))


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost", "[::1]:8081"])
def test_on_loopback_http_is_enough(host):
    line = OIDC.replace("https://id.example.gov.cn", f"http://{host}")
    assert providers_of(settings(line, desk_address=f"http://{host}/"))["oidc"]


def test_a_click_for_anybody_does_not_stand_beside_a_login_except_on_loopback():
    with pytest.raises(BadSetting, match="ANXIN_DEMO"):
        providers_of(settings(OIDC, demo=True))
    short = OIDC.replace(SECRET, "s")  # a demo may show how it is done
    assert providers_of(settings(short, demo=True, desk_address="http://127.0.0.1:8081"))


def test_the_file_of_ids(tmp_path):
    path = tmp_path / "ids.csv"
    providers = providers_of(settings(OIDC))
    path.write_text("\ufeffprovider,id,account\noidc, sub-1 ,centre-duty\n", encoding="utf-8")
    found = ids_of(settings(OIDC, login_ids=path), providers)
    assert found == {("oidc", "sub-1"): "centre-duty"}
    with pytest.raises(BadSetting, match="needs ANXIN_LOGIN_IDS"):
        ids_of(settings(OIDC), providers)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("provider,id,account\nldap,1,a", "line 2: must be"),
        ("provider,id,account\noidc,1", "line 2: must be"),
        ("oidc,1,a\noidc,2,b", "line 2: must be"),
        ("provider,id,account\noidc,1,a\noidc,1,b", "line 3: this id a second time"),
        ("provider,id,account\noidc,*,director", "stands for both"),
        ("provider,id,account\noidc,1,*", "stands for both"),
    ],
)
def test_a_bad_row_of_it(tmp_path, text, said, capsys):
    path = tmp_path / "ids.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting):
        ids_of(settings(OIDC, login_ids=path), providers_of(settings(OIDC)))
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_of_ids_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "ids.csv"
    if content:
        path.write_bytes(content)
    with pytest.raises(BadSetting, match="ANXIN_LOGIN_IDS"):
        ids_of(settings(OIDC, login_ids=path), providers_of(settings(OIDC)))


def test_they_may_come_from_a_file(monkeypatch, tmp_path: Path):
    path = tmp_path / "logins"
    path.write_text(OIDC)
    monkeypatch.setenv("ANXIN_LOGINS_FILE", str(path))
    monkeypatch.setenv("ANXIN_DESK_ADDRESS", DESK)
    found = load_settings()
    assert providers_of(found)["oidc"]
    assert SECRET not in repr(found)
