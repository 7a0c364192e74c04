"""Who may say who a person is: providers and the office's file of ids, read and judged once, at the start."""

import csv
import io
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.desk.core.login import LOOPBACK, Provider, is_safe
from services.desk.core.login_chats import DingTalk, Feishu, WeCom
from services.desk.core.login_oidc import Oidc
from services.runtime.settings import BadSetting, Settings

KINDS: Mapping[str, Any] = {"oidc": Oidc, "wecom": WeCom, "dingtalk": DingTalk, "feishu": Feishu}
ADDRESSES = ("issuer", "pages", "api")
SECRET_CHARS_MIN = 16
MADE_UP = ("example", "change", "placeholder", "password")
"""Words of examples, ours and others'."""
COLUMNS = ("provider", "id", "account")


def providers_of(settings: Settings) -> dict[str, Provider]:
    """Lines `<provider> <name>=<value> …`; empty lines and # are passed over. Raises BadSetting.

    What it says of a line never repeats a value.
    """
    found: dict[str, Provider] = {}
    for number, line in enumerate(settings.logins.get_secret_value().splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"ANXIN_LOGINS, line {number}:"
        if words[0] not in KINDS:
            raise BadSetting(f"{where} no provider of that name: {', '.join(KINDS)}")
        if words[0] in found:
            raise BadSetting(f"{where} {words[0]} a second time")
        found[words[0]] = _provider(words[0], words[1:], where, demo=settings.demo)
    if found:
        _check_address(settings)
    return found


def _provider(name: str, words: list[str], where: str, *, demo: bool) -> Provider:
    kind = KINDS[name]
    known = {one.name: one.default is MISSING for one in fields(kind)}
    given = dict(word.partition("=")[::2] for word in words)
    if len(given) < len(words) or not given.keys() <= known.keys():
        raise BadSetting(f"{where} {name} takes each of these once: {', '.join(known)}")
    if missing := [one for one, must in known.items() if must and not given.get(one)]:
        raise BadSetting(f"{where} {name} lacks {', '.join(missing)}")
    for one in ADDRESSES:
        if given.get(one) and (not is_safe(given[one]) or "?" in given[one]):
            raise BadSetting(f"{where} {one} must begin with https:// (http:// on loopback only)")
    if not demo:
        _check_secret(given["secret"], where)
    made: Provider = kind(**given)
    return made


def _check_secret(secret: str, where: str) -> None:
    if len(secret) < SECRET_CHARS_MIN:
        raise BadSetting(f"{where} a secret has {SECRET_CHARS_MIN} characters at least")
    if any(word in secret.lower() for word in MADE_UP):
        raise BadSetting(f"{where} the secret is one of an example: take the provider's own")


def address_of(settings: Settings) -> str:
    """Where people open the desk, without a slash at the end."""
    return settings.desk_address.rstrip("/")


def _check_address(settings: Settings) -> None:
    address = address_of(settings)
    parts = urlsplit(address)
    if not address or not is_safe(address) or parts.path or parts.query:
        raise BadSetting(
            "ANXIN_LOGINS needs ANXIN_DESK_ADDRESS, where people open the desk: https://<host> and nothing behind it "
            "(http:// on loopback only)"
        )
    if settings.demo and parts.hostname not in LOOPBACK:
        raise BadSetting(
            "ANXIN_DEMO logs anybody in with a click: not beside ANXIN_LOGINS, except on loopback"
        )


def ids_of(settings: Settings, providers: Mapping[str, Provider]) -> dict[tuple[str, str], str]:
    """`provider,id,account` of ANXIN_LOGIN_IDS; `oidc,*,*` = the ids of oidc are the accounts. Raises BadSetting.

    Whether an account stands in the roster is asked at the login: who leaves the roster leaves one file, not two.
    """
    if not providers:
        return {}
    if settings.login_ids is None:
        raise BadSetting(
            "ANXIN_LOGINS needs ANXIN_LOGIN_IDS, the file that says whose id is which account"
        )
    found: dict[tuple[str, str], str] = {}
    for number, row in enumerate(_rows(settings.login_ids), 2):
        where = f"ANXIN_LOGIN_IDS, line {number}:"
        provider, subject, account = ((row.get(one) or "").strip() for one in COLUMNS)
        if provider not in KINDS or not subject or not account:
            raise BadSetting(f"{where} must be {','.join(COLUMNS)}; providers: {', '.join(KINDS)}")
        if (subject == "*") != (account == "*"):
            raise BadSetting(f"{where} * stands for both the id and the account, or for none")
        if (provider, subject) in found:
            raise BadSetting(f"{where} this id a second time")
        found[provider, subject] = account
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSetting(f"ANXIN_LOGIN_IDS: {path}: {error.strerror}") from None
    except ValueError:
        raise BadSetting(f"ANXIN_LOGIN_IDS: {path}: not UTF-8") from None
    return list(csv.DictReader(io.StringIO(text, newline="")))
